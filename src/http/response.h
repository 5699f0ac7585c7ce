/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The facts of one response: what its head says, as far as it is well-formed. http/range-verdict.h judges them, and
 * http/body-reader.h reads the body.
 */
#pragma once

#include "base/ranges.h"
#include "base/validator.h"
#include "http/wire.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Reference-counted, and not changed after it was shared, so any thread may read it. */
typedef struct {
  gatomicrefcount ref_count;
  guint status;
  char *reason;            /* (owned) the reason phrase, for people: clean and short */
  char *host;              /* (owned) the host that answered */
  char *effective_uri;     /* (owned) address after redirects */
  gboolean checked;        /* its framing was read strictly; otherwise don't trust its body */
  guint64 length;          /* of the body; SL_SIZE_UNKNOWN if only its end shows it */
  gboolean has_parts;      /* the body is made of several (multipart/byteranges) */
  char *content_range;     /* (owned) (nullable) as sent */
  SlValidator validator;   /* without a size, which depends on the request, too */
  gboolean refuses_ranges; /* Accept-Ranges: none */
  char *file_name;         /* (owned) (nullable) from Content-Disposition, made safe */
  GVariant *headers;       /* (owned) a{ss}, lower-case names; clean, up to a limit */
  guint32 retry_after;     /* s, 0 for none */
  gint64 latency;          /* µs from the request to the response's head */
} SlResponse;

/*
 * (transfer full): the facts of @message, whose head was read by @wire (nullable). There is no wire if libsoup itself
 * answers for a proxy that refused a tunnel.
 */
SlResponse *sl_response_new (SoupMessage *message, SlWire *wire, gint64 latency);
SlResponse *sl_response_ref (SlResponse *response);
void sl_response_unref (SlResponse *response);

/* The time in Last-Modified, Unix seconds; 0 if @text (nullable) is not a date. */
gint64 sl_response_parse_time (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlResponse, sl_response_unref)

G_END_DECLS
