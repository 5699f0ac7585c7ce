/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all segments of one attempt go by; not changed while one of them runs. */
#pragma once

#include "base/settings.h"
#include "http/transfer-limit.h"
#include "store/record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Counted references. */
typedef struct {
  gatomicrefcount ref_count;
  SlRecord *record;          /* (owned) a copy: what was asked for, and what is known of the file */
  SlSettings settings;       /* as they were at the transfer's start */
  SlTransferLimit *limit;    /* (owned) what all of them pay to */
  GCancellable *cancellable; /* (owned) stops all of them */
} SlAttempt;

/* (transfer none) @limit */
SlAttempt *
sl_attempt_new (const SlRecord *record, const SlSettings *settings, SlTransferLimit *limit);
SlAttempt *sl_attempt_ref (SlAttempt *attempt);
void sl_attempt_unref (SlAttempt *attempt);

G_END_DECLS
