/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of one response, read strictly where it says how the body ends (RFC 9112, section 6). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a body ends. */
typedef enum {
  SL_BODY_NONE,   /* there is none, by the status */
  SL_BODY_LENGTH, /* Content-Length */
  SL_BODY_CHUNKED,
  SL_BODY_UNTIL_CLOSE,
} SlBodyEnd;

/* What a head says of what follows it. */
typedef struct {
  guint status;
  gboolean interim; /* 1xx: another head follows */
  SlBodyEnd body;
  guint64 length;     /* with SL_BODY_LENGTH */
  gboolean closes;    /* nothing may follow the response on its connection */
  const char *oddity; /* (nullable) static: what is odd, though it can be read */
} SlHeadFacts;

/* FALSE with @error when @head, which ends with its empty line, does not say in one way only where the body ends. */
gboolean sl_head_read (const GString *head, SlHeadFacts *facts, GError **error);
/* Appends the head to @out with the fields of the framing as @facts has them, each once. */
void sl_head_append (const GString *head, const SlHeadFacts *facts, GByteArray *out);
/* (transfer full) (nullable): the value of the field @name as it was sent, several joined by ", " */
char *sl_head_dup_field (const GString *head, const char *name);

G_END_DECLS
