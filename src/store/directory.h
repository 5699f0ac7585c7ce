/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory that the queue is in: who may write into it, and what lies in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Opens the state directory @path, which is made if missing: a descriptor, or -1 with LOCAL_FILE, also when others than
 * its user can write there, or its user can't. Who can exchange the queue decides what this user downloads and where to.
 */
int sl_directory_open (const char *path, GError **error);
/* One process a directory, whatever bus it is on: a descriptor that holds the lock, or -1 with INVALID_STATE. */
int sl_directory_lock (const char *path, GError **error);
/* Whether @path, or the nearest directory above it that exists, is the directory @fd or lies in it, by whatever name. */
gboolean sl_directory_holds (int fd, const char *path);

G_END_DECLS
