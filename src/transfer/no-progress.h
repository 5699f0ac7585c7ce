/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a download may be without a byte: NoProgressTimeout. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* TRUE with @error when no byte has come for longer than the download allows. */
gboolean sl_has_no_progress (const SlRecord *record, GError **error);

G_END_DECLS
