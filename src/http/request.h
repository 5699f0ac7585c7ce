/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request as a value, and how to make a message of it. */
#pragma once

#include "base/ranges.h"
#include "base/validator.h"
#include "http/access.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The requested part of a file; all 0 is the whole file. */
typedef struct {
  gboolean ranged; /* [start, end) instead of the whole file */
  guint64 start;
  guint64 end;              /* SL_SIZE_UNKNOWN: to the end */
  const SlValidator *known; /* (nullable) the version of which the range must be */
} SlRangeAsked;

/* A request. All pointers belong to the caller. */
typedef struct {
  const char *method;
  const char *address;
  SlAccess access;
  GVariant *headers; /* (nullable) a{ss} */
  SlRangeAsked range;
  guint redirect_policy;      /* SlRedirectPolicy */
  gboolean insecure_redirect; /* redirects from https to http are allowed */
  guint first_byte_timeout;   /* ms */
  guint stall_timeout;        /* s */
} SlRequest;

/*
 * (transfer full): @request as it is sent to @uri, to which redirects have led. @foreign: the origin of @uri differs
 * from the first one, so it gets nothing that may be secret. @cookies: (nullable) set by the redirects so far
 */
SoupMessage *sl_request_make_message (const SlRequest *request,
                                      GUri *uri,
                                      gboolean foreign,
                                      const char *cookies);

G_END_DECLS
