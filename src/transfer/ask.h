/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking a source for a range, and what its answer means. Called by workers. */
#pragma once

#include "http/body-reader.h"
#include "http/range-verdict.h"
#include "transfer/file.h"
#include "transfer/source.h"

G_BEGIN_DECLS

typedef struct {
  const SlAttempt *attempt;
  const SlSource *source;
  SlFile *file;
  SlOpening *opening; /* (nullable) of who begins the file, and so may drop what is there */
  SlRange range;      /* what is asked for; another one after a drop */

  /* the answer, until sl_ask_close () */
  SlResponse *response;   /* (owned) (nullable) */
  SlBodyReader *body;     /* (owned) (nullable) */
  SlRangeVerdict verdict; /* on it */
} SlAsk;

/*
 * TRUE when the body of the response is to be stored. Else @error or the outcome in @end says why not; what the last response
 * said is in @end in any case.
 */
gboolean sl_ask (SlAsk *ask, SlSegmentEnd *end, GError **error);
void sl_ask_close (SlAsk *ask);

G_END_DECLS
