/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the head of one response, strictly in what decides about the end of the body (RFC 9112, section 6). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a body ends. */
typedef enum {
  SL_BODY_NONE,   /* the status allows none */
  SL_BODY_LENGTH, /* Content-Length */
  SL_BODY_CHUNKED,
  SL_BODY_UNTIL_CLOSE,
} SlBodyEnd;

/* What a head says about the rest of its response. */
typedef struct {
  guint status;
  gboolean interim; /* 1xx: another head follows */
  SlBodyEnd body;
  guint64 length;     /* with SL_BODY_LENGTH */
  gboolean closes;    /* the connection ends after the response */
  const char *oddity; /* (nullable) static: an oddity, if any; the response can still be read */
} SlHeadFacts;

/*
 * Reads @head, which ends with its empty line. FALSE with @error if it does not say unambiguously where the body
 * ends.
 */
gboolean sl_head_read (const GString *head, SlHeadFacts *facts, GError **error);
/* Appends @head to @out, with each field about framing once, as in @facts. */
void sl_head_append (const GString *head, const SlHeadFacts *facts, GByteArray *out);
/* (transfer full) (nullable): the value of the field @name as sent; several values are joined by ", " */
char *sl_head_dup_field (const GString *head, const char *name);

G_END_DECLS
