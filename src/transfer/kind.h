/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kind of transfer: how the bytes of a download are moved while it has a slot. A download knows no more about its
 * transfer than this. All calls are on the main loop.
 */
#pragma once

#include "base/settings.h"
#include "http/transfer-limit.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlTransfer SlTransfer; /* each kind defines its own */

typedef enum {
  SL_TRANSFER_COMPLETE, /* all wanted bytes are there, the file is sealed, and the record says so */
  SL_TRANSFER_FAILED,   /* see the error */
  SL_TRANSFER_STOPPED,  /* by stop () */
} SlTransferOutcome;

typedef struct {
  SlTransferOutcome outcome;
  const GError *error;
  gboolean transient;
  guint32 retry_after; /* s */
} SlTransferEnd;

/* What a transfer reports to, and asks of, the code that started it. */
typedef struct {
  /* A head has arrived and the record is up to date. @file_name (nullable) is what the server calls the file. */
  void (*head) (const char *file_name, gpointer user_data);
  /* The fetched bytes were dropped because of @cause. */
  void (*restarted) (const GError *cause, gpointer user_data);
  /* May a further connection be opened to @host (host and port)? If so, it is counted until released. */
  gboolean (*acquire_connection) (const char *host, gpointer user_data);
  void (*release_connection) (const char *host, gpointer user_data);
  /*
   * The transfer is over: nothing runs, and the file is synced, but the record is not yet committed. The transfer then
   * frees itself.
   */
  void (*ended) (const SlTransferEnd *end, gpointer user_data);
} SlTransferEvents;

/* What a transfer works with. All (transfer none), and outlives it. */
typedef struct {
  SlRecord *record; /* the transfer keeps it up to date, and has the progress committed */
  SlStore *store;
  const SlSettings *settings; /* copied at the start */
  SlTransferLimit *limit;     /* its connections pay to it for the bytes that they read */
  const SlTransferEvents *events;
  gpointer user_data; /* for the events */
} SlTransferTask;

typedef struct {
  SlTransfer *(*start) (const SlTransferTask *task);
  /* Stops it; ended () follows soon. */
  void (*stop) (SlTransfer *transfer);
  /* Ends it with @error, which no retry can mend; ended () follows soon. */
  void (*fail) (SlTransfer *transfer, const GError *error);
  /* Called about ten times a second: measures rates, and starts further connections. */
  void (*tick) (SlTransfer *transfer, gint64 now);
  /* How many wanted bytes have been written. */
  guint64 (*get_transferred) (SlTransfer *transfer);
  /* Bytes a second, averaged over about three seconds. */
  guint64 (*get_rate) (SlTransfer *transfer);
  /* µs spent transferring, in this and in earlier transfers of the download. */
  gint64 (*get_active_time) (SlTransfer *transfer, gint64 now);
  /* Body bytes read from the network, in this and in earlier transfers of the download. */
  guint64 (*get_fetched) (SlTransfer *transfer);
} SlTransferKind;

G_END_DECLS
