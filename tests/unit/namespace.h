/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A separate network for the case, with a matching /sys; and waiting on the main loop. */
#pragma once

#include "unit.h"

#include <cerrno>
#include <functional>
#include <sched.h>
#include <sys/mount.h>

inline void
ip (const std::string &command)
{
  ASSERT_EQ (system (("ip " + command).c_str ()), 0) << "ip " << command;
}

/* Gives this thread and its children a network that has only a loopback. */
inline void
enter_namespace ()
{
  ASSERT_EQ (unshare (CLONE_NEWNET | CLONE_NEWNS), 0) << g_strerror (errno);
  ASSERT_EQ (mount (nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0) << g_strerror (errno);
  ASSERT_EQ (mount ("sysfs", "/sys", "sysfs", 0, nullptr), 0) << g_strerror (errno);
  ip ("link set lo up");
}

/* Adds a link "link0" with an address; its other end never answers, but its hardware address is known. */
inline void
add_link ()
{
  ip ("link add link0 type veth peer name link1");
  ip ("link set link1 up");
  ip ("link set link0 up");
  ip ("address add 192.0.2.10/24 dev link0");
  ip ("neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev link0 nud permanent");
}

/* Runs the main loop until @done; false after a time that no machine needs. */
inline bool
wait_until (const std::function<bool ()> &done, int seconds = 20)
{
  gint64 end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  guint tick = g_timeout_add (
      50, [] (gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr);

  while (!done () && g_get_monotonic_time () < end)
    g_main_context_iteration (nullptr, TRUE);
  g_source_remove (tick);
  return done ();
}
