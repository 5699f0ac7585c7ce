/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state directory, in which the queue is: opens, checks and locks it, and says whether a path is in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Opens the state directory @path, and creates it if it is missing. A descriptor, or -1 with LOCAL_FILE, also if other
 * users can write there, or this user can't. Whoever can replace the queue decides what this user downloads, and where.
 */
int sl_directory_open (const char *path, GError **error);
/*
 * Locks @path, so that no other process uses it, on whatever bus. A descriptor that holds the lock, or -1 with
 * INVALID_STATE.
 */
int sl_directory_lock (const char *path, GError **error);
/*
 * Whether @path, or the nearest existing directory above it, is the directory @fd or is in it, whatever links lead
 * there.
 */
gboolean sl_directory_holds (int fd, const char *path);

G_END_DECLS
