/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the sentences of “why”. */
#include "config.h"

#include "why-text.h"

void
why_take (Why *why, char *sentence)
{
  g_ptr_array_add (why->said, sentence);
}

void
why_say (Why *why, const char *sentence)
{
  why_take (why, g_strdup (sentence));
}
