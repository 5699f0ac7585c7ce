/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Judges a response to a request for a file or a range of it. Nothing that a server says is believed unless it fits the
 * request. A pure function of the request, the known version, and the facts of the response.
 *
 * The rules, in the order in which they are applied; each has its SlRangeFault and a row in range-verdict-test.cc:
 *
 * - A 206 is a part. We use it only if it has a single part, states which part that is, the part is exactly the requested
 *   one, and its version is proven to be the known one (RFC 9110, sections 15.3.7 and 13.1.5). If the whole file was
 *   requested, the part must be the whole file.
 * - A 200 is the whole file. A Content-Range has no meaning there (RFC 9110, section 14.4), but if it contradicts that, the
 *   body is not the file. Neither is it the file if a strong tag, which stands for the same bytes (RFC 9110, section
 *   8.8.1), comes with a different length than before. A Content-Encoding belongs to the file (RFC 9110, section 8.4),
 *   because we asked for identity.
 * - A 416 to a range of the known version means that the file has become shorter (RFC 9110, section 15.5.17).
 * - Any other response brings no file.
 */
#pragma once

#include "http/request.h"
#include "http/response.h"

G_BEGIN_DECLS

typedef enum {
  SL_VERDICT_RANGE,     /* a 206 with exactly the requested range */
  SL_VERDICT_WHOLE,     /* the whole file */
  SL_VERDICT_CHANGED,   /* the file is no longer the known version */
  SL_VERDICT_UNPROVEN,  /* a 206 that does not prove its version */
  SL_VERDICT_BAD_RANGE, /* a response to a range request that contradicts itself or the request */
  SL_VERDICT_ERROR,     /* any other error */
} SlVerdict;

typedef enum {
  SL_FAULT_NONE,             /* with RANGE and WHOLE */
  SL_FAULT_SEVERAL_PARTS,    /* a 206 with several parts in one body */
  SL_FAULT_NO_PLACE,         /* a 206 that does not state which part it is */
  SL_FAULT_PART_FOR_WHOLE,   /* a part in a 206, though the whole file was requested */
  SL_FAULT_OTHER_PART,       /* a 206 with a different part than requested */
  SL_FAULT_OTHER_VERSION,    /* a 206 of a different version */
  SL_FAULT_UNKNOWN_VERSION,  /* a 206 without proof of its version */
  SL_FAULT_OTHER_SIZE,       /* a 200 of the known version with a different size */
  SL_FAULT_PART_AS_WHOLE,    /* a 200 that claims to be a part */
  SL_FAULT_BEHIND_END,       /* a 416 */
  SL_FAULT_NO_FILE,          /* a status without a file that is not an error */
  SL_FAULT_PROXY_WANTS_NAME, /* a 407 */
  SL_FAULT_STATUS,           /* a status of an error */
  SL_FAULT_UNCHECKED,        /* the end of the body can't be checked */
  SL_N_FAULTS,
} SlRangeFault;

typedef struct {
  SlVerdict verdict;
  SlRangeFault fault;
  gboolean transient; /* another attempt may succeed */
  /* with RANGE and WHOLE */
  guint64 start;     /* where the body belongs */
  guint64 end;       /* SL_SIZE_UNKNOWN if only the end of the body shows it */
  guint64 size;      /* of the file; SL_SIZE_UNKNOWN */
  SlVersion version; /* whether it is the known one; UNPROVEN if none is known */
} SlRangeVerdict;

SlRangeVerdict sl_range_verdict_reach (const SlRangeAsked *asked, const SlResponse *response);
/* (transfer full) (nullable): the error for @verdict on @response; NULL if its body can be used */
GError *sl_range_verdict_dup_error (const SlRangeVerdict *verdict, const SlResponse *response);

G_END_DECLS
