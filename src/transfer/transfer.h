/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A transfer under way: the segments of one download, from getting a slot until giving it back.
 * It lives on the main loop, keeps the record up to date, and has progress committed.
 */
#pragma once

#include "base/settings.h"
#include "http/flow.h"
#include "store/store.h"

#include <gio/gio.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct _SlTransfer SlTransfer;

typedef enum {
  SL_TRANSFER_COMPLETE, /* all that was wanted is there, sealed; the record says so */
  SL_TRANSFER_FAILED,   /* see the error */
  SL_TRANSFER_STOPPED,  /* by sl_transfer_stop () */
} SlTransferOutcome;

typedef struct {
  SlTransferOutcome outcome;
  const GError *error;
  gboolean transient;
  guint32 retry_after; /* s */
} SlTransferEnd;

typedef struct {
  /* (transfer none): what its connections pay to for what they read; the same as long as it lives */
  SlFlow *(*get_flow) (gpointer owner);
  /* A head has arrived and the record is up to date. @file_name (nullable) is what the server calls the file. */
  void (*head) (const char *file_name, gpointer owner);
  /* What had been fetched was dropped, because of @cause. */
  void (*restarted) (const GError *cause, gpointer owner);
  /* May one more connection be opened? If so it's counted until released. */
  gboolean (*acquire_connection) (gpointer owner);
  void (*release_connection) (gpointer owner);
  /* All is over: no segment runs, what is on disk is synced; not yet committed. Frees the transfer afterwards. */
  void (*ended) (const SlTransferEnd *end, gpointer owner);
} SlTransferEvents;

/* Starts; @record belongs to the caller and has to outlive the transfer. */
SlTransfer *sl_transfer_start (SlRecord *record,
                               SlStore *store,
                               const SlSettings *settings,
                               const SlTransferEvents *events,
                               gpointer owner);
/* Stops all segments; ended () follows soon. */
void sl_transfer_stop (SlTransfer *transfer);
/* Ends it with @error, which is fatal; ended () follows soon. */
void sl_transfer_fail (SlTransfer *transfer, const GError *error);
/* The network has changed: connections of whichever transfer whose own address is gone fail at once. */
void sl_transfer_break_orphans (void);
/* To be called about ten times a second: measures rates, puts further connections to work. */
void sl_transfer_tick (SlTransfer *transfer, gint64 now);

/* Bytes of what was wanted that have been written. */
guint64 sl_transfer_get_transferred (SlTransfer *transfer);
/* Bytes a second over the last about three seconds. */
guint64 sl_transfer_get_rate (SlTransfer *transfer);
/* µs spent transferring, in this and in earlier transfers of the download. */
gint64 sl_transfer_get_active_time (SlTransfer *transfer, gint64 now);
/* Body bytes read from the network, in this and in earlier transfers of the download. */
guint64 sl_transfer_get_fetched (SlTransfer *transfer);

G_END_DECLS
