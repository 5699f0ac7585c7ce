/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Moves a body into the file: gather, write, pay. */
#include "transfer/body.h"

#include "base/error.h"
#include "transfer/buffer.h"

/* The longest time for which reads are gathered, and the shortest sleep between two reads (µs). */
#define GATHER_TIME 10000
#define GATHER_REST 1000
/* Before it waits because of a limit, the segment writes data that is older than this (µs). */
#define KEEP_TIME 100000
/* The receive window, in turns: half a second of data, which covers a round trip of that length. */
#define AHEAD_TURNS 10

/*
 * Syncs when a sync is due. If other segments have written so much meanwhile that a sync is due again, repeats it: they
 * wait for room, which only a sync makes.
 */
static gboolean
keep_synced (const SlBody *body, GError **error)
{
  while (sl_part_wants_sync (body->part)) {
    g_auto (SlSynced) synced = {0};

    if (!sl_part_sync (body->part, &synced, error))
      return FALSE;
    body->synced (&synced, body->user_data);
  }
  return TRUE;
}

gboolean
sl_body_check_size (const SlBody *body, guint64 size, GError **error)
{
  guint64 max = body->attempt->record->asked.max_size;

  if (max == 0 || size == SL_SIZE_UNKNOWN || size <= max)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_TOO_LARGE,
               "The file has more than the %" G_GUINT64_FORMAT " bytes that MaxSize allows", max);
  return FALSE;
}

/* Bytes that were read and are not written yet, and where they belong. */
typedef struct {
  SlBuffer buffer; /* (owned) */
  guint8 *data; /* in buffer; modulo SL_PART_ALIGN, its address equals its position in the file */
  gsize room;   /* size of data */
  gsize filled;
  gint64 since;     /* when its first byte arrived; monotonic */
  guint64 position; /* of data[0] in the file */
  gsize unpaid;     /* bytes read and not paid for yet */
  gsize turn;       /* the turn for which the receive window was set; 0: not set yet */
} Gathered;

static void
gathered_clear (Gathered *gathered)
{
  sl_buffer_clear (&gathered->buffer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gathered, gathered_clear)

/* Empties the buffer; the next byte belongs at @position. */
static void
gather_from (Gathered *gathered, guint64 position)
{
  gsize lead = (gsize)(position % SL_PART_ALIGN);

  gathered->position = position;
  gathered->data = gathered->buffer.data + lead;
  gathered->room = gathered->buffer.size - lead;
  gathered->filled = 0;
}

static gboolean
write_gathered (const SlBody *body, Gathered *gathered, GError **error)
{
  if (gathered->filled == 0)
    return TRUE;
  if (!sl_part_write (body->part, gathered->position, gathered->data, gathered->filled,
                      body->attempt->cancellable, error))
    return FALSE;
  gather_from (gathered, gathered->position + gathered->filled);
  body->cursor->position = gathered->position;
  return keep_synced (body, error);
}

/* How long (µs) to wait for more: until the room is full, at the rate so far. 0: long enough was waited. */
static gulong
get_rest (const Gathered *gathered)
{
  gint64 elapsed = g_get_monotonic_time () - gathered->since;
  double rest = (double)MAX (elapsed, 1) * (double)(gathered->room - gathered->filled) /
                (double)gathered->filled;

  return elapsed >= GATHER_TIME ? 0 : (gulong)CLAMP (rest, GATHER_REST, GATHER_TIME);
}

/* Reads more bytes to gather, and sleeps shortly if none is there. 0 with @rest: no more came in time. */
static gssize
read_more (const SlBody *body, Gathered *gathered, gsize room, gboolean *rest, GError **error)
{
  for (;;) {
    g_autoptr (GError) cause = NULL;
    gulong time;
    gssize n =
        sl_body_reader_read_ready (body->reader, gathered->data + gathered->filled, room, &cause);
    if (n >= 0)
      return n;
    if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return -1;
    }
    time = get_rest (gathered);
    if (time == 0 || g_cancellable_is_cancelled (body->attempt->cancellable)) {
      *rest = TRUE;
      return 0;
    }
    g_usleep (time);
  }
}

/*
 * Reads once, and writes if the buffer is full. @n: bytes read, 0 at the end of the body, -1 if the connection failed
 */
static gboolean
read_once (const SlBody *body, Gathered *gathered, guint64 limit, gssize *n, GError **error)
{
  guint64 reached = gathered->position + gathered->filled;
  gsize room = (gsize)MIN (gathered->room - gathered->filled, limit - reached);
  gsize turn = sl_transfer_limit_get_turn (body->attempt->limit, room + gathered->unpaid);
  gboolean rest = FALSE;

  /* after the limit was lowered, a turn is shorter, and may have been exceeded already */
  room = turn > gathered->unpaid ? turn - gathered->unpaid : 1;

  if (gathered->filled > 0)
    *n = read_more (body, gathered, room, &rest, error);
  else
    *n =
        sl_body_reader_read (body->reader, gathered->data, room, body->attempt->cancellable, error);
  if (rest) {
    *n = 1; /* not the end of the body */
    return write_gathered (body, gathered, error);
  }
  if (*n <= 0)
    return *n == 0;
  if (gathered->filled == 0)
    gathered->since = g_get_monotonic_time ();
  body->cursor->fetched += (guint64)*n;
  gathered->unpaid += (gsize)*n;
  reached += (guint64)*n;
  if (!sl_body_check_size (body, reached, error))
    return FALSE;
  gathered->filled += (gsize)*n;
  if (gathered->filled < gathered->room && reached < limit)
    return TRUE;
  return write_gathered (body, gathered, error);
}

/* After a full turn, however many reads it took: pays for it, and waits until the next turn may begin. */
static gboolean
pay_turn (const SlBody *body, Gathered *gathered, GError **error)
{
  const SlAttempt *attempt = body->attempt;
  gsize turn = sl_transfer_limit_get_turn (attempt->limit, G_MAXSIZE);

  if (turn != gathered->turn) {
    gathered->turn = turn;
    sl_body_reader_limit_ahead (body->reader, turn == G_MAXSIZE ? G_MAXSIZE : turn * AHEAD_TURNS);
  }
  if (turn == G_MAXSIZE)
    gathered->unpaid = 0;
  if (gathered->unpaid < turn)
    return TRUE;
  if (gathered->filled > 0 && g_get_monotonic_time () - gathered->since >= KEEP_TIME &&
      !write_gathered (body, gathered, error))
    return FALSE;
  sl_transfer_limit_pay (attempt->limit, gathered->unpaid, attempt->cancellable);
  gathered->unpaid = 0;
  return !g_cancellable_set_error_if_cancelled (attempt->cancellable, error);
}

gboolean
sl_body_move (const SlBody *body, SlSegmentEnd *end, GError **error)
{
  const SlRangeVerdict *answer = body->verdict;
  g_auto (Gathered) gathered = {.position = answer->start};
  guint64 limit = body->cursor->end;
  gssize n = 1;
  guint8 byte;

  if (limit <= gathered.position)
    return TRUE;
  sl_buffer_init (&gathered.buffer,
                  limit != SL_SIZE_UNKNOWN ? limit - gathered.position : SL_SIZE_UNKNOWN);
  gather_from (&gathered, answer->start);
  while (n > 0 && gathered.position + gathered.filled < (limit = body->cursor->end)) {
    if (!read_once (body, &gathered, limit, &n, error) || !pay_turn (body, &gathered, error)) {
      /* another try may succeed if the connection failed; the bytes before the failure are good, and are paid for */
      end->transient |= n < 0;
      write_gathered (body, &gathered, NULL);
      sl_transfer_limit_pay (body->attempt->limit, gathered.unpaid, body->attempt->cancellable);
      return FALSE;
    }
  }
  if (!write_gathered (body, &gathered, error))
    return FALSE;
  sl_transfer_limit_pay (body->attempt->limit, gathered.unpaid, body->attempt->cancellable);
  if (answer->end == SL_SIZE_UNKNOWN) {
    end->size = gathered.position;
    return TRUE;
  }
  /* the body's end is proven, so nothing was cut off: the server contradicts its own Content-Range */
  if (gathered.position < limit) {
    end->transient = TRUE;
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server ended the body after %" G_GUINT64_FORMAT " of the %" G_GUINT64_FORMAT
                 " bytes that it had announced",
                 gathered.position - answer->start, answer->end - answer->start);
    return FALSE;
  }
  /* lets libsoup see the end, so that the connection can be reused */
  if (gathered.position == answer->end)
    sl_body_reader_read (body->reader, &byte, 1, body->attempt->cancellable, NULL);
  return TRUE;
}
