/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stamp of a file: it identifies the file and its content. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Inode and birth identify the file; modified, changed and size identify its content, when sealed. */
typedef struct {
  guint64 inode;   /* 0: there is no file yet */
  gint64 birth;    /* ns since the epoch; 0 where the file system keeps none */
  gint64 modified; /* ns since the epoch; valid when @sealed */
  gint64
      changed; /* ns since the epoch, of the inode, which no program can set; 0 if it was not recorded */
  guint64 size;    /* valid when @sealed */
  gboolean sealed; /* we have not written since @modified and @size were read */
} SlStamp;

G_END_DECLS
