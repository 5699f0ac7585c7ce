/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads of the service: admission, lookup, slots, the time of retries, expiry. */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

typedef struct _SlQueue SlQueue;

/* What the service is told. */
typedef struct {
  void (*added) (SlDownload *download, gpointer owner);
  void (*removed) (SlDownload *download, gpointer owner);
  void (*changed) (SlDownload *download, SlChanges changes, gpointer owner);
  void (*status) (SlDownload *download, int cause, gpointer owner);
  void (*range) (SlDownload *download, guint64 offset, guint64 length, gpointer owner);
} SlQueueEvents;

/* (transfer none) @settings, which may change in place */
SlQueue *sl_queue_new (const char *state_directory,
                       const SlSettings *settings,
                       const SlQueueEvents *events,
                       gpointer owner,
                       GError **error);
/* After sl_queue_stop () has called back. */
void sl_queue_free (SlQueue *queue);
/* Lets what was loaded run. */
void sl_queue_begin (SlQueue *queue);
/* Stops all transfers, syncs, commits; then calls @stopped. */
void sl_queue_stop (SlQueue *queue, void (*stopped) (gpointer user_data), gpointer user_data);

/* Called when all are committed, or with why none of them is; (transfer none) (element-type SlDownload) */
typedef void (*SlAdmitted) (GPtrArray *downloads, const GError *error, gpointer user_data);
/* Admits all of @records (element-type SlRecord) (transfer full), or none. */
void sl_queue_admit (SlQueue *queue, GPtrArray *records, SlAdmitted admitted, gpointer user_data);

/* (transfer none) (nullable) */
SlDownload *sl_queue_find (SlQueue *queue, const SlId *id);
/* (transfer none) (nullable): the first link of all downloads, oldest first; its data is the SlDownload */
GList *sl_queue_get_all (SlQueue *queue);

/*
 * Gives @path to @download as its destination, taking it off the one it had. FALSE with FILE_EXISTS, which names the
 * id, when another one has it.
 */
gboolean
sl_queue_claim_path (SlQueue *queue, SlDownload *download, const char *path, GError **error);
/* After the priority of @download was written. */
void sl_queue_reorder (SlQueue *queue, SlDownload *download);
/* The network changed: what waits for a retry is tried at once. */
void sl_queue_retry_all (SlQueue *queue);
/* Whether there is a network at all; so it is assumed until this is called. */
void sl_queue_set_network (SlQueue *queue, gboolean available);

/* The most bytes a second that the foreground and the background may take, or SL_RATE_UNLIMITED, as it begins. */
void sl_queue_set_limits (SlQueue *queue, guint64 foreground, guint64 background);

guint sl_queue_get_active (SlQueue *queue);
guint sl_queue_get_queued (SlQueue *queue);
guint64 sl_queue_get_rate (SlQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlQueue, sl_queue_free)

G_END_DECLS
