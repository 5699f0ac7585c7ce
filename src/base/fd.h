/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file descriptor that closes itself: "g_auto (SlFd) fd = -1;", or sl_fd_clear () for a member. */
#pragma once

#include <errno.h>
#include <glib.h>
#include <unistd.h>

G_BEGIN_DECLS

typedef int SlFd; /* -1 for none */

/* Closes it, if it is open. Keeps errno, which may be from an earlier error. */
static inline void
sl_fd_clear (SlFd *fd)
{
  int err = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = err;
}

/* (transfer full): the descriptor; the caller closes it */
static inline int
sl_fd_steal (SlFd *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlFd, sl_fd_clear)

G_END_DECLS
