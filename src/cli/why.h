/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says in sentences why a download runs or waits. */
#pragma once

#include "why-facts.h"

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* (transfer full) (element-type utf8) */
GPtrArray *why_explain (const WhyFacts *facts, SluiceDownload *download);

G_END_DECLS
