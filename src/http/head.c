/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads heads. Lines may end with LF alone (RFC 9112, section 2.2), and fields may be folded (section 5.2). */
#include "http/head.h"

#include "base/error.h"
#include "http/digits.h"

#include <string.h>

/* A field of the head, with its folded lines. */
typedef struct {
  const char *start; /* start of its first line */
  const char *end;   /* end of its last line */
  gsize name_length; /* 0: it has no name (no colon, or a colon first) */
} Field;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE, "The response is wrong: %s",
               why);
  return FALSE;
}

static const char *
next_line (const char *at, const char *end)
{
  const char *newline = memchr (at, '\n', (gsize)(end - at));

  return newline != NULL ? newline + 1 : end;
}

/* Reads the field at @at; FALSE at the empty line. */
static gboolean
read_field (const GString *head, const char *at, Field *field)
{
  const char *end = head->str + head->len, *colon;

  if (at >= end || *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n'))
    return FALSE;
  field->start = at;
  field->end = next_line (at, end);
  colon = memchr (at, ':', (gsize)(field->end - at));
  while (field->end < end && (*field->end == ' ' || *field->end == '\t'))
    field->end = next_line (field->end, end);
  field->name_length = colon != NULL ? (gsize)(colon - at) : 0;
  return TRUE;
}

/* Compares names. Spaces after the field's name don't belong to it (RFC 9112, section 5.1). */
static gboolean
is_named (const Field *field, const char *name)
{
  gsize length = field->name_length;

  while (length > 0 && (field->start[length - 1] == ' ' || field->start[length - 1] == '\t'))
    length--;
  return length == strlen (name) && g_ascii_strncasecmp (field->start, name, length) == 0;
}

/* (transfer full): the value, without spaces around it; line ends within it become spaces */
static char *
dup_value (const Field *field)
{
  const char *start = field->start + field->name_length + 1;
  char *value = g_strndup (start, (gsize)(field->end - start));

  g_strdelimit (value, "\r\n\t", ' ');
  return g_strstrip (value);
}

char *
sl_head_dup_field (const GString *head, const char *name)
{
  const char *at = next_line (head->str, head->str + head->len);
  g_autoptr (GString) joined = NULL;
  Field field;

  for (; read_field (head, at, &field); at = field.end) {
    g_autofree char *value = NULL;
    if (!is_named (&field, name))
      continue;
    value = dup_value (&field);
    if (joined == NULL)
      joined = g_string_new (value);
    else
      g_string_append_printf (joined, ", %s", value);
  }
  return joined != NULL ? g_string_free (g_steal_pointer (&joined), FALSE) : NULL;
}

/* Reads a number without sign or anything else. */
static gboolean
read_length (const char *text, guint64 *length)
{
  return sl_digits_take (&text, G_MAXINT64, length) && *text == '\0';
}

/* RFC 9112, section 6.3, rule 5: a list is valid if all its members are valid and equal. */
static gboolean
read_lengths (const char *field, SlHeadFacts *facts, GError **error)
{
  g_auto (GStrv) members = g_strsplit (field, ",", -1);

  for (guint i = 0; i == 0 || members[i] != NULL; i++) {
    guint64 length;
    if (members[i] == NULL || !read_length (g_strstrip (members[i]), &length))
      return refuse (error, "its Content-Length is not a size");
    if (i > 0 && length != facts->length)
      return refuse (error, "it has different values of Content-Length");
    facts->length = length;
    if (i > 0) {
      facts->oddity = "Content-Length is repeated";
      facts->closes = TRUE;
    }
  }
  facts->body = SL_BODY_LENGTH;
  return TRUE;
}

/* We offer no transfer coding but chunked, and can undo no other. */
static gboolean
read_codings (const char *field, SlHeadFacts *facts, GError **error)
{
  g_auto (GStrv) codings = g_strsplit (field, ",", -1);

  for (guint i = 0; codings[i] != NULL; i++) {
    const char *coding = g_strstrip (codings[i]);
    if (*coding == '\0' || g_ascii_strcasecmp (coding, "identity") == 0)
      continue;
    if (g_ascii_strcasecmp (coding, "chunked") != 0)
      return refuse (error, "it has a transfer coding that was not requested");
    facts->body = SL_BODY_CHUNKED;
  }
  return TRUE;
}

static gboolean
has_member (const char *list, const char *member)
{
  g_auto (GStrv) members = NULL;

  if (list == NULL)
    return FALSE;
  members = g_strsplit (list, ",", -1);
  for (guint i = 0; members[i] != NULL; i++) {
    if (g_ascii_strcasecmp (g_strstrip (members[i]), member) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The length of the version: "HTTP/" DIGIT "." DIGIT SP, or Shoutcast's "ICY "; 0 for neither. */
static gsize
get_version_length (const char *line)
{
  if (g_str_has_prefix (line, "ICY "))
    return 4;
  if (g_str_has_prefix (line, "HTTP/") && g_ascii_isdigit (line[5]) && line[6] == '.' &&
      g_ascii_isdigit (line[7]) && line[8] == ' ')
    return 9;
  return 0;
}

/* HTTP-version SP status-code [ SP reason ] (RFC 9112, section 4) */
static gboolean
read_status_line (const GString *head, SlHeadFacts *facts, gboolean *old, GError **error)
{
  gsize version = get_version_length (head->str);
  const char *at = head->str + version;
  guint digits = 0;

  if (version == 0)
    return refuse (error, "it has no version of HTTP");
  *old = g_str_has_prefix (head->str, "HTTP/1.0") || g_str_has_prefix (head->str, "ICY");
  at += strspn (at, " ");
  for (; g_ascii_isdigit (*at) && digits < 4; at++, digits++)
    facts->status = facts->status * 10 + (guint)g_ascii_digit_value (*at);
  if (digits != 3 || facts->status < 100 || strchr (" \t\r\n", *at) == NULL)
    return refuse (error, "it has no status code");
  return TRUE;
}

static void
read_connection (const GString *head, gboolean old, SlHeadFacts *facts)
{
  g_autofree char *connection = sl_head_dup_field (head, "Connection");

  facts->closes |= has_member (connection, "close") ||
                   (old && !has_member (connection, "keep-alive")) ||
                   facts->body == SL_BODY_UNTIL_CLOSE;
}

/* Reads the fields about framing; the status is considered later. */
static gboolean
read_framing (const GString *head, gboolean old, SlHeadFacts *facts, GError **error)
{
  g_autofree char *codings = sl_head_dup_field (head, "Transfer-Encoding");
  g_autofree char *lengths = sl_head_dup_field (head, "Content-Length");

  facts->body = SL_BODY_UNTIL_CLOSE;
  if (codings != NULL && !read_codings (codings, facts, error))
    return FALSE;
  if (facts->body == SL_BODY_CHUNKED && (lengths != NULL || old)) {
    facts->oddity = lengths != NULL ? "it has Content-Length and Transfer-Encoding"
                                    : "HTTP/1.0 has no Transfer-Encoding";
    facts->closes = TRUE;
    return TRUE;
  }
  return facts->body == SL_BODY_CHUNKED || lengths == NULL || read_lengths (lengths, facts, error);
}

/* A CR in a name could hide a field, because some parsers strip it and others don't (RFC 9112, section 2.2). */
static gboolean
has_clean_names (const GString *head)
{
  const char *at = next_line (head->str, head->str + head->len);
  Field field;

  for (; read_field (head, at, &field); at = field.end) {
    if (memchr (field.start, '\r', field.name_length) != NULL)
      return FALSE;
  }
  return TRUE;
}

gboolean
sl_head_read (const GString *head, SlHeadFacts *facts, GError **error)
{
  gboolean old = FALSE, framed;

  *facts = (SlHeadFacts){0};
  if (strlen (head->str) != head->len)
    return refuse (error, "its head contains a NUL");
  if (!has_clean_names (head))
    return refuse (error, "the name of a field contains a line end");
  if (!read_status_line (head, facts, &old, error) || !read_framing (head, old, facts, error))
    return FALSE;
  if (facts->status == 101)
    return refuse (error, "it switches to a protocol that was not requested");
  facts->interim = facts->status < 200;
  if (facts->interim || facts->status == 204 || facts->status == 304) {
    framed = facts->body == SL_BODY_CHUNKED || facts->length > 0;
    facts->body = SL_BODY_NONE;
    /* RFC 9110, section 8.6: a 304 may state the file's length */
    if (framed && facts->status != 304) {
      facts->oddity = "it announces a body, which its status can't have";
      facts->closes = TRUE;
    }
  }
  read_connection (head, old, facts);
  return TRUE;
}

static void
append (GByteArray *out, const char *text, gsize length)
{
  g_byte_array_append (out, (const guint8 *)text, (guint)length);
}

/* Whether the facts replace this field. */
static gboolean
is_replaced (const Field *field, const SlHeadFacts *facts)
{
  return is_named (field, "Content-Length") || is_named (field, "Transfer-Encoding") ||
         (facts->closes && is_named (field, "Connection"));
}

void
sl_head_append (const GString *head, const SlHeadFacts *facts, GByteArray *out)
{
  const char *at = next_line (head->str, head->str + head->len);
  g_autofree char *length = NULL;
  Field field;

  append (out, head->str, (gsize)(at - head->str));
  for (; read_field (head, at, &field); at = field.end) {
    if (!is_replaced (&field, facts))
      append (out, field.start, (gsize)(field.end - field.start));
  }
  if (facts->body == SL_BODY_LENGTH) {
    length = g_strdup_printf ("Content-Length: %" G_GUINT64_FORMAT "\r\n", facts->length);
    append (out, length, strlen (length));
  } else if (facts->body == SL_BODY_CHUNKED) {
    append (out, "Transfer-Encoding: chunked\r\n", 28);
  }
  if (facts->closes && !facts->interim)
    append (out, "Connection: close\r\n", 19);
  append (out, "\r\n", 2);
}
