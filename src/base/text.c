/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text from outside. */
#include "base/text.h"

#include <string.h>

#define REPLACEMENT        0xFFFD
#define ELLIPSIS           "…"
#define ELLIPSIS_LENGTH    (sizeof ELLIPSIS - 1)
#define ADDRESS_LENGTH_MAX 256

gboolean
sl_text_is_unsafe (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
  case G_UNICODE_SURROGATE:
    return TRUE;
  default:
    return FALSE;
  }
}

/* The character at @text, and the start of the next one; (gunichar) -1 for an invalid byte. */
static gunichar
read_character (const char *text, const char **next)
{
  gunichar c = g_utf8_get_char_validated (text, -1);

  if (c == (gunichar)-1 || c == (gunichar)-2) {
    *next = text + 1;
    return (gunichar)-1;
  }
  *next = g_utf8_next_char (text);
  return c;
}

/* Whether @text is short plain ASCII. Most text is, which saves looking at each character. */
static gboolean
is_plain (const char *text, gsize max)
{
  gsize length = 0;

  while (text[length] >= ' ' && text[length] < 0x7f && length < max)
    length++;
  return text[length] == '\0';
}

char *
sl_text_clean (const char *text, gsize max)
{
  g_autoptr (GString) clean = NULL;
  gsize room = 0; /* the longest length after which "…" still fits */
  const char *next;

  if (text != NULL && is_plain (text, max))
    return g_strdup (text);
  clean = g_string_new (NULL);
  for (const char *c = text != NULL ? text : ""; *c != '\0'; c = next) {
    gunichar u = read_character (c, &next);
    g_string_append_unichar (clean, u == (gunichar)-1 || sl_text_is_unsafe (u) ? REPLACEMENT : u);
    if (clean->len + ELLIPSIS_LENGTH <= max)
      room = clean->len;
    if (clean->len > max) {
      g_string_truncate (clean, room);
      if (max >= ELLIPSIS_LENGTH)
        g_string_append (clean, ELLIPSIS);
      break;
    }
  }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

gboolean
sl_text_is_clean (const char *text, gsize max)
{
  const char *next;

  if (is_plain (text, max))
    return TRUE;
  for (const char *c = text; *c != '\0'; c = next) {
    gunichar u = read_character (c, &next);
    if (u == (gunichar)-1 || sl_text_is_unsafe (u) || (gsize)(next - text) > max)
      return FALSE;
  }
  return TRUE;
}

char *
sl_text_address (const char *address)
{
  g_autofree char *shown =
      address != NULL ? g_strndup (address, strcspn (address, "?#")) : g_strdup ("");
  char *authority = strstr (shown, "//"), *at;

  /* some parsers end the host at a backslash; treating more as the user name reveals less */
  if (authority != NULL) {
    gsize end = strcspn (authority + 2, "/");
    at = g_strrstr_len (authority + 2, (gssize)end, "@");
    if (at != NULL)
      memmove (authority + 2, at + 1, strlen (at + 1) + 1);
  }
  return sl_text_clean (shown, ADDRESS_LENGTH_MAX);
}

char *
sl_text_path (const char *path)
{
  g_autoptr (GString) escaped = g_string_new (NULL);
  const char *next;

  for (const char *c = path; *c != '\0'; c = next) {
    gunichar u = read_character (c, &next);
    if (u == '\n')
      g_string_append (escaped, "\\n");
    else if (u == '\\')
      g_string_append (escaped, "\\\\");
    else if (u == (gunichar)-1 || (u < 0x80 && sl_text_is_unsafe (u)))
      g_string_append_printf (escaped, "\\%03o", (guint)(guchar)*c);
    else if (sl_text_is_unsafe (u))
      g_string_append_printf (escaped, u > 0xFFFF ? "\\U%08x" : "\\u%04x", u);
    else
      g_string_append_unichar (escaped, u);
  }
  return g_string_free (g_steal_pointer (&escaped), FALSE);
}
