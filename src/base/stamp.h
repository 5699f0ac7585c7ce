/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stamp of a file: what tells it, and its content, from any other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Inode and birth make out the file; modified, changed and size its content, when sealed. */
typedef struct {
  guint64 inode;   /* 0: there is no file yet */
  gint64 birth;    /* ns since the epoch; 0 where the file system keeps none */
  gint64 modified; /* ns since the epoch; valid when @sealed */
  gint64 changed; /* ns since the epoch, of the inode: nobody can set it; 0 if it wasn't recorded */
  guint64 size;   /* valid when @sealed */
  gboolean sealed; /* nothing of ours has been written since @modified and @size were taken */
} SlStamp;

G_END_DECLS
