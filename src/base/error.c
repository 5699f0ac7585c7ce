/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error table, and the registration of the domain with GDBus. */
#include "config.h"

#include "base/error.h"

#include "base/text.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/* Indexed by SluiceError. Windows codes: Delivery Optimization (0x80D0…), BITS (0x8020…), Win32. */
static const SlErrorInfo error_table[] = {
    [SLUICE_ERROR_INVALID_ARGUMENT] = {"InvalidArgument", FALSE, SL_CONTEXT_QUEUE,
                                       N_ ("The argument is not valid"), 0x80070057},
    [SLUICE_ERROR_INVALID_STATE] = {"InvalidState", FALSE, SL_CONTEXT_QUEUE,
                                    N_ ("The state does not allow it"), 0x80D02013},
    [SLUICE_ERROR_NOT_FOUND] = {"NotFound", FALSE, SL_CONTEXT_QUEUE, N_ ("There is no such object"),
                                0x80D02003},
    [SLUICE_ERROR_NOT_AUTHORIZED] = {"NotAuthorized", FALSE, SL_CONTEXT_POLICY,
                                     N_ ("Not authorized"), 0x80070005},
    [SLUICE_ERROR_LIMIT_EXCEEDED] = {"LimitExceeded", TRUE, SL_CONTEXT_QUEUE,
                                     N_ ("A limit was reached"), 0x80200049},
    [SLUICE_ERROR_INVALID_URI] = {"InvalidUri", FALSE, SL_CONTEXT_REMOTE_FILE,
                                  N_ ("The address can’t be used"), 0x80D02200},
    [SLUICE_ERROR_LOCAL_FILE] = {"LocalFile", FALSE, SL_CONTEXT_LOCAL_FILE,
                                 N_ ("The local file can’t be read or written"), 0x80D02018},
    [SLUICE_ERROR_NO_SPACE] = {"NoSpace", TRUE, SL_CONTEXT_LOCAL_FILE,
                               N_ ("The file system is full"), 0x80070070},
    [SLUICE_ERROR_FILE_EXISTS] = {"FileExists", FALSE, SL_CONTEXT_LOCAL_FILE,
                                  N_ ("The file exists already"), 0x80070050},
    [SLUICE_ERROR_HTTP_STATUS] = {"HttpStatus", FALSE, SL_CONTEXT_REMOTE_FILE,
                                  N_ ("The server refused"), 0x80190190},
    [SLUICE_ERROR_RANGE_NOT_SUPPORTED] = {"RangeNotSupported", FALSE, SL_CONTEXT_REMOTE_FILE,
                                          N_ ("The server does not send parts of a file"),
                                          0x80D05011},
    [SLUICE_ERROR_INVALID_RESPONSE] = {"InvalidResponse", FALSE, SL_CONTEXT_REMOTE_FILE,
                                       N_ ("The server’s response is wrong"), 0x80D05001},
    [SLUICE_ERROR_SIZE_UNKNOWN] = {"SizeUnknown", FALSE, SL_CONTEXT_REMOTE_FILE,
                                   N_ ("The server does not say the size"), 0x80D0201A},
    [SLUICE_ERROR_TOO_LARGE] = {"TooLarge", FALSE, SL_CONTEXT_POLICY,
                                N_ ("The file is larger than allowed"), 0x80200046},
    [SLUICE_ERROR_REMOTE_FILE_CHANGED] = {"RemoteFileChanged", TRUE, SL_CONTEXT_REMOTE_FILE,
                                          N_ ("The file changed on the server"), 0x8020004B},
    [SLUICE_ERROR_NAME_RESOLUTION] = {"NameResolution", TRUE, SL_CONTEXT_TRANSPORT,
                                      N_ ("The host’s name was not found"), 0x80072EE7},
    [SLUICE_ERROR_CONNECT] = {"Connect", TRUE, SL_CONTEXT_TRANSPORT,
                              N_ ("No connection, or it was lost"), 0x80072EFD},
    [SLUICE_ERROR_TLS] = {"Tls", FALSE, SL_CONTEXT_TRANSPORT, N_ ("The secure connection failed"),
                          0x80D05002},
    [SLUICE_ERROR_PROXY] = {"Proxy", TRUE, SL_CONTEXT_TRANSPORT, N_ ("The proxy failed"),
                            0x80190197},
    [SLUICE_ERROR_TIMEOUT] = {"Timeout", TRUE, SL_CONTEXT_TRANSPORT,
                              N_ ("The server did not answer in time"), 0x80072EE2},
    [SLUICE_ERROR_NO_PROGRESS] = {"NoProgress", FALSE, SL_CONTEXT_TRANSPORT,
                                  N_ ("No byte arrived for too long"), 0x80D02002},
    [SLUICE_ERROR_MAXIMUM_TIME] = {"MaximumTime", FALSE, SL_CONTEXT_QUEUE,
                                   N_ ("The transfer took too long"), 0x80200048},
    [SLUICE_ERROR_REDIRECT] = {"Redirect", FALSE, SL_CONTEXT_REMOTE_FILE,
                               N_ ("A redirect was not followed"), 0x80072F08},
    [SLUICE_ERROR_DIGEST_MISMATCH] = {"DigestMismatch", FALSE, SL_CONTEXT_INTEGRITY,
                                      N_ ("The content is not the one that was expected"),
                                      0x80D06805},
    [SLUICE_ERROR_BLOCKED_BY_POLICY] = {"BlockedByPolicy", FALSE, SL_CONTEXT_POLICY,
                                        N_ ("A rule of the administrator forbids it"), 0x80D03002},
    [SLUICE_ERROR_EXPIRED] = {"Expired", FALSE, SL_CONTEXT_QUEUE,
                              N_ ("Nobody asked for it for too long"), 0x80D0200C},
    [SLUICE_ERROR_INTERNAL] = {"Internal", FALSE, SL_CONTEXT_QUEUE, N_ ("A fault in the service"),
                               0x80D06802},
};
G_STATIC_ASSERT (G_N_ELEMENTS (error_table) == SLUICE_N_ERRORS);

static const char *const context_names[] = {
    [SL_CONTEXT_NONE] = "",
    [SL_CONTEXT_POLICY] = "policy",
    [SL_CONTEXT_QUEUE] = "queue",
    [SL_CONTEXT_LOCAL_FILE] = "local-file",
    [SL_CONTEXT_REMOTE_FILE] = "remote-file",
    [SL_CONTEXT_TRANSPORT] = "transport",
    [SL_CONTEXT_INTEGRITY] = "integrity",
    [SL_CONTEXT_NOTIFICATION] = "notification",
};

/**
 * sluice_error_quark:
 *
 * The quark of #SLUICE_ERROR. The first call registers the domain with GDBus,
 * which from then on maps the errors of the bus by name in both directions.
 *
 * Returns: the quark
 */
GQuark
sluice_error_quark (void)
{
  static gsize quark = 0;

  if (g_once_init_enter (&quark)) {
    GQuark domain = g_quark_from_static_string ("sluice-error");
    for (int i = 0; i < SLUICE_N_ERRORS; i++) {
      g_autofree char *name = sl_error_dbus_name ((SluiceError)i);
      g_dbus_error_register_error (domain, i, name);
    }
    g_once_init_leave (&quark, domain);
  }
  return (GQuark)quark;
}

const SlErrorInfo *
sl_error_info (SluiceError code)
{
  if ((guint)code >= SLUICE_N_ERRORS)
    code = SLUICE_ERROR_INTERNAL;
  return &error_table[code];
}

const char *
sl_error_text (SluiceError code)
{
  return g_dgettext (GETTEXT_PACKAGE, sl_error_info (code)->text);
}

char *
sl_error_dbus_name (SluiceError code)
{
  return g_strconcat (SL_ERROR_PREFIX, sl_error_info (code)->dbus_name, NULL);
}

gboolean
sl_error_from_dbus_name (const char *name, SluiceError *code)
{
  if (!g_str_has_prefix (name, SL_ERROR_PREFIX))
    return FALSE;
  name += strlen (SL_ERROR_PREFIX);
  for (int i = 0; i < SLUICE_N_ERRORS; i++) {
    if (g_str_equal (error_table[i].dbus_name, name)) {
      *code = (SluiceError)i;
      return TRUE;
    }
  }
  return FALSE;
}

const char *
sl_error_context_to_string (SlErrorContext context)
{
  return context_names[context];
}

gboolean
sl_error_is_descriptors (int err)
{
  return err == EMFILE || err == ENFILE;
}

void
sl_error_set_errno (GError **error, int err, const char *what, const char *path)
{
  SluiceError code = SLUICE_ERROR_LOCAL_FILE;
  /* the name must not be able to forge a line of the log */
  g_autofree char *shown = sl_text_path (path);

  if (err == ENOSPC || err == EDQUOT)
    code = SLUICE_ERROR_NO_SPACE;
  else if (sl_error_is_descriptors (err))
    code = SLUICE_ERROR_LIMIT_EXCEEDED;
  g_set_error (error, SLUICE_ERROR, (int)code, "Could not %s “%s”: %s", what, shown,
               g_strerror (err));
}
