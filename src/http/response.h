/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The facts of one response, as its head says them and as far as they are well-formed. What they mean for a request is
 * decided elsewhere (http/range-verdict.h); the body is read elsewhere (http/body-reader.h).
 */
#pragma once

#include "base/ranges.h"
#include "base/validator.h"
#include "http/wire.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Counted references; not changed once others have one, so that any thread may read it. */
typedef struct {
  gatomicrefcount ref_count;
  guint status;
  char *reason;            /* (owned) beside the status, for a person: clean and short */
  char *host;              /* (owned) that answered */
  char *effective_uri;     /* (owned) after redirects */
  gboolean checked;        /* its framing was read strictly; else its body is not to be believed */
  guint64 length;          /* of the body; SL_SIZE_UNKNOWN when only its end will tell */
  gboolean has_parts;      /* the body is made of several (multipart/byteranges) */
  char *content_range;     /* (owned) (nullable) as sent */
  SlValidator validator;   /* without a size: what that is follows from the request, too */
  gboolean refuses_ranges; /* Accept-Ranges: none */
  char *file_name;         /* (owned) (nullable) of Content-Disposition, safe */
  GVariant *headers;       /* (owned) a{ss}, lower-case names; clean, as many as fit */
  guint32 retry_after;     /* s, 0 for none */
  gint64 latency;          /* µs from the request to the response's head */
} SlResponse;

/*
 * (transfer full): of @message, whose head came by @wire (nullable). It has none where libsoup answers itself for a proxy
 * that refused a tunnel.
 */
SlResponse *sl_response_new (SoupMessage *message, SlWire *wire, gint64 latency);
SlResponse *sl_response_ref (SlResponse *response);
void sl_response_unref (SlResponse *response);

/* The time of Last-Modified in Unix seconds; 0 when @text (nullable) is none. */
gint64 sl_response_parse_time (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlResponse, sl_response_unref)

G_END_DECLS
