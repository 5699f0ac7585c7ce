/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A clock that nobody can set: how much time has passed since the queue was begun, as far as the service can know. While
 * it runs, suspended or not, that is what the kernel counts; from one run to the next, half a day at most is believed of
 * what the clock on the wall says. What is deleted because it is old is old by this clock.
 */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlAge SlAge;

/* (transfer full): goes on where sl_age_save () left it in @store */
SlAge *sl_age_new (SlStore *store);
void sl_age_free (SlAge *age);
/* µs */
gint64 sl_age_now (SlAge *age);
void sl_age_save (SlAge *age);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlAge, sl_age_free)

G_END_DECLS
