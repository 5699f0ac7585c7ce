/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream between a connection and libsoup that passes on only checked bytes. */
#include "http/wire.h"

#include "http/framing.h"

#include <string.h>

/* How much is read at once outside of content. */
#define READ_SIZE 16384

struct _SlWire {
  GFilterInputStream parent_instance;
  SlFraming *framing; /* (owned) */
  guint8 *
      in; /* (owned) (nullable) bytes that were read but not checked; allocated when first needed */
  gsize in_start, in_end;
  GByteArray *out; /* (owned) bytes for the reader */
  guint out_start;
  GError *failure; /* (owned) (nullable) reported when @out has been read */
  gboolean spoilt; /* bytes arrived that belong to no response, so no other response may follow */
};

static void pollable_init (GPollableInputStreamInterface *pollable);

G_DEFINE_TYPE_WITH_CODE (SlWire,
                         sl_wire,
                         G_TYPE_FILTER_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))

static GPrivate obeyed; /* (element-type GCancellable) (unowned) the thread's */

void
sl_wire_set_cancellable (GCancellable *cancellable)
{
  g_private_set (&obeyed, cancellable);
}

static GInputStream *
get_base (SlWire *wire)
{
  return G_FILTER_INPUT_STREAM (wire)->base_stream;
}

/* Ends the read at the end of the connection or an error, with an error that names the interrupted response. */
static gssize
end_read (SlWire *wire, gssize n, GError *cause, GError **error)
{
  if (n < 0 && !g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_EOF)) {
    g_propagate_error (error, cause);
    return -1;
  }
  /* an end of TLS without notice does not prove the end of a body; before a response it is like any other end */
  if (n < 0 && !sl_framing_is_fresh (wire->framing) &&
      sl_framing_get_content (wire->framing) == G_MAXUINT64) {
    g_propagate_error (error, cause);
    return -1;
  }
  g_clear_error (&cause);
  return sl_framing_end (wire->framing, error) ? 0 : -1;
}

static gssize
read_base (SlWire *wire,
           void *buffer,
           gsize count,
           gboolean blocking,
           GCancellable *cancellable,
           GError **error)
{
  GError *cause = NULL;
  gssize n = g_pollable_stream_read (get_base (wire), buffer, count, blocking, cancellable, &cause);

  return n > 0 ? n : end_read (wire, n, cause, error);
}

static gssize
take_out (SlWire *wire, void *buffer, gsize count)
{
  count = MIN (count, wire->out->len - wire->out_start);
  memcpy (buffer, wire->out->data + wire->out_start, count);
  wire->out_start += (guint)count;
  if (wire->out_start == wire->out->len) {
    g_byte_array_set_size (wire->out, 0);
    wire->out_start = 0;
  }
  return (gssize)count;
}

/* Reads content, from the buffer or directly from the connection, and never beyond its end. */
static gssize
read_content (SlWire *wire,
              void *buffer,
              gsize count,
              gboolean blocking,
              GCancellable *cancellable,
              GError **error)
{
  gssize n;

  count = (gsize)MIN (count, sl_framing_get_content (wire->framing));
  if (wire->in_start < wire->in_end) {
    n = (gssize)MIN (count, wire->in_end - wire->in_start);
    memcpy (buffer, wire->in + wire->in_start, (gsize)n);
    wire->in_start += (gsize)n;
  } else {
    n = read_base (wire, buffer, count, blocking, cancellable, error);
  }
  if (n > 0)
    sl_framing_passed (wire->framing, (guint64)n);
  return n;
}

/* Reads more bytes outside of content if needed, and checks them. */
static gssize
feed (SlWire *wire, gboolean blocking, GCancellable *cancellable, GError **error)
{
  gsize used = 0;

  if (wire->in_start == wire->in_end) {
    gssize n;
    if (wire->in == NULL)
      wire->in = g_malloc (READ_SIZE);
    n = read_base (wire, wire->in, READ_SIZE, blocking, cancellable, error);
    if (n <= 0)
      return n;
    wire->in_start = 0;
    wire->in_end = (gsize)n;
  }
  if (!sl_framing_feed (wire->framing, wire->in + wire->in_start, wire->in_end - wire->in_start,
                        &used, wire->out, &wire->failure))
    wire->spoilt = TRUE;
  wire->in_start += used;
  return 1;
}

/* Call it when the response has ended: no bytes may be left. FALSE if no other response may follow. */
static gboolean
begin_next (SlWire *wire)
{
  wire->spoilt |= wire->in_start < wire->in_end || sl_framing_closes (wire->framing);
  wire->in_start = wire->in_end = 0;
  if (!wire->spoilt)
    sl_framing_begin (wire->framing);
  return !wire->spoilt;
}

static gboolean
was_told_to_end (GError **error)
{
  return g_cancellable_set_error_if_cancelled (g_private_get (&obeyed), error);
}

/*
 * libsoup reads one byte to see whether an idle connection is still open, and drops the connection if a byte arrives.
 * Such bytes belong to no response.
 */
static gboolean
is_idle_check (SlWire *wire, gsize count, gboolean blocking)
{
  return count == 1 && !blocking && wire->out->len == 0 &&
         (sl_framing_is_complete (wire->framing) || sl_framing_is_fresh (wire->framing));
}

static gssize
check_idle (SlWire *wire, void *buffer, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gssize n = -1;

  if (wire->spoilt || wire->in_start < wire->in_end || sl_framing_closes (wire->framing))
    return 0;
  n = g_pollable_stream_read (get_base (wire), buffer, 1, FALSE, NULL, &cause);
  wire->spoilt |= !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  if (cause != NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  return n;
}

static gssize
read_checked (SlWire *wire,
              void *buffer,
              gsize count,
              gboolean blocking,
              GCancellable *cancellable,
              GError **error)
{
  if (is_idle_check (wire, count, blocking))
    return check_idle (wire, buffer, error);
  for (;;) {
    gssize n;
    if (was_told_to_end (error))
      return -1;
    /* a valid head is passed on before the error after it */
    if (wire->out->len > 0)
      return take_out (wire, buffer, count);
    if (wire->failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&wire->failure));
      return -1;
    }
    if (wire->spoilt)
      return 0;
    if (sl_framing_get_content (wire->framing) > 0)
      return read_content (wire, buffer, count, blocking, cancellable, error);
    if (sl_framing_is_complete (wire->framing) && !begin_next (wire))
      return 0;
    n = feed (wire, blocking, cancellable, error);
    if (n <= 0)
      return n;
  }
}

static gssize
wire_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return read_checked (SL_WIRE (stream), buffer, count, TRUE, cancellable, error);
}

static gssize
wire_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  return read_checked (SL_WIRE (stream), buffer, count, FALSE, NULL, error);
}

/* Skips by reading: no bytes may be skipped unchecked. */
static gssize
wire_skip (GInputStream *stream, gsize count, GCancellable *cancellable, GError **error)
{
  guint8 buffer[4096];

  return wire_read (stream, buffer, MIN (count, sizeof buffer), cancellable, error);
}

/* Whether bytes or an error can be returned without the connection. */
static gboolean
has_something (SlWire *wire)
{
  return wire->out->len > 0 || wire->in_start < wire->in_end || wire->spoilt;
}

static gboolean
wire_can_poll (GPollableInputStream *stream)
{
  GInputStream *base = get_base (SL_WIRE (stream));

  return G_IS_POLLABLE_INPUT_STREAM (base) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (base));
}

static gboolean
wire_is_readable (GPollableInputStream *stream)
{
  SlWire *wire = SL_WIRE (stream);

  return has_something (wire) ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (get_base (wire)));
}

static GSource *
wire_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  SlWire *wire = SL_WIRE (stream);
  g_autoptr (GSource) child = NULL;

  if (has_something (wire))
    child = g_timeout_source_new (0);
  else
    child = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (get_base (wire)),
                                                   cancellable);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
pollable_init (GPollableInputStreamInterface *pollable)
{
  pollable->can_poll = wire_can_poll;
  pollable->is_readable = wire_is_readable;
  pollable->create_source = wire_create_source;
  pollable->read_nonblocking = wire_read_nonblocking;
}

static void
sl_wire_finalize (GObject *object)
{
  SlWire *wire = SL_WIRE (object);

  sl_framing_free (wire->framing);
  g_clear_error (&wire->failure);
  g_free (wire->in);
  g_byte_array_unref (wire->out);
  G_OBJECT_CLASS (sl_wire_parent_class)->finalize (object);
}

static void
sl_wire_class_init (SlWireClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = sl_wire_finalize;
  stream_class->read_fn = wire_read;
  stream_class->skip = wire_skip;
}

static void
sl_wire_init (SlWire *wire)
{
  wire->framing = sl_framing_new ();
  wire->out = g_byte_array_new ();
}

SlWire *
sl_wire_find (GInputStream *stream)
{
  while (!SL_IS_WIRE (stream) && G_IS_FILTER_INPUT_STREAM (stream))
    stream = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  return SL_IS_WIRE (stream) ? SL_WIRE (stream) : NULL;
}

SlWire *
sl_wire_new (GInputStream *stream)
{
  return g_object_new (SL_TYPE_WIRE, "base-stream", stream, "close-base-stream", FALSE, NULL);
}

void
sl_wire_pass (SlWire *wire)
{
  sl_framing_pass (wire->framing);
}

void
sl_wire_restart (SlWire *wire)
{
  sl_framing_begin (wire->framing);
}

gboolean
sl_wire_is_complete (SlWire *wire)
{
  return sl_framing_is_complete (wire->framing) && wire->out->len == 0;
}

gboolean
sl_wire_has_short_rest (SlWire *wire, guint64 max)
{
  return sl_framing_is_complete (wire->framing) ||
         (sl_framing_get_body_end (wire->framing) == SL_BODY_LENGTH &&
          sl_framing_get_content (wire->framing) <= max);
}

char *
sl_wire_dup_field (SlWire *wire, const char *name)
{
  return sl_framing_dup_field (wire->framing, name);
}

const char *
sl_wire_get_oddity (SlWire *wire)
{
  return sl_framing_get_oddity (wire->framing);
}
