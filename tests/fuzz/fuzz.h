/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For every fuzzer: the function that libFuzzer calls, and its input as a string. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* An assertion that does not depend on build options. */
#define FUZZ_ASSERT(condition)                                                                     \
  do {                                                                                             \
    if (!(condition))                                                                              \
      abort ();                                                                                    \
  } while (0)

/* (transfer full): the input, ended by a NUL; header fields can't contain one */
static inline char *
fuzz_text (const uint8_t *data, size_t size)
{
  return g_strndup ((const char *)data, size);
}
