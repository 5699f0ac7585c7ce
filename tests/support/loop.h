/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting in the tests: on the main loop, with a deadline, never by sleeping. */
#pragma once

#include <functional>
#include <string>

namespace st
{

/* Deadlines are multiplied by this: 1, and more with sanitizers (SLUICE_TEST_TIMEOUT_FACTOR). */
double time_factor ();
/* Runs the main loop until @done; false when @seconds (times the factor) have passed before. */
bool wait_until (const std::function<bool ()> &done, double seconds = 15);
/* As wait_until (), for what no event tells of: looks fifty times a second. */
bool wait_polling (const std::function<bool ()> &done, double seconds = 15);
/* Runs the main loop for so long (not multiplied): to see that nothing happens. */
void run_for (double seconds);
/* Has wait_until () look again; from any thread. */
void wake ();
/* The value of an environment variable that meson sets; the test ends without it. */
std::string need_env (const char *name);

} // namespace st
