/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the body of one response. */
#include "http/body-reader.h"

#include "base/error.h"
#include "http/http-error.h"
#include "http/receive-window.h"
#include "http/wire.h"

struct _SlBodyReader {
  SlSessionPool *pool;
  SoupSession *session; /* in use; belongs to @pool */
  SoupMessage *message; /* (owned) libsoup needs it while the body is read */
  GInputStream *stream; /* (owned) */
  SlWire *wire;         /* (owned) (nullable) below @stream */
  gboolean has_held;    /* @held was read, but not returned yet */
  guint8 held;
};

SlBodyReader *
sl_body_reader_new (SoupMessage *message,
                    GInputStream *stream,
                    SlSessionPool *pool,
                    SoupSession *session)
{
  SlBodyReader *reader = g_new0 (SlBodyReader, 1);

  reader->pool = pool;
  reader->session = session;
  reader->message = g_object_ref (message);
  reader->stream = g_object_ref (stream);
  g_set_object (&reader->wire, sl_wire_find (stream));
  return reader;
}

void
sl_body_reader_free (SlBodyReader *reader)
{
  g_input_stream_close (reader->stream, NULL, NULL);
  sl_session_pool_settle ();
  g_clear_object (&reader->wire);
  g_object_unref (reader->stream);
  g_object_unref (reader->message);
  sl_session_pool_release (reader->pool, reader->session);
  g_free (reader);
}

/*
 * libsoup 3.2.3 takes a connection that ends between two chunks, and a size line without digits, for the end of the
 * body.
 */
static gboolean
check_end (SlBodyReader *reader, GError **error)
{
  if (reader->wire != NULL && sl_wire_is_complete (reader->wire))
    return TRUE;
  g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_CONNECT,
                       "The connection ended before the last part of the file");
  return FALSE;
}

/* Returns the byte that was read before; FALSE if there is none. */
static gboolean
take_held (SlBodyReader *reader, guint8 *buffer)
{
  if (!reader->has_held)
    return FALSE;
  *buffer = reader->held;
  reader->has_held = FALSE;
  return TRUE;
}

/*
 * libsoup 3.2 can't read the end of a chunked body into a buffer of one byte. So it gets two bytes, of which one is
 * held.
 */
static gssize
keep_second (SlBodyReader *reader, const guint8 *two, gssize n, guint8 *buffer)
{
  if (n <= 0)
    return n;
  *buffer = two[0];
  reader->has_held = n == 2;
  reader->held = two[1];
  return 1;
}

static gssize
read_stream (SlBodyReader *reader,
             gpointer buffer,
             gsize length,
             gboolean blocking,
             GCancellable *cancellable,
             GError **error)
{
  guint8 two[2];

  if (length != 1)
    return g_pollable_stream_read (reader->stream, buffer, length, blocking, cancellable, error);
  return keep_second (reader, two,
                      g_pollable_stream_read (reader->stream, two, 2, blocking, cancellable, error),
                      buffer);
}

/* Reads, checks the end of the body, and reports errors in our words. */
static gssize
read_checked (SlBodyReader *reader,
              gpointer buffer,
              gsize length,
              gboolean blocking,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) cause = NULL;
  gssize n;

  if (length > 0 && take_held (reader, buffer))
    return 1;
  n = read_stream (reader, buffer, length, blocking, cancellable, &cause);
  if (!blocking && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_propagate_error (error, g_steal_pointer (&cause));
  else if (n < 0)
    g_propagate_error (error,
                       sl_http_error_new (cause, "Reading from",
                                          g_uri_get_host (soup_message_get_uri (reader->message))));
  return n == 0 && length > 0 && !check_end (reader, error) ? -1 : n;
}

gssize
sl_body_reader_read (
    SlBodyReader *reader, gpointer buffer, gsize length, GCancellable *cancellable, GError **error)
{
  gssize n;

  sl_wire_set_cancellable (cancellable);
  n = read_checked (reader, buffer, length, TRUE, cancellable, error);
  sl_wire_set_cancellable (NULL);
  return n;
}

gssize
sl_body_reader_read_ready (SlBodyReader *reader, gpointer buffer, gsize length, GError **error)
{
  if (!G_IS_POLLABLE_INPUT_STREAM (reader->stream) ||
      !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (reader->stream))) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "not pollable");
    return -1;
  }
  return read_checked (reader, buffer, length, FALSE, NULL, error);
}

void
sl_body_reader_limit_ahead (SlBodyReader *reader, gsize bytes)
{
  if (reader->wire != NULL)
    sl_receive_window_limit (G_INPUT_STREAM (reader->wire), bytes);
}
