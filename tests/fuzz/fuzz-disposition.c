/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File names from Content-Disposition and from addresses: the name is always safe. */
#include <string.h>

#include "fuzz.h"
#include "http/file-name.h"

static void
check_name (const char *name)
{
  gsize length = strlen (name);

  FUZZ_ASSERT (length > 0 && length <= 255);
  FUZZ_ASSERT (name[0] != '.');
  FUZZ_ASSERT (strchr (name, '/') == NULL);
  FUZZ_ASSERT (g_utf8_validate (name, -1, NULL));
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    FUZZ_ASSERT (!g_unichar_iscntrl (g_utf8_get_char (at)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* a header field has no line breaks: libsoup has split it there */
  g_autofree char *text = g_strdelimit (fuzz_text (data, size), "\r\n", ' ');
  g_autofree char *from_field = sl_file_name_from_disposition (text);
  g_autofree char *safe = sl_file_name_make_safe (text);
  g_autofree char *uri = g_strconcat ("http://localhost/", text, NULL);
  g_autofree char *from_uri = sl_file_name_from_uri (uri);

  if (from_field != NULL)
    check_name (from_field);
  check_name (safe);
  check_name (from_uri);
  return 0;
}
