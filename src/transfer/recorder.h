/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Puts the progress of a transfer on record. The record claims what was synced; then the record is committed; then the part
 * file may take that many more bytes.
 */
#pragma once

#include "content/part.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct {
  SlRecord *record; /* the owner's, as is the store */
  SlStore *store;
  /* One commit is over. */
  void (*committed) (const GError *error, gpointer user_data);
  gpointer user_data;
  guint commits; /* under way; this lives until they are over */
  /* counts parts begun: what is committed of an older one is not progress of this one */
  guint generation;
} SlRecorder;

/* Claims what has been synced, which is taken out of @synced. */
void sl_recorder_claim (SlRecorder *recorder, SlSynced *synced);
/* The same for a sealed file. @digest: (transfer full) (nullable) of all of it; without one, none of before holds */
void sl_recorder_claim_sealed (SlRecorder *recorder, SlSynced *synced, char *digest);
/* Has the record committed; then, what it claims is recorded of @part (nullable). */
void sl_recorder_commit (SlRecorder *recorder, SlPart *part);
/* What is claimed holds no more: it begins again. */
void sl_recorder_begin_again (SlRecorder *recorder);

G_END_DECLS
