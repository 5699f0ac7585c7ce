/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads of the service: loaded, admitted, looked up, and forgotten when they are old. */
#pragma once

#include "queue/admission.h"
#include "queue/scheduler.h"

G_BEGIN_DECLS

typedef struct _SlQueue SlQueue;

/* The events of the queue; for those of downloads see sl_queue_set_observer (). */
typedef struct {
  void (*added) (SlDownload *download, gpointer user_data);
  void (*removed) (SlDownload *download, gpointer user_data);
} SlQueueEvents;

/* @settings, @policy: (transfer none); they may change in place; call sl_scheduler_refresh () then */
SlQueue *sl_queue_new (const char *state_directory,
                       const SlSettings *settings,
                       const SlPolicySettings *policy,
                       const SlQueueEvents *events,
                       gpointer user_data,
                       GError **error);
/* Call it after sl_queue_stop () has called back. */
void sl_queue_free (SlQueue *queue);
/* @observer: (transfer none) (nullable): hears about all downloads from now on */
void sl_queue_set_observer (SlQueue *queue, const SlDownloadObserver *observer, gpointer user_data);
/* Resumes the downloads that were loaded, in states that can survive a restart. */
void sl_queue_begin (SlQueue *queue);
/* Stops all transfers, syncs and commits; then calls @stopped. */
void sl_queue_stop (SlQueue *queue, void (*stopped) (gpointer user_data), gpointer user_data);

/* Admits all of @records, or none. @records: (element-type SlRecord) (transfer full), all of the same owner */
void sl_queue_admit (SlQueue *queue, GPtrArray *records, SlAdmitted admitted, gpointer user_data);

/* (transfer none) (nullable) */
SlDownload *sl_queue_find (SlQueue *queue, const SlId *id);
/* (transfer none) (nullable): the download created after @download; the first one after NULL */
SlDownload *sl_queue_get_next (SlQueue *queue, SlDownload *download);
/* (transfer none): decides who runs when */
SlScheduler *sl_queue_get_scheduler (SlQueue *queue);

/*
 * Checks whether @download may have @path as its destination, and takes the one back that it had; once its record has the new
 * one, the other function gives it. FALSE with FILE_EXISTS, which names the id, when another one of its owner has it.
 */
gboolean
sl_queue_claim_path (SlQueue *queue, SlDownload *download, const char *path, GError **error);
void sl_queue_take_path (SlQueue *queue, SlDownload *download);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlQueue, sl_queue_free)

G_END_DECLS
