/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all downloads share, with the callbacks by which a download reaches its host, its observer and the paths. */
#pragma once

#include "base/options.h"
#include "base/policy-settings.h"
#include "base/settings.h"
#include "http/token-bucket.h"
#include "store/age.h"
#include "transfer/kind.h"

G_BEGIN_DECLS

typedef struct _SlDownload SlDownload; /* counted references */

/* Which properties of a download have changed. */
typedef struct {
  guint64 options; /* a set of SL_OPTION_BIT () */
  SlFacts facts;
} SlChanges;

/* The observer, which hears about changes of downloads. */
typedef struct {
  void (*changed) (SlDownload *download, SlChanges changes, gpointer observer_data);
  /* State or progress has changed: StatusChanged. @cause: why the download began again; SL_NO_ERROR if it did not */
  void (*status) (SlDownload *download, int cause, gpointer observer_data);
  /* A wanted range is complete. */
  void (*range) (SlDownload *download, guint64 offset, guint64 length, gpointer observer_data);
} SlDownloadObserver;

/* The host, which gives downloads their slots. */
typedef struct {
  /* The download has entered the state queued, or left it. */
  void (*wants_slot) (SlDownload *download, gpointer host_data);
  void (*leaves_queue) (SlDownload *download, gpointer host_data);
  /* The slot is free again. */
  void (*returns_slot) (SlDownload *download, gpointer host_data);
  /* RetryAt was set to @delay µs from now, or cleared (-1). */
  void (*retry_in) (SlDownload *download, gint64 delay, gpointer host_data);
  /* May it open a further connection to @host (host and port)? If so, the connection is counted until released. */
  gboolean (*acquire_connection) (SlDownload *download, const char *host, gpointer host_data);
  void (*release_connection) (SlDownload *download, const char *host, gpointer host_data);
  /*
   * Which conditions hold the download while it is queued; @since (nullable): when that began (Unix µs; 0: none does).
   */
  SlReasons (*get_hold) (SlDownload *download, gint64 *since, gpointer host_data);
  /* There is no network, which may be why a retry has to wait. */
  gboolean (*is_offline) (gpointer host_data);
} SlDownloadHost;

/* The paths: which are taken. */
typedef struct {
  /* (transfer full): a path in the directory of LocalPath for a file that the server calls @file_name (nullable) */
  char *(*choose) (SlDownload *download, const char *file_name, gpointer paths_data);
  /* The chosen path is now the LocalPath of the download. */
  void (*take) (SlDownload *download, gpointer paths_data);
  /* The download was finalized or aborted, and needs its path no longer. */
  void (*release) (SlDownload *download, gpointer paths_data);
} SlDownloadPaths;

/* All (transfer none), and outlives the downloads. */
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
  SlTokenBucket
      *classes[SL_N_CLASSES]; /* (nullable) the rate of each class, shared by its transfers */
} SlDownloadContext;

G_END_DECLS
