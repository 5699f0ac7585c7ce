/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keeps the machine from going to sleep, through logind on the system bus. We take a lock of mode "block". polkit may
 * refuse it, for example to a remote user; then the machine sleeps as usual. A lock of mode "delay" is never refused,
 * but would not help: it delays sleep by seconds, a download takes longer, and one that is interrupted resumes
 * anyway.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlInhibit SlInhibit;

/* @system: (nullable): the system bus. Never fails. Holds nothing until sl_inhibit_set (). */
SlInhibit *sl_inhibit_new (GDBusConnection *system);
/* @active: keep the machine awake. Takes the lock asynchronously, and releases it at once. */
void sl_inhibit_set (SlInhibit *inhibit, gboolean active);
/* Whether the lock is held. */
gboolean sl_inhibit_is_held (SlInhibit *inhibit);
/* Releases the lock. */
void sl_inhibit_free (SlInhibit *inhibit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlInhibit, sl_inhibit_free)

G_END_DECLS
