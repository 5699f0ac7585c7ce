/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for events in tests: on the main loop, with a deadline, never by sleeping. */
#pragma once

#include <functional>
#include <string>

namespace st
{

/* The factor for deadlines: 1, or more with sanitizers (SLUICE_TEST_TIMEOUT_FACTOR). */
double time_factor ();
/* Runs the main loop until @done; false if @seconds (times the factor) pass before. */
bool wait_until (const std::function<bool ()> &done, double seconds = 15);
/* Like wait_until (), for changes without an event: checks fifty times a second. */
bool wait_polling (const std::function<bool ()> &done, double seconds = 15);
/* Runs the main loop for @seconds (not multiplied), to see that nothing happens. */
void run_for (double seconds);
/* Makes wait_until () check again; from any thread. */
void wake ();
/* The value of an environment variable that meson sets; ends the test if it is missing. */
std::string need_env (const char *name);

} // namespace st
