/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the machine from going to sleep: logind does that until its file descriptor is closed. */
#include "hints/inhibit.h"

#include "hints/peer.h"

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

struct _SlInhibit {
  SlPeer *peer; /* (owned) */
  gboolean active;
  gboolean refused;      /* the refusal is in the log */
  GCancellable *request; /* (owned) (nullable) of the call that is pending */
  int fd;                /* -1: nothing is held */
};

static void
release (SlInhibit *inhibit)
{
  if (inhibit->fd >= 0)
    g_close (inhibit->fd, NULL);
  inhibit->fd = -1;
}

static void
cancel (SlInhibit *inhibit)
{
  g_cancellable_cancel (inhibit->request);
  g_clear_object (&inhibit->request);
}

/* The file descriptor; -1 with @error. */
static int
finish_request (GObject *source, GAsyncResult *result, GError **error)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &fds, result,
                                                       error);
  gint32 handle;

  if (reply == NULL)
    return -1;
  g_variant_get (reply, "(h)", &handle);
  if (fds == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (fds)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "no file descriptor came with the answer");
    return -1;
  }
  return g_unix_fd_list_get (fds, handle, error);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  SlInhibit *inhibit = data;
  g_autoptr (GError) error = NULL;
  int fd = finish_request (source, result, &error);

  /* the inhibitor may have been freed */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&inhibit->request);
  if (fd >= 0) {
    release (inhibit);
    inhibit->fd = fd;
  } else if (!inhibit->refused) {
    inhibit->refused = TRUE;
    g_debug ("The machine can’t be kept awake: %s", error->message);
  }
}

/* Call it only when no request is pending. A descriptor that is held is kept until the new one arrives. */
static void
request (SlInhibit *inhibit)
{
  const char *owner = sl_peer_get_owner (inhibit->peer);

  if (owner == NULL)
    return;
  inhibit->request = g_cancellable_new ();
  g_dbus_connection_call_with_unix_fd_list (
      sl_peer_get_bus (inhibit->peer), owner, "/org/freedesktop/login1",
      "org.freedesktop.login1.Manager", "Inhibit",
      g_variant_new ("(ssss)", "sleep", "Sluice", "Files are being downloaded", "block"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, SL_PEER_TIMEOUT, NULL,
      inhibit->request, on_answer, inhibit);
}

/* A restarted logind knows the locks of before, but not those that were closed meanwhile: we ask again. */
static void
on_owner (const char *owner, gpointer data)
{
  SlInhibit *inhibit = data;

  cancel (inhibit);
  if (owner != NULL && inhibit->active)
    request (inhibit);
}

SlInhibit *
sl_inhibit_new (GDBusConnection *system)
{
  SlInhibit *inhibit = g_new0 (SlInhibit, 1);

  inhibit->fd = -1;
  inhibit->peer = sl_peer_new (system, "org.freedesktop.login1", SL_PEER_NONE, on_owner, inhibit);
  return inhibit;
}

void
sl_inhibit_set (SlInhibit *inhibit, gboolean active)
{
  if (active == inhibit->active)
    return;
  inhibit->active = active;
  if (active) {
    request (inhibit);
  } else {
    cancel (inhibit);
    release (inhibit);
  }
}

gboolean
sl_inhibit_is_held (SlInhibit *inhibit)
{
  return inhibit->fd >= 0;
}

void
sl_inhibit_free (SlInhibit *inhibit)
{
  cancel (inhibit);
  release (inhibit);
  sl_peer_free (inhibit->peer);
  g_free (inhibit);
}
