/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for events in tests. */
#include "support/loop.h"

#include <cstdio>
#include <cstdlib>
#include <glib.h>

namespace st
{

double
time_factor ()
{
  const char *text = g_getenv ("SLUICE_TEST_TIMEOUT_FACTOR");

  return text != nullptr ? g_ascii_strtod (text, nullptr) : 1;
}

static gboolean
on_timeout (gpointer data)
{
  *static_cast<bool *> (data) = true;
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer)
{
  return G_SOURCE_CONTINUE;
}

static bool
wait (const std::function<bool ()> &done, double seconds)
{
  bool expired = false, met = false;
  guint timer = g_timeout_add ((guint)(seconds * 1000), on_timeout, &expired);

  while (!(met = done ()) && !expired)
    g_main_context_iteration (nullptr, TRUE);
  if (!expired)
    g_source_remove (timer);
  return met;
}

bool
wait_until (const std::function<bool ()> &done, double seconds)
{
  return wait (done, seconds * time_factor ());
}

bool
wait_polling (const std::function<bool ()> &done, double seconds)
{
  guint ticks = g_timeout_add (20, on_tick, nullptr);
  bool met = wait (done, seconds * time_factor ());

  g_source_remove (ticks);
  return met;
}

void
run_for (double seconds)
{
  wait ([] { return false; }, seconds);
}

void
wake ()
{
  g_main_context_wakeup (nullptr);
}

std::string
need_env (const char *name)
{
  const char *value = g_getenv (name);

  if (value == nullptr) {
    std::fprintf (stderr, "%s is not set; run this test with “meson test”\n", name);
    std::exit (1);
  }
  return value;
}

} // namespace st
