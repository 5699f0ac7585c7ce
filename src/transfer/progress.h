/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How what was fetched gets on record: what has been synced is claimed by the record, the record is committed, and then the
 * part file has room for that much more.
 */
#pragma once

#include "content/part.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct {
  SlRecord *record; /* the owner's, as is the store */
  SlStore *store;
  /* One commit is over. */
  void (*committed) (const GError *error, gpointer owner);
  gpointer owner;
  guint commits; /* under way; this lives until they are over */
  /* counts parts begun: what is committed of an older one is not progress of this one */
  guint generation;
} SlProgress;

/* Claims what has been synced, which is taken out of @synced. */
void sl_progress_claim (SlProgress *progress, SlSynced *synced);
/* The same for a sealed file. @digest: (transfer full) (nullable) of all of it; without one, none of before holds */
void sl_progress_claim_sealed (SlProgress *progress, SlSynced *synced, char *digest);
/* Has the record committed; then, what it claims is recorded of @part (nullable). */
void sl_progress_commit (SlProgress *progress, SlPart *part);
/* What is claimed holds no more: it begins again. */
void sl_progress_begin_again (SlProgress *progress);

G_END_DECLS
