/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A clock that nobody can set: how much time has passed since the queue was created, as far as the service can know.
 * While the service runs, the kernel counts, also in suspend. Between two runs the wall clock counts, but for half a
 * day at most. Downloads that are deleted because of their age are old by this clock.
 */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlAge SlAge;

/* (transfer full): continues from the last sl_age_save () to @store */
SlAge *sl_age_new (SlStore *store);
void sl_age_free (SlAge *age);
/* µs */
gint64 sl_age_now (SlAge *age);
void sl_age_save (SlAge *age);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlAge, sl_age_free)

G_END_DECLS
