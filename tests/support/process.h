/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child process of a test; it never outlives the test. */
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace st
{

struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env; /* added to the test's environment */
  std::string log;   /* file to which both outputs are appended; empty: those of the test */
  int ready_fd = -1; /* becomes descriptor 3 of the child */
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
  /* From any thread: whether it ends in time. */
  bool ends_within (int milliseconds) const;
  void send (int signal);
  /* The status from waitpid (); -1 if it did not end in time and was killed. */
  int wait (double seconds = 20);
  /* Sends SIGKILL, and waits. */
  void kill ();

private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  unsigned source_ = 0; /* wakes the main loop when the process ends */
};

/* The status of a finished process, and what it printed on both outputs. */
struct Finished {
  int status;
  std::string output;
};
Finished run (const Command &command, double seconds = 60);

} // namespace st
