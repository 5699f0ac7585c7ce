/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File names from outside. */
#include "http/file-name.h"

#include "base/address.h"
#include "http/encoded-word.h"

#include <libsoup/soup.h>
#include <string.h>

#define NAME_LENGTH_MAX 255
/* A longer ending is not an extension. */
#define EXTENSION_LENGTH_MAX 32

/* Shortens @text to @max bytes, without cutting a character. */
static void
truncate_utf8 (char *text, gsize max)
{
  if (strlen (text) <= max)
    return;
  text[max] = '\0';
  for (const char *end; !g_utf8_validate (text, -1, &end);)
    text[end - text] = '\0';
}

static char *
shorten (const char *name)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *stem = NULL;

  if (strlen (name) <= NAME_LENGTH_MAX)
    return g_strdup (name);
  if (dot == NULL || dot == name || strlen (dot) > EXTENSION_LENGTH_MAX)
    dot = "";
  stem = g_strdup (name);
  truncate_utf8 (stem, NAME_LENGTH_MAX - strlen (dot));
  return g_strconcat (stem, dot, NULL);
}

/* Control characters, and format characters, which can reverse how a name's ending is shown. */
static gboolean
is_unsafe (gunichar c)
{
  return g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT ||
         g_unichar_type (c) == G_UNICODE_LINE_SEPARATOR ||
         g_unichar_type (c) == G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *
sl_file_name_make_safe (const char *suggested)
{
  g_autofree char *valid = g_utf8_make_valid (suggested, -1);
  g_autofree char *name = NULL;
  g_autoptr (GString) safe = g_string_new (NULL);
  const char *base = valid;

  /* a server may mean paths with either slash; only the last part is the name */
  for (const char *c = valid; *c != '\0'; c++) {
    if (*c == '/' || *c == '\\')
      base = c + 1;
  }
  for (const char *c = base; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar character = g_utf8_get_char (c);
    g_string_append_unichar (safe, is_unsafe (character) ? '_' : character);
  }
  name = g_strstrip (g_string_free (g_steal_pointer (&safe), FALSE));
  /* both at once: more dots may follow a dot and a space */
  base = name + strspn (name, ". ");
  if (*base == '\0')
    return g_strdup ("download");
  return shorten (base);
}

/*
 * (transfer full) (nullable): the value of filename*, which names its charset. Removes it from @field, so that
 * filename counts if it can't be decoded (RFC 6266, section 4.3).
 */
static char *
take_extended (char **field)
{
  g_autoptr (GRegex) extended =
      g_regex_new (";\\s*filename\\*\\s*=\\s*\"?([^'\";\\s]*)'[^'\";\\s]*'([^\";\\s]*)\"?",
                   G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *charset = NULL, *value = NULL;
  char *rest;

  if (!g_regex_match (extended, *field, 0, &match))
    return NULL;
  charset = g_match_info_fetch (match, 1);
  value = g_match_info_fetch (match, 2);
  rest = g_regex_replace_literal (extended, *field, -1, 0, "", 0, NULL);
  if (rest != NULL) {
    g_free (*field);
    *field = rest;
  }
  return sl_encoded_value_decode (charset, value);
}

/* (transfer full) (nullable): the raw value of filename; an encoded word in it may contain slashes */
static char *
get_plain (const char *field)
{
  const char *semicolon = strchr (field, ';');
  gboolean typed = semicolon != NULL && memchr (field, '=', (gsize)(semicolon - field)) == NULL;
  GHashTable *parameters = soup_header_parse_semi_param_list (typed ? semicolon + 1 : field);
  const char *name = g_hash_table_lookup (parameters, "filename");
  char *decoded = name != NULL ? sl_encoded_word_decode (name) : NULL;

  soup_header_free_param_list (parameters);
  return decoded;
}

/* Accepts all encodings that browsers accept: filename* in any charset, encoded words, UTF-8 and Latin-1 as bytes. */
char *
sl_file_name_from_disposition (const char *field)
{
  g_autofree char *text = sl_field_to_utf8 (field);
  g_autofree char *name = take_extended (&text);

  if (name == NULL || *name == '\0') {
    g_free (name);
    name = get_plain (text);
  }
  return name != NULL && *name != '\0' ? sl_file_name_make_safe (name) : NULL;
}

char *
sl_file_name_from_uri (const char *uri)
{
  const char *why = NULL;
  g_autoptr (GUri) parsed = sl_address_parse (uri, &why);
  g_autofree char *decoded = NULL;
  const char *slash;

  if (parsed == NULL)
    return g_strdup ("download");
  slash = strrchr (g_uri_get_path (parsed), '/');
  decoded = g_uri_unescape_string (slash != NULL ? slash + 1 : "", NULL);
  /* an escaped NUL can't be unescaped; then all escapes stay */
  return sl_file_name_make_safe (decoded != NULL ? decoded : slash + 1);
}
