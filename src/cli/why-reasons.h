/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reasons for which a download waits, in sentences. */
#pragma once

#include "why-text.h"

G_BEGIN_DECLS

/* A sentence or more for each; notes what they are about. */
void why_explain_reasons (Why *why, const char *const *reasons);

G_END_DECLS
