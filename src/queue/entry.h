/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the queue keeps of one download beside its record: whose it is, where it waits, whether it has a slot. */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

/* host-queues.c has them */
typedef struct _SlHostQueue SlHostQueue;
typedef struct _SlClassQueue SlClassQueue;

typedef struct {
  SlDownload *download; /* (owned) */
  guint32 owner;        /* user id, the record's: limits are each owner's */
  guint8 has_slot;      /* host-queues.c */
  guint8 slot_class;    /* an SlClass: of which kind the slot is */
  GList all;            /* link in the list of all, in order of creation */

  /* host-queues.c: waiting for a slot, and having one */
  GList waiting;             /* link among all that wait */
  GList in_class;            /* link among those of its host with the same policy key */
  SlHostQueue *host_queue;   /* (nullable) the host's queue that it waits in or has a slot of */
  SlClassQueue *class_queue; /* (nullable) in which it waits there; NULL when it does not */

  /* scheduler.c */
  gint64 waiting_since; /* Unix µs, since when it waits */
  guint64 counted;      /* bytes fetched that have been counted */

  /* retries.c */
  gint64 retry_at;      /* monotonic */
  GSequenceIter *retry; /* (nullable) its place among those that wait for that */
} SlEntry;

/* (transfer full) @download, which knows its entry from then on: sl_entry_of () */
SlEntry *sl_entry_new (SlDownload *download);
void sl_entry_free (SlEntry *entry);
/* (transfer none) */
SlEntry *sl_entry_of (SlDownload *download);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlEntry, sl_entry_free)

G_END_DECLS
