/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the queue keeps about one download, besides its record: its owner, where it waits, whether it has a slot. */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

/* defined in host-queues.c */
typedef struct _SlHostQueue SlHostQueue;
typedef struct _SlClassQueue SlClassQueue;

typedef struct {
  SlDownload *download; /* (owned) */
  guint32 owner;        /* user id, the record's; each owner has limits of its own */
  guint8 has_slot;      /* host-queues.c */
  guint8 slot_class;    /* the class of its slot */
  GList all;            /* link in the registry's list of all, in order of creation */

  /* host-queues.c: waiting for a slot, and having one */
  GList waiting;           /* link in the list of all that wait */
  GList in_class;          /* link in class_queue */
  SlHostQueue *host_queue; /* (nullable) the host queue in which it waits or has a slot */
  SlClassQueue
      *class_queue; /* (nullable) the class queue in which it waits; NULL: it does not wait */

  /* scheduler.c */
  gint64 waiting_since; /* Unix µs: since when it waits */
  guint64 counted;      /* how many of its fetched bytes have been counted */

  /* retries.c */
  gint64 retry_at;      /* monotonic */
  GSequenceIter *retry; /* (nullable) its place among those that wait for a retry */
} SlEntry;

/* (transfer full): @download (transfer full) knows its entry from then on, see sl_entry_of () */
SlEntry *sl_entry_new (SlDownload *download);
void sl_entry_free (SlEntry *entry);
/* (transfer none) */
SlEntry *sl_entry_of (SlDownload *download);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlEntry, sl_entry_free)

G_END_DECLS
