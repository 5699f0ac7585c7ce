/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Content-Range field of a 206 response (RFC 9110, section 14.4). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 start;
  guint64 end;   /* not included */
  guint64 total; /* G_MAXUINT64 if the server says "*" */
} SlContentRange;

/* Strict: "bytes" and digits only, and the range lies within the total; otherwise FALSE. */
gboolean sl_content_range_parse (const char *text, SlContentRange *range);

G_END_DECLS
