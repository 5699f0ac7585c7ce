/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A complete response through a real session and a real socket. A body that is reported as complete must be proven so
 * by a small model of RFC 9112, section 6.3, which shares no code with the client.
 */
#include <gio/gio.h>
#include <string.h>

#include "base/enums.h"
#include "fuzz.h"
#include "http/client.h"
#include "http/range-verdict.h"

/* The model: the wire as text (a NUL ends the head), and what it says about the first final response. */

typedef struct {
  const char *at; /* not read yet */
  const char *end;
} Wire;

/* (transfer full) (nullable): the next line without its end; NULL if no complete one is left */
static char *
take_line (Wire *wire)
{
  const char *newline = memchr (wire->at, '\n', (size_t)(wire->end - wire->at));
  char *line;

  if (newline == NULL)
    return NULL;
  line = g_strndup (wire->at, (size_t)(newline - wire->at));
  if (newline > wire->at && newline[-1] == '\r')
    line[strlen (line) > 0 && (size_t)(newline - wire->at) == strlen (line) ? strlen (line) - 1
                                                                            : strlen (line)] = '\0';
  wire->at = newline + 1;
  return line;
}

typedef struct {
  guint status;
  gboolean chunked;
  char *length; /* (owned) (nullable) */
} Head;

static gboolean
take_head (Wire *wire, Head *head)
{
  gboolean first = TRUE;
  guint blank = 0;

  head->status = 0;
  head->chunked = FALSE;
  g_clear_pointer (&head->length, g_free);
  for (;;) {
    g_autofree char *line = take_line (wire);
    char *colon;
    if (line == NULL)
      return FALSE;
    if (first && *line == '\0' && blank++ < 4)
      continue;
    if (*line == '\0')
      return !first;
    if (first)
      head->status = strchr (line, ' ') != NULL ? (guint)atoi (strchr (line, ' ') + 1) : 0;
    first = FALSE;
    colon = strchr (line, ':');
    if (colon == NULL)
      continue;
    *colon = '\0';
    g_strchomp (line);
    if (g_ascii_strcasecmp (line, "Transfer-Encoding") == 0)
      head->chunked |= strcasestr (colon + 1, "chunked") != NULL;
    if (g_ascii_strcasecmp (line, "Content-Length") == 0) {
      g_free (head->length);
      head->length = g_strdup (g_strstrip (colon + 1));
    }
  }
}

/* Appends the chunks' data; FALSE if the last chunk is missing. */
static gboolean
take_chunks (Wire *wire, GByteArray *body)
{
  for (;;) {
    g_autofree char *line = take_line (wire), *end = NULL;
    guint64 size;
    if (line == NULL || !g_ascii_isxdigit (*line))
      return FALSE;
    size = g_ascii_strtoull (line, NULL, 16);
    if (size == 0)
      break;
    if ((guint64)(wire->end - wire->at) < size)
      return FALSE;
    g_byte_array_append (body, (const guint8 *)wire->at, (guint)size);
    wire->at += size;
    end = take_line (wire);
    if (end == NULL || *end != '\0')
      return FALSE;
  }
  for (;;) {
    g_autofree char *line = take_line (wire);
    if (line == NULL || *line == '\0')
      return line != NULL;
  }
}

/* Whether the wire, followed by an orderly end of the connection, has a complete body. */
static gboolean
is_whole (const uint8_t *data, size_t size, GByteArray *body)
{
  Wire wire = {(const char *)data, (const char *)data + size};
  Head head = {0};
  gboolean whole;
  guint64 length;

  do {
    if (!take_head (&wire, &head)) {
      g_free (head.length);
      return FALSE;
    }
  } while (head.status >= 100 && head.status < 200);
  if (head.chunked) {
    whole = take_chunks (&wire, body);
  } else {
    /* all members of a list are equal, so the first one will do */
    length = head.length != NULL ? g_ascii_strtoull (head.length, NULL, 10)
                                 : (guint64)(wire.end - wire.at);
    whole = (head.length == NULL || g_ascii_isdigit (*head.length)) &&
            (guint64)(wire.end - wire.at) >= length;
    if (whole)
      g_byte_array_append (body, (const guint8 *)wire.at, (guint)length);
  }
  g_free (head.length);
  return whole;
}

/* The server: one connection, one response. */

static struct {
  GSocketListener *listener;
  guint16 port;
  SlClient *client;
  const uint8_t *data;
  size_t size;
} fixture;

static gpointer
serve (gpointer data)
{
  g_autoptr (GSocketConnection) connection =
      g_socket_listener_accept (fixture.listener, NULL, NULL, NULL);
  char request[4096];

  if (connection == NULL)
    return NULL;
  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), request,
                       sizeof request, NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), fixture.data,
                             fixture.size, NULL, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE, NULL);
  /* waits for the client, to avoid a reset */
  while (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), request,
                              sizeof request, NULL, NULL) > 0)
    ;
  return NULL;
}

static void
prepare (void)
{
  sl_client_prepare_process ();
  fixture.listener = g_socket_listener_new ();
  fixture.port = g_socket_listener_add_any_inet_port (fixture.listener, NULL, NULL);
  fixture.client = sl_client_new ();
}

/* (nullable): the body, if it was reported as complete */
static GByteArray *
fetch (void)
{
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u/", fixture.port);
  SlRequest request = {
      .method = "GET",
      .address = uri,
      .redirect_policy = SL_REDIRECT_REFUSE,
      .first_byte_timeout = 2000,
      .stall_timeout = 2,
  };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SlBodyReader) reader = NULL;
  g_autoptr (SlResponse) response =
      sl_client_open (fixture.client, &request, &reader, cancellable, NULL);
  GByteArray *body = NULL;
  SlRangeVerdict verdict;
  guint8 buffer[512];
  gssize n = -1;

  if (response == NULL)
    return NULL;
  verdict = sl_range_verdict_reach (&request.range, response);
  if (verdict.verdict == SL_VERDICT_WHOLE) {
    body = g_byte_array_new ();
    while ((n = sl_body_reader_read (reader, buffer, sizeof buffer, cancellable, NULL)) > 0)
      g_byte_array_append (body, buffer, (guint)n);
    if (verdict.end != SL_SIZE_UNKNOWN && body->len < verdict.end)
      n = -1;
    if (n < 0)
      g_clear_pointer (&body, g_byte_array_unref);
  }
  return body;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) told = NULL;
  g_autoptr (GByteArray) model = g_byte_array_new ();
  GThread *server;

  if (fixture.listener == NULL)
    prepare ();
  fixture.data = data;
  fixture.size = size;
  server = g_thread_new ("server", serve, NULL);
  sl_client_enter (fixture.client);
  told = fetch ();
  sl_client_leave (fixture.client);
  g_thread_join (server);
  if (told == NULL)
    return 0;
  FUZZ_ASSERT (is_whole (data, size, model));
  FUZZ_ASSERT (model->len == told->len && memcmp (model->data, told->data, told->len) == 0);
  return 0;
}
