/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keeps the machine from going to sleep, through logind on the system bus. Its "block" is what keeps; polkit may refuse
 * it, as to a user who isn't at the machine, and then it sleeps when it likes. A "delay", which anybody gets, would be
 * no help: it puts sleep off for seconds, while a download takes longer, and one that is cut off goes on later anyway.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlInhibit SlInhibit;

/* @system: (nullable): the system bus; never fails. Nothing is held until sl_inhibit_set (). */
SlInhibit *sl_inhibit_new (GDBusConnection *system);
/* Whether the machine is to stay awake. Asks for it asynchronously; releases at once. May be called again and again. */
void sl_inhibit_set (SlInhibit *inhibit, gboolean active);
/* Whether it's kept awake. */
gboolean sl_inhibit_is_held (SlInhibit *inhibit);
/* Releases. */
void sl_inhibit_free (SlInhibit *inhibit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlInhibit, sl_inhibit_free)

G_END_DECLS
