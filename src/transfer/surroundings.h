/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a download needs of those around it: whom it tells, and what it is given. */
#pragma once

#include "base/options.h"
#include "base/policy-settings.h"
#include "base/settings.h"
#include "http/token-bucket.h"
#include "store/age.h"
#include "transfer/kind.h"

G_BEGIN_DECLS

typedef struct _SlDownload SlDownload; /* counted references */

/* What changed of the properties that nobody writes; a set. */
typedef enum {
  SL_FACT_STATE = 1 << 0,    /* State, StateReasons, RetryAt, TransferCompletionTime, ExpiryTime */
  SL_FACT_ERROR = 1 << 1,    /* Error, ErrorContext, ErrorMessage, ErrorCount, RestartCount */
  SL_FACT_RESPONSE = 1 << 2, /* BytesTotal, HttpStatus, ResponseHeaders, EffectiveUri */
} SlFacts;

/* What changed of a download's properties. */
typedef struct {
  guint64 options; /* a set of SL_OPTION_BIT () */
  SlFacts facts;
} SlChanges;

/* What a download needs of those around it. */
typedef struct {
  void (*changed) (SlDownload *download, SlChanges changes, gpointer owner);
  /* State or progress, for StatusChanged; @cause: why it began again, SL_NO_ERROR if it didn't */
  void (*status) (SlDownload *download, int cause, gpointer owner);
  void (*range) (SlDownload *download, guint64 offset, guint64 length, gpointer owner);
  /* The state is queued, or is not any more. */
  void (*wants_slot) (SlDownload *download, gpointer owner);
  void (*leaves_queue) (SlDownload *download, gpointer owner);
  /* The slot is free again. */
  void (*returns_slot) (SlDownload *download, gpointer owner);
  /* RetryAt was set, or cleared with @delay -1; µs */
  void (*retry_in) (SlDownload *download, gint64 delay, gpointer owner);
  /* May it open one more connection to @host (host and port)? If so it's counted until released. */
  gboolean (*acquire_connection) (SlDownload *download, const char *host, gpointer owner);
  void (*release_connection) (SlDownload *download, const char *host, gpointer owner);
  /* (transfer full): the path for a file that the server calls @file_name, in the directory of LocalPath */
  char *(*choose_path) (SlDownload *download, const char *file_name, gpointer owner);
  /* Which conditions hold it while it is queued, and since when (Unix µs; 0: none do). */
  SlReasons (*get_hold) (SlDownload *download, gint64 *since, gpointer owner);
  /* It ended: finalized or aborted. */
  void (*ended) (SlDownload *download, gpointer owner);
} SlDownloadEvents;

/* The surroundings, shared by all downloads. */
typedef struct {
  SlStore *store;
  SlAge *age;
  const SlSettings *settings;
  const SlPolicySettings *policy;
  const SlTransferKind *kind;
  const SlDownloadEvents *events;
  gpointer owner;
  SlTokenBucket *classes
      [2]; /* (nullable) what the transfers of the background [0] and the foreground [1] share */
  gboolean offline; /* there is no network; what waits to be tried again may wait for that */
} SlSurroundings;

G_END_DECLS
