/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One response, and what can be believed of it. */
#pragma once

#include "http/request.h"
#include "http/wire.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef enum {
  SL_VERDICT_RANGE,     /* a 206 with just what was asked for */
  SL_VERDICT_WHOLE,     /* a 200 with the whole file */
  SL_VERDICT_CHANGED,   /* the file is not the known version any more */
  SL_VERDICT_UNPROVEN,  /* a 206 that does not tell which version it is of */
  SL_VERDICT_BAD_RANGE, /* a 206 that contradicts itself or the request */
  SL_VERDICT_ERROR,     /* none of it: see the error */
} SlVerdict;

typedef struct {
  SlVerdict verdict;
  guint status;
  SlValidator validator;   /* of the version that the body is of */
  guint64 start;           /* where the body belongs */
  guint64 end;             /* SL_SIZE_UNKNOWN when only the end of the body will tell */
  gboolean refuses_ranges; /* Accept-Ranges: none */
  char *effective_uri;     /* (owned) after redirects */
  char *file_name;         /* (owned) (nullable) of Content-Disposition, safe */
  GVariant *headers;       /* (owned) a{ss}, lower-case names */
  guint32 retry_after;     /* s, 0 for none */
  gboolean transient;      /* with SL_VERDICT_ERROR: another try may help */
  gint64 latency;          /* µs from the request to the response's head */
  GInputStream *body;      /* (owned) (nullable) */
  gboolean has_held;       /* @held was read, and not handed over yet */
  guint8 held;
  SoupMessage *message; /* (owned) (nullable) goes with the body */
} SlResponse;

void sl_response_free (SlResponse *response);

/*
 * (transfer full): the facts of @message, whose head has arrived by @wire, and the verdict on them. Without @wire (nullable),
 * as where libsoup answers for a proxy that refused a tunnel, no body is taken.
 * With any but SL_VERDICT_RANGE and WHOLE, @error says what is wrong.
 */
SlResponse *
sl_response_judge (SoupMessage *message, SlWire *wire, const SlRequest *request, GError **error);
/* The time of Last-Modified in Unix seconds; 0 when @text (nullable) is none. */
gint64 sl_response_parse_time (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlResponse, sl_response_free)

G_END_DECLS
