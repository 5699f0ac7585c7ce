/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The framing of responses: a state machine over bytes, independent of streams. */
#include "http/framing.h"

#include "base/error.h"

#include <string.h>

/* The same limit for a head as in libsoup. */
#define HEAD_SIZE_MAX ((gsize)64 * 1024)
/* The limit for a chunk's size line with extensions, and for all trailers of a body. */
#define LINES_MAX ((gsize)64 * 1024)
/* More interim responses (1xx) than any server needs. */
#define INTERIM_MAX 128
/* How many bytes of line ends before a head are accepted as a careless server's rest of the previous response. */
#define SLOP_MAX 4

struct _SlFraming {
  enum { HEAD, CONTENT, SIZE_LINE, CHUNK_CONTENT, CHUNK_END, TRAILERS, COMPLETE, TUNNEL } state;
  GString *head;      /* (owned) bytes of the head, kept after its end */
  gsize line_start;   /* in head: start of the present line */
  GString *line;      /* (owned) a size line, a trailer, or the end of a chunk */
  gsize trailers;     /* bytes of trailers */
  gboolean bare;      /* the last line ended with LF alone */
  guint64 left;       /* bytes left of the content or chunk */
  guint64 total;      /* length of the content, if known */
  guint slop;         /* line ends skipped */
  guint interim;      /* interim responses before this head */
  SlHeadFacts facts;  /* facts of the last head */
  gboolean has_facts; /* there was a complete head */
};

SlFraming *
sl_framing_new (void)
{
  SlFraming *framing = g_new0 (SlFraming, 1);

  framing->head = g_string_new (NULL);
  framing->line = g_string_new (NULL);
  return framing;
}

void
sl_framing_free (SlFraming *framing)
{
  g_string_free (framing->head, TRUE);
  g_string_free (framing->line, TRUE);
  g_free (framing);
}

static void
begin_head (SlFraming *framing)
{
  framing->state = HEAD;
  g_string_truncate (framing->head, 0);
  framing->line_start = 0;
}

void
sl_framing_begin (SlFraming *framing)
{
  begin_head (framing);
  g_string_truncate (framing->line, 0);
  framing->slop = framing->interim = 0;
  framing->has_facts = FALSE;
}

void
sl_framing_pass (SlFraming *framing)
{
  framing->state = TUNNEL;
}

guint64
sl_framing_get_content (const SlFraming *framing)
{
  switch (framing->state) {
  case CONTENT:
  case CHUNK_CONTENT:
    return framing->left;
  case TUNNEL:
    return G_MAXUINT64;
  case HEAD:
  case SIZE_LINE:
  case CHUNK_END:
  case TRAILERS:
  case COMPLETE:
    return 0;
  }
  g_return_val_if_reached (0);
}

void
sl_framing_passed (SlFraming *framing, guint64 n)
{
  if (framing->state == TUNNEL || framing->left == G_MAXUINT64)
    return;
  framing->left -= n;
  if (framing->left > 0)
    return;
  framing->state = framing->state == CHUNK_CONTENT ? CHUNK_END : COMPLETE;
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE, "The response is wrong: %s",
               why);
  return FALSE;
}

/* Refuses bytes that can't become a response before all of them have arrived. */
static gboolean
check_beginning (const GString *head, GError **error)
{
  static const char *const beginnings[] = {"HTTP/", "ICY "};

  for (gsize i = 0; i < G_N_ELEMENTS (beginnings); i++) {
    if (strncmp (head->str, beginnings[i], MIN (head->len, strlen (beginnings[i]))) == 0)
      return TRUE;
  }
  return refuse (error, "it does not begin like HTTP");
}

/* Call it when the head is complete: decides which kind of body follows. */
static gboolean
end_head (SlFraming *framing, GByteArray *out, GError **error)
{
  SlHeadFacts *facts = &framing->facts;

  if (!sl_head_read (framing->head, facts, error))
    return FALSE;
  framing->has_facts = TRUE;
  sl_head_append (framing->head, facts, out);
  if (facts->interim) {
    if (++framing->interim > INTERIM_MAX)
      return refuse (error, "interim responses (1xx) do not end");
    begin_head (framing);
    return TRUE;
  }
  framing->left = framing->total = 0;
  switch (facts->body) {
  case SL_BODY_NONE:
    framing->state = COMPLETE;
    break;
  case SL_BODY_LENGTH:
    framing->left = framing->total = facts->length;
    framing->state = facts->length > 0 ? CONTENT : COMPLETE;
    break;
  case SL_BODY_CHUNKED:
    framing->state = SIZE_LINE;
    break;
  case SL_BODY_UNTIL_CLOSE:
    framing->left = G_MAXUINT64;
    framing->state = CONTENT;
    break;
  }
  return TRUE;
}

static gboolean
is_empty_line (const GString *text, gsize start)
{
  gsize length = text->len - start;

  return (length == 1 && text->str[start] == '\n') ||
         (length == 2 && text->str[start] == '\r' && text->str[start + 1] == '\n');
}

static gboolean
feed_head (SlFraming *framing, char c, GByteArray *out, GError **error)
{
  GString *head = framing->head;

  if (head->len == 0 && (c == '\r' || c == '\n') && framing->slop++ < SLOP_MAX)
    return TRUE;
  g_string_append_c (head, c);
  if (head->len > HEAD_SIZE_MAX)
    return refuse (error, "its head has more than 64 KiB");
  if (head->len <= 5 && !check_beginning (head, error))
    return FALSE;
  if (c != '\n')
    return TRUE;
  if (is_empty_line (head, framing->line_start))
    return end_head (framing, out, error);
  framing->line_start = head->len;
  return TRUE;
}

/* chunk-size [ chunk-ext ] (RFC 9112, section 7.1); extensions are ignored, but must be separated from the digits */
static gboolean
read_size (const GString *line, guint64 *size, GError **error)
{
  gsize i = 0;

  *size = 0;
  for (; g_ascii_isxdigit (line->str[i]); i++) {
    if (*size > (guint64)G_MAXINT64 >> 4)
      return refuse (error, "a chunk is larger than any file can be");
    *size = *size << 4 | (guint64)g_ascii_xdigit_value (line->str[i]);
  }
  if (i == 0)
    return refuse (error, "a chunk has no valid size");
  i += strspn (line->str + i, " \t");
  if (line->str[i] != ';' && line->str[i] != '\0')
    return refuse (error, "the size of a chunk is followed by something else");
  if (strlen (line->str) != line->len || strchr (line->str, '\r') != NULL)
    return refuse (error, "the size line of a chunk contains control characters");
  return TRUE;
}

static gboolean
end_size_line (SlFraming *framing, GByteArray *out, GError **error)
{
  g_autofree char *plain = NULL;

  if (!read_size (framing->line, &framing->left, error))
    return FALSE;
  if (framing->left == 0) {
    framing->state = TRAILERS;
    framing->trailers = 0;
    return TRUE;
  }
  plain = g_strdup_printf ("%" G_GINT64_MODIFIER "x\r\n", framing->left);
  g_byte_array_append (out, (const guint8 *)plain, (guint)strlen (plain));
  framing->state = CHUNK_CONTENT;
  return TRUE;
}

static gboolean
end_trailer (SlFraming *framing, GByteArray *out, GError **error)
{
  const GString *line = framing->line;

  if (line->len == 0) {
    g_byte_array_append (out, (const guint8 *)"0\r\n\r\n", 5);
    framing->state = COMPLETE;
    return TRUE;
  }
  framing->trailers += line->len;
  if (strlen (line->str) != line->len)
    return refuse (error, "a trailer contains a NUL");
  if (strchr (line->str, ':') == NULL && line->str[0] != ' ' && line->str[0] != '\t')
    return refuse (error, "a trailer is malformed");
  return TRUE;
}

/*
 * Checks the line end after a chunk. LF alone is accepted only if the size line had it, too; otherwise a size that is
 * too large by one, which takes the CR for content, would not be detected.
 */
static gboolean
end_chunk (SlFraming *framing, gboolean bare, GByteArray *out, GError **error)
{
  if (framing->line->len > 0 || (bare && !framing->bare))
    return refuse (error, "a chunk does not end where its size says");
  g_byte_array_append (out, (const guint8 *)"\r\n", 2);
  framing->state = SIZE_LINE;
  return TRUE;
}

/* Handles a complete line outside of the head. */
static gboolean
end_line (SlFraming *framing, GByteArray *out, GError **error)
{
  gboolean bare = framing->line->len == 0 || framing->line->str[framing->line->len - 1] != '\r';
  gboolean ok;

  if (!bare)
    g_string_truncate (framing->line, framing->line->len - 1);
  switch (framing->state) {
  case SIZE_LINE:
    ok = end_size_line (framing, out, error);
    framing->bare = bare;
    break;
  case CHUNK_END:
    ok = end_chunk (framing, bare, out, error);
    break;
  case TRAILERS:
    ok = end_trailer (framing, out, error);
    break;
  default:
    g_return_val_if_reached (FALSE);
  }
  g_string_truncate (framing->line, 0);
  return ok;
}

static gboolean
feed_line (SlFraming *framing, char c, GByteArray *out, GError **error)
{
  GString *line = framing->line;

  if (c == '\n')
    return end_line (framing, out, error);
  g_string_append_c (line, c);
  if (framing->state == CHUNK_END && (line->len > 1 || c != '\r'))
    return refuse (error, "a chunk does not end where its size says");
  if (framing->state == SIZE_LINE && line->len == 1 && !g_ascii_isxdigit (c))
    return refuse (error, "a chunk has no valid size");
  if (line->len + (framing->state == TRAILERS ? framing->trailers : 0) > LINES_MAX)
    return refuse (error, "the bytes between its chunks, or after them, do not end");
  return TRUE;
}

gboolean
sl_framing_feed (SlFraming *framing,
                 const guint8 *data,
                 gsize length,
                 gsize *used,
                 GByteArray *out,
                 GError **error)
{
  for (*used = 0; *used < length; (*used)++) {
    char c = (char)data[*used];
    switch (framing->state) {
    case HEAD:
      if (!feed_head (framing, c, out, error))
        return FALSE;
      break;
    case SIZE_LINE:
    case CHUNK_END:
    case TRAILERS:
      if (!feed_line (framing, c, out, error))
        return FALSE;
      break;
    case CONTENT:
    case CHUNK_CONTENT:
    case COMPLETE:
    case TUNNEL:
      return TRUE;
    }
  }
  return TRUE;
}

gboolean
sl_framing_end (SlFraming *framing, GError **error)
{
  const char *where = NULL;

  switch (framing->state) {
  case HEAD:
    if (framing->head->len == 0 && framing->interim == 0)
      return TRUE; /* no response at all, which libsoup reports itself */
    where = "in the head of the response";
    break;
  case CONTENT:
    if (framing->left == G_MAXUINT64) {
      framing->state = COMPLETE;
      return TRUE;
    }
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_CONNECT,
                 "The connection ended after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                 framing->total - framing->left, framing->total);
    return FALSE;
  case SIZE_LINE:
  case CHUNK_CONTENT:
  case CHUNK_END:
    where = "before the last part of the file";
    break;
  case TRAILERS:
    where = "before the end of the response";
    break;
  case COMPLETE:
  case TUNNEL:
    return TRUE;
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_CONNECT, "The connection ended %s", where);
  return FALSE;
}

gboolean
sl_framing_is_fresh (const SlFraming *framing)
{
  return framing->state == HEAD && framing->head->len == 0 && framing->interim == 0;
}

gboolean
sl_framing_is_complete (const SlFraming *framing)
{
  return framing->state == COMPLETE;
}

gboolean
sl_framing_closes (const SlFraming *framing)
{
  return framing->has_facts && framing->facts.closes;
}

SlBodyEnd
sl_framing_get_body_end (const SlFraming *framing)
{
  return framing->facts.body;
}

char *
sl_framing_dup_field (const SlFraming *framing, const char *name)
{
  return sl_head_dup_field (framing->head, name);
}

const char *
sl_framing_get_oddity (const SlFraming *framing)
{
  return framing->facts.oddity;
}
