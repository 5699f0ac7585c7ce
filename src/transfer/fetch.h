/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer that fetches a file over HTTP into its part file. */
#pragma once

#include "transfer/kind.h"

G_BEGIN_DECLS

extern const SlTransferKind sl_fetch_kind;

/* The network has changed: all transfers' connections whose local address is gone fail at once. */
void sl_fetch_break_stale (void);

G_END_DECLS
