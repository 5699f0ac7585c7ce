/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decodes what browsers decode: encoded words, extended values, bytes without a charset. */
#include "http/encoded-word.h"

#include <string.h>

/* (transfer full) (nullable) */
static char *
convert (const char *bytes, gsize length, const char *charset)
{
  gsize written = 0;
  g_autofree char *text = g_convert (bytes, (gssize)length, "UTF-8", charset, NULL, &written, NULL);

  /* a NUL would end the text for some readers */
  return text != NULL && g_utf8_validate (text, (gssize)written, NULL) ? g_steal_pointer (&text)
                                                                       : NULL;
}

/* (transfer full): RFC 2047, section 4.2 */
static char *
decode_q (const char *text, gsize *length)
{
  GString *bytes = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '=' && g_ascii_isxdigit (c[1]) && g_ascii_isxdigit (c[2])) {
      g_string_append_c (bytes,
                         (char)(g_ascii_xdigit_value (c[1]) << 4 | g_ascii_xdigit_value (c[2])));
      c += 2;
    } else {
      g_string_append_c (bytes, *c == '_' ? ' ' : *c);
    }
  }
  *length = bytes->len;
  return g_string_free (bytes, FALSE);
}

static gboolean
decode_word (const GMatchInfo *match, GString *result, gpointer data)
{
  g_autofree char *charset = g_match_info_fetch (match, 1);
  g_autofree char *encoding = g_match_info_fetch (match, 2);
  g_autofree char *text = g_match_info_fetch (match, 3);
  g_autofree char *bytes = NULL, *decoded = NULL;
  gsize length = 0;

  charset[strcspn (charset, "*")] = '\0'; /* a language may follow (RFC 2231) */
  if (g_ascii_tolower (*encoding) == 'b')
    bytes = (char *)g_base64_decode (text, &length);
  else
    bytes = decode_q (text, &length);
  decoded = convert (bytes, length, charset);
  if (decoded == NULL)
    decoded = g_match_info_fetch (match, 0);
  g_string_append (result, decoded);
  return FALSE;
}

char *
sl_encoded_word_decode (const char *text)
{
  g_autoptr (GRegex) between = g_regex_new ("(?<=\\?=)\\s+(?==\\?)", 0, 0, NULL);
  g_autoptr (GRegex) word =
      g_regex_new ("=\\?([^?\\s]+)\\?([bq])\\?([^?\\s]*)\\?=", G_REGEX_CASELESS, 0, NULL);
  g_autofree char *joined = g_regex_replace_literal (between, text, -1, 0, "", 0, NULL);
  char *decoded = joined != NULL
                      ? g_regex_replace_eval (word, joined, -1, 0, 0, decode_word, NULL, NULL)
                      : NULL;

  return decoded != NULL ? decoded : g_strdup (text);
}

char *
sl_encoded_value_decode (const char *charset, const char *escaped)
{
  g_autoptr (GBytes) bytes = g_uri_unescape_bytes (escaped, -1, NULL, NULL);
  gsize length;
  const char *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  return convert (data != NULL ? data : "", length, *charset != '\0' ? charset : "UTF-8");
}

char *
sl_field_to_utf8 (const char *bytes)
{
  char *text;

  if (g_utf8_validate (bytes, -1, NULL))
    return g_strdup (bytes);
  text = g_convert_with_fallback (bytes, -1, "UTF-8", "windows-1252", NULL, NULL, NULL, NULL);
  return text != NULL ? text : g_utf8_make_valid (bytes, -1);
}
