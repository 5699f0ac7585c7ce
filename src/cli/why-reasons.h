/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sentences about the reasons for which a download waits. */
#pragma once

#include "why-text.h"

G_BEGIN_DECLS

/* Says one or more sentences about each of @reasons, and notes in @why what they are about. */
void why_explain_reasons (Why *why, const char *const *reasons);

G_END_DECLS
