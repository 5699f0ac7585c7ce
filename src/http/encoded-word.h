/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text in other encodings, which HTTP fields contain although they should not. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): @text with its encoded words ("=?utf-8?Q?a=20b?=", RFC 2047) decoded, as far as possible */
char *sl_encoded_word_decode (const char *text);
/*
 * (transfer full) (nullable): @escaped, percent-encoded bytes of @charset, as UTF-8 (RFC 8187, section 3.2); NULL if
 * it is invalid
 */
char *sl_encoded_value_decode (const char *charset, const char *escaped);
/*
 * (transfer full): the bytes of a field as UTF-8: unchanged if they are that, otherwise read as browsers read Latin-1
 * (windows-1252)
 */
char *sl_field_to_utf8 (const char *bytes);

G_END_DECLS
