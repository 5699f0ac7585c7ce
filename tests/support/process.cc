/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Child processes. */
#include "support/process.h"

#include "support/files.h"
#include "support/loop.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <glib-unix.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace st
{

Process::~Process ()
{
  kill ();
}

static std::vector<std::string>
make_environment (const std::map<std::string, std::string> &more)
{
  std::vector<std::string> all;

  for (char **variable = environ; *variable != nullptr; variable++) {
    std::string name (*variable, strcspn (*variable, "="));
    if (more.count (name) == 0)
      all.push_back (*variable);
  }
  for (const auto &[name, value] : more)
    all.push_back (name + "=" + value);
  return all;
}

static std::vector<char *>
make_pointers (const std::vector<std::string> &strings)
{
  std::vector<char *> pointers;

  for (const std::string &string : strings)
    pointers.push_back (const_cast<char *> (string.c_str ()));
  pointers.push_back (nullptr);
  return pointers;
}

void
Process::start (const Command &command)
{
  std::vector<std::string> environment = make_environment (command.env);
  std::vector<char *> envp = make_pointers (environment), argv = make_pointers (command.argv);
  const char *log = command.log.empty () ? nullptr : command.log.c_str ();
  pid_t parent = getpid ();

  ASSERT_EQ (pid_, -1) << command.argv[0] << " runs already";
  pid_ = fork ();
  ASSERT_NE (pid_, -1);
  if (pid_ == 0) {
    /* only system calls between fork and exec, because the test has threads */
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (getppid () != parent)
      _exit (127);
    int fd = log != nullptr ? open (log, O_WRONLY | O_CREAT | O_APPEND, 0644) : -1;
    if (fd >= 0) {
      dup2 (fd, 1);
      dup2 (fd, 2);
    }
    if (command.ready_fd >= 0)
      dup2 (command.ready_fd, 3);
    execvpe (argv[0], argv.data (), envp.data ());
    _exit (127);
  }
  pid_fd_ = (int)syscall (SYS_pidfd_open, pid_, 0);
  ASSERT_GE (pid_fd_, 0) << strerror (errno);
  source_ = g_unix_fd_add (
      pid_fd_, G_IO_IN, [] (int, GIOCondition, void *) -> gboolean { return G_SOURCE_CONTINUE; },
      nullptr);
}

static bool
has_ended (int pid_fd, int timeout)
{
  struct pollfd poll_fd = {pid_fd, POLLIN, 0};

  return poll (&poll_fd, 1, timeout) == 1;
}

bool
Process::ends_within (int milliseconds) const
{
  return has_ended (pid_fd_, milliseconds);
}

bool
Process::is_running ()
{
  return pid_ != -1 && !has_ended (pid_fd_, 0);
}

void
Process::send (int signal)
{
  if (pid_ != -1)
    ::kill (pid_, signal);
}

int
Process::wait (double seconds)
{
  int status = -1;

  if (pid_ == -1)
    return -1;
  bool ended = has_ended (pid_fd_, (int)(seconds * time_factor () * 1000));
  if (!ended)
    ::kill (pid_, SIGKILL);
  waitpid (pid_, &status, 0);
  g_source_remove (source_);
  close (pid_fd_);
  pid_ = -1;
  pid_fd_ = -1;
  return ended ? status : -1;
}

void
Process::kill ()
{
  send (SIGKILL);
  wait ();
}

Finished
run (const Command &command, double seconds)
{
  TempDir dir;
  Command logged = command;
  Process process;

  if (logged.log.empty ())
    logged.log = dir / "output";
  process.start (logged);
  int status = process.wait (seconds);
  return {status, read_file (logged.log)};
}

} // namespace st
