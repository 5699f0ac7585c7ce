/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses and Locations: an accepted one can be written into a request, also to a proxy, and is not changed. */
#include <string.h>

#include "base/address.h"
#include "fuzz.h"

static void
check_text (const char *text)
{
  for (; *text != '\0'; text++)
    FUZZ_ASSERT (*text > ' ' && *text < 0x7f);
}

static void
check_address (GUri *uri)
{
  g_autofree char *text = g_uri_to_string (uri);
  g_autoptr (GUri) again = NULL;
  g_autofree char *same = NULL;
  const char *why = NULL, *host = g_uri_get_host (uri);

  check_text (host);
  FUZZ_ASSERT (strpbrk (host, "/\\?#@<>^|[]") == NULL);
  check_text (g_uri_get_path (uri));
  FUZZ_ASSERT (g_uri_get_path (uri)[0] == '/');
  FUZZ_ASSERT (strpbrk (g_uri_get_path (uri), "?#") == NULL);
  if (g_uri_get_query (uri) != NULL)
    check_text (g_uri_get_query (uri));
  FUZZ_ASSERT (g_uri_get_port (uri) >= 1 && g_uri_get_port (uri) <= 65535);
  FUZZ_ASSERT (g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL);
  again = sl_address_parse (text, &why);
  FUZZ_ASSERT (again != NULL);
  same = g_uri_to_string (again);
  FUZZ_ASSERT (strcmp (same, text) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  const char *why = NULL;
  g_autoptr (GUri) base = sl_address_parse ("http://localhost/a/b?c", &why);
  g_autoptr (GUri) parsed = sl_address_parse (text, &why);
  g_autoptr (GUri) resolved = sl_address_resolve (base, text, &why);

  FUZZ_ASSERT (base != NULL);
  if (parsed != NULL)
    check_address (parsed);
  if (resolved != NULL)
    check_address (resolved);
  return 0;
}
