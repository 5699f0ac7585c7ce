/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of a server, as a value; and how that is written as a message. */
#pragma once

#include "base/ranges.h"
#include "base/validator.h"
#include "http/access.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Which part of a file is asked for; all 0 is the whole file. */
typedef struct {
  gboolean ranged; /* [start, end) instead of the whole file */
  guint64 start;
  guint64 end;              /* SL_SIZE_UNKNOWN: to the end */
  const SlValidator *known; /* (nullable) the version that the range has to be of */
} SlRangeAsked;

/* The pointers are the caller's. */
typedef struct {
  const char *method;
  const char *address;
  SlAccess access;
  GVariant *headers; /* (nullable) a{ss} */
  SlRangeAsked range;
  guint redirect_policy;      /* SlRedirectPolicy */
  gboolean insecure_redirect; /* from https to http is fine */
  guint first_byte_timeout;   /* ms */
  guint stall_timeout;        /* s */
} SlRequest;

/*
 * (transfer full): @request as it's sent to @uri, where redirects have led. @foreign: that has another origin than what was
 * asked for at first, so that it doesn't get what may be secret. @cookies (nullable): what redirects before have set.
 */
SoupMessage *sl_request_make_message (const SlRequest *request,
                                      GUri *uri,
                                      gboolean foreign,
                                      const char *cookies);

G_END_DECLS
