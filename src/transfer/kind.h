/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kind of transfer: what moves the bytes of a download, from getting a slot until giving it back. A download knows no more
 * of its transfer than this. All of it is on the main loop.
 */
#pragma once

#include "base/settings.h"
#include "http/transfer-limit.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlTransfer SlTransfer; /* of whichever kind */

typedef enum {
  SL_TRANSFER_COMPLETE, /* all that was wanted is there, sealed; the record says so */
  SL_TRANSFER_FAILED,   /* see the error */
  SL_TRANSFER_STOPPED,  /* by stop () */
} SlTransferOutcome;

typedef struct {
  SlTransferOutcome outcome;
  const GError *error;
  gboolean transient;
  guint32 retry_after; /* s */
} SlTransferEnd;

/* What a transfer tells and asks its owner. */
typedef struct {
  /* A head has arrived and the record is up to date. @file_name (nullable) is what the server calls the file. */
  void (*head) (const char *file_name, gpointer user_data);
  /* What had been fetched was dropped, because of @cause. */
  void (*restarted) (const GError *cause, gpointer user_data);
  /* May one more connection be opened to @host (host and port)? If so it's counted until released. */
  gboolean (*acquire_connection) (const char *host, gpointer user_data);
  void (*release_connection) (const char *host, gpointer user_data);
  /* All is over: nothing runs, what is on disk is synced; not yet committed. Frees the transfer afterwards. */
  void (*ended) (const SlTransferEnd *end, gpointer user_data);
} SlTransferEvents;

/* What a transfer works with: (transfer none), and outlives it. */
typedef struct {
  SlRecord *record; /* it keeps this up to date, and has progress committed */
  SlStore *store;
  const SlSettings *settings; /* as they are at its start */
  SlTransferLimit *limit;     /* what its connections pay to for what they read */
  const SlTransferEvents *events;
  gpointer user_data; /* of the events */
} SlTransferTask;

typedef struct {
  SlTransfer *(*start) (const SlTransferTask *task);
  /* Stops it; ended () follows soon. */
  void (*stop) (SlTransfer *transfer);
  /* Ends it with @error, which is fatal; ended () follows soon. */
  void (*fail) (SlTransfer *transfer, const GError *error);
  /* About ten times a second: measures rates, puts further connections to work. */
  void (*tick) (SlTransfer *transfer, gint64 now);
  /* Bytes of what was wanted that have been written. */
  guint64 (*get_transferred) (SlTransfer *transfer);
  /* Bytes a second over the last about three seconds. */
  guint64 (*get_rate) (SlTransfer *transfer);
  /* µs spent transferring, in this and in earlier transfers of the download. */
  gint64 (*get_active_time) (SlTransfer *transfer, gint64 now);
  /* Body bytes read from the network, in this and in earlier transfers of the download. */
  guint64 (*get_fetched) (SlTransfer *transfer);
} SlTransferKind;

G_END_DECLS
