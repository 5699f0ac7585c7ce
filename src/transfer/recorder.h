/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records the progress of a transfer: notes in the record which bytes were synced, has the record committed, and then
 * lets the part file take that many more bytes.
 */
#pragma once

#include "content/part.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct {
  SlRecord *record; /* (unowned) */
  SlStore *store;   /* (unowned) */
  /* A commit has succeeded, or failed with @error. */
  void (*committed) (const GError *error, gpointer user_data);
  gpointer user_data;
  guint commits; /* number of commits under way; the recorder must outlive them */
  /* number of restarts: a commit for an earlier part file is no progress of the present one */
  guint generation;
} SlRecorder;

/* Notes in the record which bytes have been synced. Steals the members of @synced. */
void sl_recorder_claim (SlRecorder *recorder, SlSynced *synced);
/* The same for a sealed file. @digest: (transfer full) (nullable) of the whole file; replaces an earlier one */
void sl_recorder_claim_sealed (SlRecorder *recorder, SlSynced *synced, char *digest);
/* Has the record committed, and then tells @part (nullable) how many bytes are recorded. */
void sl_recorder_commit (SlRecorder *recorder, SlPart *part);
/* The download begins again: forgets the progress. */
void sl_recorder_begin_again (SlRecorder *recorder);

G_END_DECLS
