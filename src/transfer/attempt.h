/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all segments of one attempt share. It does not change while a segment runs. */
#pragma once

#include "base/settings.h"
#include "http/transfer-limit.h"
#include "store/record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Counted references. */
typedef struct {
  gatomicrefcount ref_count;
  SlRecord *record;          /* (owned) a copy made at the start of the attempt */
  SlSettings settings;       /* at the start of the transfer */
  SlTransferLimit *limit;    /* (owned) all segments pay to it */
  GCancellable *cancellable; /* (owned) stops all segments */
} SlAttempt;

/* (transfer none) @limit */
SlAttempt *
sl_attempt_new (const SlRecord *record, const SlSettings *settings, SlTransferLimit *limit);
SlAttempt *sl_attempt_ref (SlAttempt *attempt);
void sl_attempt_unref (SlAttempt *attempt);

G_END_DECLS
