/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a download moves or doesn't, in sentences. */
#pragma once

#include "why-facts.h"

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* (transfer full) (element-type utf8) */
GPtrArray *why_explain (const WhyFacts *facts, SluiceDownload *download);

G_END_DECLS
