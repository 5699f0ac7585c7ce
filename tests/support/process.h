/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child process of a test, which never outlives it. */
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace st
{

struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env; /* over the test's own */
  std::string log;                        /* where both outputs are appended; empty: the test's */
  int ready_fd = -1;                      /* becomes descriptor 3 of the child */
};

class Process
{
public:
  Process () = default;
  Process (const Process &) = delete;
  Process &operator= (const Process &) = delete;
  ~Process ();

  void start (const Command &command);
  bool is_running ();
  pid_t
  pid () const
  {
    return pid_;
  }
  /* From any thread: whether it ends within so many milliseconds. */
  bool ends_within (int milliseconds) const;
  void send (int signal);
  /* The status of waitpid (); -1 when it didn't end in time, and was killed. */
  int wait (double seconds = 20);
  /* SIGKILL, and waits. */
  void kill ();

private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  unsigned source_ = 0; /* wakes the main loop at the end */
};

/* Runs to the end; the status, and what it printed on both outputs. */
struct Finished {
  int status;
  std::string output;
};
Finished run (const Command &command, double seconds = 60);

} // namespace st
