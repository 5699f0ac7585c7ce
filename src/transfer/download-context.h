/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The callbacks by which a download reaches its host, its observer and the paths, and what all downloads share. */
#pragma once

#include "base/options.h"
#include "base/policy-settings.h"
#include "base/settings.h"
#include "http/token-bucket.h"
#include "store/age.h"
#include "transfer/kind.h"

G_BEGIN_DECLS

typedef struct _SlDownload SlDownload; /* counted references */

/* What changed of a download's properties. */
typedef struct {
  guint64 options; /* a set of SL_OPTION_BIT () */
  SlFacts facts;
} SlChanges;

/* Whoever hears of what becomes of downloads. */
typedef struct {
  void (*changed) (SlDownload *download, SlChanges changes, gpointer observer_data);
  /* State or progress, for StatusChanged; @cause: why it began again, SL_NO_ERROR if it didn't */
  void (*status) (SlDownload *download, int cause, gpointer observer_data);
  void (*range) (SlDownload *download, guint64 offset, guint64 length, gpointer observer_data);
} SlDownloadObserver;

/* Whoever gives downloads their slots. */
typedef struct {
  /* The state is queued, or is not any more. */
  void (*wants_slot) (SlDownload *download, gpointer host_data);
  void (*leaves_queue) (SlDownload *download, gpointer host_data);
  /* The slot is free again. */
  void (*returns_slot) (SlDownload *download, gpointer host_data);
  /* RetryAt was set, or cleared with @delay -1; µs */
  void (*retry_in) (SlDownload *download, gint64 delay, gpointer host_data);
  /* May it open one more connection to @host (host and port)? If so it's counted until released. */
  gboolean (*acquire_connection) (SlDownload *download, const char *host, gpointer host_data);
  void (*release_connection) (SlDownload *download, const char *host, gpointer host_data);
  /* Which conditions hold it while it is queued, and since when (Unix µs; 0: none do). */
  SlReasons (*get_hold) (SlDownload *download, gint64 *since, gpointer host_data);
  /* There is no network; what waits to be tried again may wait for that. */
  gboolean (*is_offline) (gpointer host_data);
} SlDownloadHost;

/* Whoever knows which paths are taken. */
typedef struct {
  /* (transfer full): the path for a file that the server calls @file_name, in the directory of LocalPath */
  char *(*choose) (SlDownload *download, const char *file_name, gpointer paths_data);
  /* Its LocalPath is that path now. */
  void (*take) (SlDownload *download, gpointer paths_data);
  /* It ended, finalized or aborted, and does not need its path any more. */
  void (*release) (SlDownload *download, gpointer paths_data);
} SlDownloadPaths;

/* The context that all downloads share. */
typedef struct {
  SlStore *store;
  SlAge *age;
  const SlSettings *settings;
  const SlPolicySettings *policy;
  const SlTransferKind *kind;
  const SlDownloadObserver *observer; /* (nullable) */
  gpointer observer_data;
  const SlDownloadHost *host;
  gpointer host_data;
  const SlDownloadPaths *paths;
  gpointer paths_data;
  SlTokenBucket *classes[SL_N_CLASSES]; /* (nullable) what the transfers of a class share */
} SlDownloadContext;

G_END_DECLS
