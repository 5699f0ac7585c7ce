/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fixture of every integration test: a bus, the daemon with separate directories, and downloads. */
#pragma once

#include "support/bus.h"
#include "support/files.h"
#include "support/loop.h"
#include "support/process.h"
#include "support/server.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace st
{

constexpr std::uint64_t kUnknown = UINT64_MAX;
using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct Status {
  std::string state;
  std::uint64_t total;
  std::uint64_t transferred;
  std::string error;
  std::string message;
  std::size_t seen; /* how many signals the connection had received before */
};

/* A download object of the service, seen by one connection. */
class Download
{
public:
  Download () = default;
  Download (Connection *connection_, const std::string &path_)
      : path (path_), connection (connection_)
  {
  }
  std::string path; /* empty: it was not created */
  Connection *connection = nullptr;

  Reply start (const Ranges &ranges = {}) const;
  Reply pause () const;
  Reply abort () const;
  Reply finalize () const;
  Status status () const;
  Value get (const std::string &property) const;
  Reply set (const std::string &property, GVariant *value) const;
  std::string text (const std::string &property) const;
  std::uint64_t number (const std::string &property) const;
  std::string id () const;
  /*
   * Waits until StatusChanged reports @state. Fails the test at the deadline, or when a different state comes that
   * does not pass by itself (failed, transferred, finalized, aborted).
   */
  bool wait (const std::string &state, double seconds = 15) const;
  /* Waits until at least @bytes have arrived. */
  bool wait_transferred (std::uint64_t bytes, double seconds = 15) const;
};

class SluiceTest : public ::testing::Test
{
protected:
  void SetUp () override;
  void TearDown () override;

  /* The daemon; the first use of manager () or create () starts it. */
  void start_daemon ();
  /* Starts it without waiting or checking. */
  void start_quietly ();
  /* Sends SIGTERM; the daemon must exit with 0. */
  void stop_daemon ();
  void kill_daemon ();
  /* Ends it with @signal, starts it again and subscribes. */
  void restart_daemon (int signal);
  Connection &manager ();
  std::string log () const;
  bool wait_for_name (bool owned, double seconds = 15);
  Command daemon_command () const;
  std::string state_dir () const; /* the directory of the database */
  /*
   * Call it before the daemon starts. If we are root, who may read and write everything, the daemon runs as a
   * different user. Returns the uid.
   */
  uid_t give_to_a_user ();

  /* Downloads. */
  Reply try_create (const std::string &uri, const Properties &properties);
  Download create (const std::string &uri, const Properties &properties);
  /* Downloads to downloads () + @name. */
  Download
  create_file (const std::string &uri, const std::string &name, Properties properties = {});
  std::string target (const std::string &name) const; /* path of a file in the target directory */
  /* Finalizes, and compares the file with @content. */
  void finalize_and_check (const Download &download, const std::string &content);
  /* Creates, starts, waits, finalizes, checks. */
  Download fetch (const std::string &uri,
                  const std::string &name,
                  const std::string &content,
                  Properties properties = {});
  /*
   * Starts, and expects the state failed with this error (without the prefix) and context; checks that nothing was
   * published.
   */
  void expect_failure (const Download &download,
                       const std::string &error,
                       const std::string &context = "");
  /* Allows a content below the target directory at the end; any other is a failure. */
  void allow (const std::string &content);
  /* The existing part files of all downloads. */
  std::vector<std::string> part_files () const;

  std::map<std::string, std::string> config; /* group Transfers; set it before the daemon starts */
  std::map<std::string, std::string> environment;
  std::vector<std::string> wrapper;   /* goes before the daemon's command line */
  std::vector<std::string> arguments; /* go after it */
  std::string expected_log;           /* a warning that contains this is allowed */
  bool check_targets = true;
  TempDir dir;
  std::unique_ptr<Bus> bus;
  std::unique_ptr<Connection> connection;
  Process daemon;

private:
  void write_config ();
  void check_log ();
  void check_published ();
  std::set<std::string> allowed_; /* digests of allowed contents */
};

/* A quick, exact comparison whose failure does not print megabytes. */
::testing::AssertionResult same_bytes (const std::string &found, const std::string &expected);

} // namespace st
