/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends the use of a part file. */
#include "transfer/closing.h"

#include "base/error.h"
#include "transfer/worker.h"

static gboolean
on_closed (gpointer data)
{
  SlClosing *closing = data;

  closing->closed (closing, closing->user_data);
  sl_part_unref (closing->part);
  sl_synced_clear (&closing->synced);
  g_free (closing->digest);
  g_clear_error (&closing->error);
  g_free (closing);
  return G_SOURCE_REMOVE;
}

/* In a worker thread. */
static void
close_part (gpointer data)
{
  SlClosing *closing = data;

  if (closing->complete)
    sl_part_seal (closing->part, closing->modified, &closing->synced, &closing->digest,
                  &closing->error);
  else
    sl_part_pause (closing->part, &closing->synced, &closing->error);
  sl_worker_post (on_closed, closing);
}

void
sl_closing_start (const SlClosing *wish)
{
  SlClosing *closing = g_memdup2 (wish, sizeof *wish);

  sl_part_ref (closing->part);
  if (!closing->complete && sl_part_is_lost (closing->part)) {
    g_set_error_literal (&closing->error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                         "Another program deleted or changed the part file");
    sl_worker_post (on_closed, closing);
    return;
  }
  sl_worker_run (closing->owner, close_part, closing);
}
