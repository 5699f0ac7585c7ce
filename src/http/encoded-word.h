/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text in foreign encodings, as fields of HTTP have it though they should not. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): @text with its encoded words ("=?utf-8?Q?a=20b?=", RFC 2047) decoded, those that can be */
char *sl_encoded_word_decode (const char *text);
/* (transfer full) (nullable): @escaped, percent-encoded bytes of @charset, as UTF-8 (RFC 8187, section 3.2); NULL if it isn't that */
char *sl_encoded_value_decode (const char *charset, const char *escaped);
/* (transfer full): bytes of a field as UTF-8: as they are, or what Latin-1 means to browsers (windows-1252) */
char *sl_field_to_utf8 (const char *bytes);

G_END_DECLS
