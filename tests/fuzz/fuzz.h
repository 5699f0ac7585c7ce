/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every fuzzer needs: the entry that libFuzzer calls, and its input as a string. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A promise that does not depend on how the program was built. */
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
