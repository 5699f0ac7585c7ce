/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Retry-After field (RFC 9110, section 10.2.3). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest that a server can make us wait, seconds: a day. */
#define SL_RETRY_AFTER_MAX 86400

/* Seconds to wait from @now (Unix seconds), from a number or an HTTP date. 0 if @text is neither, or in the past. */
guint32 sl_retry_after_parse (const char *text, gint64 now);

G_END_DECLS
