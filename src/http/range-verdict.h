/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a response means for who asked for a file or a range of it: nothing that a server says is believed unless it fits
 * the request. A pure function of what was asked for, the version that is known, and the facts of the response.
 *
 * The rules, in the order in which they are applied; each has its SlRangeFault and a row in range-verdict-test.cc:
 *
 * - A 206 is a part. It's used only if it's not made of several, says which part it is, that is just what was asked for,
 *   and its version is proven to be the known one (RFC 9110, sections 15.3.7 and 13.1.5). Where the whole was asked for it
 *   has to be all of the file.
 * - A 200 is the whole. A Content-Range has no meaning there (RFC 9110, section 14.4), but where it contradicts, the body is
 *   not the file; nor is it where a strong tag, which stands for the same bytes (RFC 9110, section 8.8.1), comes with
 *   another length than before. A Content-Encoding is the file's own (RFC 9110, section 8.4), as identity was asked for.
 * - A 416 to a range of what is known means that the file has become shorter (RFC 9110, section 15.5.17).
 * - Whatever else is answered brings no file.
 */
#pragma once

#include "http/request.h"
#include "http/response.h"

G_BEGIN_DECLS

typedef enum {
  SL_VERDICT_RANGE,     /* a 206 with just what was asked for */
  SL_VERDICT_WHOLE,     /* the whole file */
  SL_VERDICT_CHANGED,   /* the file is not the known version any more */
  SL_VERDICT_UNPROVEN,  /* a 206 that does not tell which version it is of */
  SL_VERDICT_BAD_RANGE, /* an answer to a range that contradicts itself or the request */
  SL_VERDICT_ERROR,     /* none of it */
} SlVerdict;

typedef enum {
  SL_FAULT_NONE,             /* with RANGE and WHOLE */
  SL_FAULT_SEVERAL_PARTS,    /* a 206 with several parts in one body */
  SL_FAULT_NO_PLACE,         /* a 206 that does not say which part it is */
  SL_FAULT_PART_FOR_WHOLE,   /* a 206 that is not all of the file, which was asked for */
  SL_FAULT_OTHER_PART,       /* a 206 with another part than was asked for */
  SL_FAULT_OTHER_VERSION,    /* a 206 of another version than the known one */
  SL_FAULT_UNKNOWN_VERSION,  /* a 206 that may be of any version */
  SL_FAULT_OTHER_SIZE,       /* a 200 of the known version, with another size */
  SL_FAULT_PART_AS_WHOLE,    /* a 200 that says to be a part */
  SL_FAULT_BEHIND_END,       /* a 416 */
  SL_FAULT_NO_FILE,          /* a status that brings no file and is no error */
  SL_FAULT_PROXY_WANTS_NAME, /* a 407 */
  SL_FAULT_STATUS,           /* a status of an error */
  SL_FAULT_UNCHECKED,        /* nobody has checked where the body ends */
  SL_N_FAULTS,
} SlRangeFault;

typedef struct {
  SlVerdict verdict;
  SlRangeFault fault;
  gboolean transient; /* another try may help */
  /* with RANGE and WHOLE */
  guint64 start;     /* where the body belongs */
  guint64 end;       /* SL_SIZE_UNKNOWN when only the end of the body will tell */
  guint64 size;      /* of the file; SL_SIZE_UNKNOWN */
  SlVersion version; /* whether it's the known one; UNPROVEN when none is known */
} SlRangeVerdict;

SlRangeVerdict sl_range_verdict_reach (const SlRangeAsked *asked, const SlResponse *response);
/* (transfer full) (nullable): the reason of @verdict on @response, in words; NULL when its body can be used */
GError *sl_range_verdict_dup_error (const SlRangeVerdict *verdict, const SlResponse *response);

G_END_DECLS
