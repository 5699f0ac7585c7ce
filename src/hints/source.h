/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all sources of hints have in common. Each source lives on the main loop, in a file of its own:
 *
 *   SlThing *sl_thing_new (GDBusConnection *bus, SlSourceChanged changed, gpointer user_data);
 *   void sl_thing_fold (SlThing *thing, SlConditions *conditions);   writes what it knows, and conditions->sources
 *   void sl_thing_free (SlThing *thing);
 *
 * new () returns at once and never fails: what is not there (yet), or doesn't answer, is unavailable, and fold () then
 * writes nothing. @bus is NULL where there is none. Nobody is polled: a source reacts to signals.
 */
#pragma once

#include "hints/conditions.h"

G_BEGIN_DECLS

/* Called on the main loop whenever fold () would write something else than before. */
typedef void (*SlSourceChanged) (gpointer user_data);

G_END_DECLS
