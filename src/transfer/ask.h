/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests a range from a source, and judges the response. Called by workers. */
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
  SlOpening
      *opening;  /* (nullable) if this segment begins the file: it may drop the part file's bytes */
  SlRange range; /* the range to request; found anew after a drop */

  /* the response, until sl_ask_close () */
  SlResponse *response;   /* (owned) (nullable) */
  SlBodyReader *body;     /* (owned) (nullable) */
  SlRangeVerdict verdict; /* on the response */
} SlAsk;

/*
 * TRUE if the body of the response is to be stored. Otherwise @error, or the outcome in @end, says why not. @end has
 * the status and headers of the last response in any case.
 */
gboolean sl_ask (SlAsk *ask, SlSegmentEnd *end, GError **error);
void sl_ask_close (SlAsk *ask);

G_END_DECLS
