/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who calls. Asks the bus once for each sender, and remembers the answer until the sender leaves the bus, or until many
 * others have called since. Until the answer is there, the calls of that sender wait in the order in which they came.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlCallers SlCallers;

/* The process behind a sender, as the bus says. */
typedef struct {
  guint32 uid;
  guint32 pid;              /* 0: not known */
  gboolean is_service_user; /* the service runs as that user too */
} SlCaller;

/* (transfer none) (nullable) @caller: NULL with @error when the bus doesn't say who it is */
typedef void (*SlCallerFound) (const SlCaller *caller, const GError *error, gpointer user_data);

/*
 * (transfer full) (nullable): NULL with @error when the bus doesn't say who its connections are. @one_user: the bus lets in
 * nobody but the user that the service runs as.
 */
SlCallers *sl_callers_new (GDBusConnection *connection, gboolean one_user, GError **error);
/* Calls that wait fail with INVALID_STATE. */
void sl_callers_free (SlCallers *callers);

/*
 * Calls @found, at once when @sender is known. @sender: a unique name, NULL where there is no bus.
 *
 * When the sender has left before the bus was asked, it is taken for the bus's only user, if there is only one. So its call is
 * carried out: a program may send a call and end without waiting for the reply. On other buses such a call fails.
 */
void
sl_callers_find (SlCallers *callers, const char *sender, SlCallerFound found, gpointer user_data);
/* (transfer none) (nullable): who @sender is, without asking the bus: a remembered caller, or the bus's only user */
const SlCaller *sl_callers_peek (SlCallers *callers, const char *sender);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlCallers, sl_callers_free)

G_END_DECLS
