/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS: prepares GnuTLS, and describes faults of certificates. */
#include "http/tls.h"

#include "base/text.h"

#include <gnutls/gnutls.h>

/* RFC 8996: TLS 1.0 and 1.1 must not be used; see the header about tickets. */
#define OURS "-VERS-TLS1.0:-VERS-TLS1.1:%NO_TICKETS"
/* Limit for a name in a certificate. */
#define NAME_MAX_LENGTH 200

static gboolean
is_valid (const char *priority)
{
  gnutls_priority_t parsed;

  if (gnutls_priority_init2 (&parsed, priority, NULL, 0) != GNUTLS_E_SUCCESS)
    return FALSE;
  gnutls_priority_deinit (parsed);
  return TRUE;
}

/* glib-networking reads the variable once, and uses it instead of its default (the system's with %COMPAT). */
void
sl_tls_prepare_process (void)
{
  const char *given = g_getenv ("G_TLS_GNUTLS_PRIORITY");
  const char *const bases[] = {given, "@SYSTEM:%COMPAT", "NORMAL:%COMPAT"};

  if (given != NULL && g_str_has_suffix (given, OURS))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (bases); i++) {
    g_autofree char *priority = bases[i] != NULL ? g_strconcat (bases[i], ":" OURS, NULL) : NULL;
    if (priority != NULL && is_valid (priority)) {
      g_setenv ("G_TLS_GNUTLS_PRIORITY", priority, TRUE);
      return;
    }
  }
}

void
sl_tls_expect_orderly_end (GIOStream *connection)
{
  if (G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (connection), TRUE);
}

/* (transfer full): the names that the certificate is for */
static char *
describe_names (GTlsCertificate *certificate)
{
  g_autoptr (GPtrArray) names = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GPtrArray) addresses = g_tls_certificate_get_ip_addresses (certificate);
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; names != NULL && i < names->len; i++) {
    gsize size;
    const char *name = g_bytes_get_data (names->pdata[i], &size);
    g_string_append_printf (list, "%s%.*s", list->len > 0 ? ", " : "", (int)size, name);
  }
  for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
    g_autofree char *address = g_inet_address_to_string (addresses->pdata[i]);
    g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", address);
  }
  return list->len > 0 ? sl_text_clean (list->str, NAME_MAX_LENGTH) : g_strdup ("no host at all");
}

static char *
describe_date (GDateTime *date)
{
  return date != NULL ? g_date_time_format_iso8601 (date) : g_strdup ("an unknown time");
}

static void
add (GString *sentence, const char *what)
{
  g_string_append_printf (sentence, "%s%s", sentence->len > 0 ? "; it " : "it ", what);
}

static void
add_dates (GString *sentence, GTlsCertificate *certificate, GTlsCertificateFlags faults)
{
  g_autoptr (GDateTime) from = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr (GDateTime) until = g_tls_certificate_get_not_valid_after (certificate);
  g_autofree char *from_text = describe_date (from);
  g_autofree char *until_text = describe_date (until);
  g_autofree char *text = NULL;

  if (faults & G_TLS_CERTIFICATE_EXPIRED)
    text = g_strdup_printf ("expired at %s", until_text);
  else
    text = g_strdup_printf ("is not valid before %s", from_text);
  add (sentence, text);
}

char *
sl_tls_describe_faults (GTlsCertificate *certificate, GTlsCertificateFlags faults, const char *host)
{
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autofree char *shown_subject = sl_text_clean (subject, NAME_MAX_LENGTH);
  g_autofree char *shown_issuer = sl_text_clean (issuer, NAME_MAX_LENGTH);
  g_autoptr (GString) sentence = g_string_new (NULL);

  if (faults & G_TLS_CERTIFICATE_UNKNOWN_CA)
    add (sentence, g_strcmp0 (subject, issuer) == 0
                       ? "is self-signed, and not trusted"
                       : "is signed by an authority that is not trusted");
  if (faults & G_TLS_CERTIFICATE_BAD_IDENTITY) {
    g_autofree char *names = describe_names (certificate);
    g_autofree char *text = g_strdup_printf ("is for %s, not for %s", names, host);
    add (sentence, text);
  }
  if (faults & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED))
    add_dates (sentence, certificate, faults);
  if (faults & G_TLS_CERTIFICATE_REVOKED)
    add (sentence, "was revoked");
  if (faults & G_TLS_CERTIFICATE_INSECURE)
    add (sentence, "uses an insecure algorithm");
  if (sentence->len == 0)
    add (sentence, "can't be verified");
  return g_strdup_printf ("The certificate of %s can’t be accepted: %s (subject %s, issuer %s)",
                          host, sentence->str, shown_subject, shown_issuer);
}
