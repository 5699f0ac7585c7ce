/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `sluicectl` on a terminal: what people see, and the keys that they press. */
#include "cli.h"

#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <regex>
#include <sys/wait.h>

using namespace st;
using ::testing::HasSubstr;
using ::testing::Not;

static constexpr std::size_t kMega = 1000000;

/* A pseudo-terminal with 100 columns, and what was written to it. */
class Terminal
{
public:
  Terminal ()
  {
    struct winsize size = {24, 100, 0, 0};
    EXPECT_EQ (openpty (&master_, &slave_, nullptr, nullptr, &size), 0);
    EXPECT_EQ (fcntl (master_, F_SETFL, O_NONBLOCK), 0);
  }
  Terminal (const Terminal &) = delete;
  Terminal &operator= (const Terminal &) = delete;
  ~Terminal ()
  {
    close (master_);
    if (slave_ >= 0)
      close (slave_);
  }
  std::string
  name () const
  {
    return ttyname (slave_);
  }
  void
  press (char key)
  {
    EXPECT_EQ (write (master_, &key, 1), 1);
  }
  /* Replaces each no-break space, which stands between a number and its unit, with a plain one. */
  const std::string &
  text ()
  {
    char buffer[4096];
    for (ssize_t n; (n = read (master_, buffer, sizeof buffer)) > 0;)
      text_.append (buffer, (std::size_t)n);
    for (std::size_t at; (at = text_.find ("\u00a0")) != std::string::npos;)
      text_.replace (at, 2, " ");
    return text_;
  }

private:
  int master_ = -1, slave_ = -1;
  std::string text_;
};

class CliTerminal : public CliTest
{
protected:
  /* Runs it in a new session with that terminal, so that Ctrl+C works. */
  void
  begin_on_terminal (const Words &words)
  {
    Command made = command (words, dir / "terminal");
    made.argv.erase (made.argv.begin (), made.argv.begin () + 3);
    made.argv.insert (made.argv.begin (),
                      {"setsid", "--wait", "/bin/sh", "-c",
                       "cd \"$TEST_CWD\" && exec \"$0\" \"$@\" <\"$TEST_TTY\" >\"$TEST_TTY\" "
                       "2>&1"});
    made.env["TEST_TTY"] = terminal.name ();
    made.env["TERM"] = "xterm";
    process.start (made);
  }

  int
  end ()
  {
    EXPECT_TRUE (wait_polling ([this] { return !process.is_running (); }, 30)) << terminal.text ();
    int status = process.wait ();
    return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  }

  bool
  wait_for (const std::string &pattern)
  {
    std::regex regex (pattern);
    bool found = wait_polling ([&] { return std::regex_search (terminal.text (), regex); });
    EXPECT_TRUE (found) << "nothing like “" << pattern << "” in: " << terminal.text ();
    return found;
  }

  std::string
  serve_slowly (const std::string &place, std::size_t size, std::size_t rate)
  {
    Resource file;
    file.body = random_bytes (size);
    server.serve (place, file, {SIZE_MAX, SIZE_MAX, rate});
    allow (file.body);
    return file.body;
  }

  Terminal terminal;
  Process process;
};

TEST_F (CliTerminal, ProgressHasAll)
{
  start_daemon ();
  std::string body = serve_slowly ("/big", 8 * kMega, kMega / 2);

  begin_on_terminal ({"get", "-o", "big", server.url ("/big")});
  EXPECT_TRUE (wait_for (
      " *[0-9]+ %  big  [0-9.]+ [MK]iB / 7\\.6 MiB  [0-9.]+ [MK]iB/s  [0-9]+:[0-9][0-9] left"));
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (wait_for ("100 %  big  7\\.6 MiB / 7\\.6 MiB  finalized"));
  /* the last output is the path, not JSON */
  EXPECT_THAT (terminal.text (), HasSubstr ("\n" + target ("big") + "\r\n"));
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliTerminal, WaitingSaysWhyAndUntilWhen)
{
  config["RetryDelayMin"] = config["RetryDelayMax"] = "30s";
  start_daemon ();
  server.on ("/x", [] (Exchange &exchange) { exchange.answer ("503 Service Unavailable"); });
  begin_on_terminal ({"get", "-o", "x", server.url ("/x")});
  EXPECT_TRUE (wait_for ("retrying: waiting to try again; .*503"));
  terminal.press ('\003');
  EXPECT_TRUE (wait_for ("Press Ctrl\\+C again"));
  terminal.press ('\003');
  EXPECT_EQ (end (), 130);
  EXPECT_EQ (newest ().status ().state, "aborted");
}

TEST_F (CliTerminal, CtrlCLeavesIt)
{
  start_daemon ();
  serve_slowly ("/big", 8 * kMega, kMega / 2);
  begin_on_terminal ({"get", "-o", "big", server.url ("/big")});
  EXPECT_TRUE (wait_for ("[1-9] %  big"));
  terminal.press ('\003');
  EXPECT_TRUE (wait_for ("“sluicectl wait [0-9a-f-]{36}” waits for it again"));
  EXPECT_EQ (end (), 130);
  EXPECT_TRUE (newest ().wait ("finalized"));
}

TEST_F (CliTerminal, AbsentServiceIsSaid)
{
  start_daemon ();
  std::string body = serve_slowly ("/big", 8 * kMega, kMega / 2);
  begin_on_terminal ({"get", "-o", "big", server.url ("/big")});
  EXPECT_TRUE (wait_for ("[1-9] %  big"));
  kill_daemon ();
  EXPECT_TRUE (wait_for ("Waiting for the download service to come back"));
  start_daemon ();
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliTerminal, LinesAreCutToTheWidth)
{
  start_daemon ();
  std::string name = std::string (200, 'n');
  serve_slowly ("/x", 3 * kMega, kMega);
  begin_on_terminal ({"get", "-o", name, server.url ("/x")});
  EXPECT_EQ (end (), 0);
  /* except the path at the end, which is for copying */
  std::string before = terminal.text ().substr (0, terminal.text ().find (target (name)));
  EXPECT_FALSE (std::regex_search (before, std::regex ("n{100}"))) << before;
}

TEST_F (CliTerminal, ListAndShowAreTables)
{
  Download one = create_file (server.url ("/x"), "x");

  begin_on_terminal ({"list"});
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (wait_for ("ID        STATE"));
  begin_on_terminal ({"show", one.id ()});
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (wait_for ("State {20}created"));
  begin_on_terminal ({"list", "--json"});
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (wait_for ("\"State\" : \"created\""));
}

/* Characters that could act on the terminal are escaped; the JSON has the same meaning. */
TEST_F (CliTerminal, JsonActsOnNothing)
{
  const std::string odd =
      "a\x1b\x7f\u009b\u200b\u200f\u2028\u202e\u2060\u2069\ufeff\U000e0041é日\\";
  Download one = create (server.url ("/x"), Properties ().add ("DisplayName", odd));

  begin_on_terminal ({"show", "--json", one.id ()});
  EXPECT_EQ (end (), 0);
  EXPECT_TRUE (wait_for ("DisplayName"));
  for (const std::string &out : {terminal.text (), sluice ({"show", "--json", one.id ()}).out,
                                 sluice ({"list", "--json"}).out}) {
    for (const char *acts : {"\x1b", "\x7f", "\u009b", "\u200b", "\u200f", "\u2028", "\u202e",
                             "\u2060", "\u2069", "\ufeff", "\U000e0041"})
      EXPECT_THAT (out, Not (HasSubstr (acts)));
    EXPECT_THAT (out, HasSubstr ("\\udb40\\udc41é日\\\\\""));
    EXPECT_EQ (Json (out).text ("DisplayName"), odd);
  }
  /* a wrong option is repeated in the message */
  begin_on_terminal ({"list", "--a\u009b\u202e"});
  EXPECT_EQ (end (), 2);
  EXPECT_TRUE (wait_for ("--help"));
  EXPECT_THAT (terminal.text (), Not (HasSubstr ("\u009b")));
  EXPECT_THAT (terminal.text (), Not (HasSubstr ("\u202e")));
}

TEST_F (CliTerminal, WhyNothingMoves)
{
  start_daemon ();
  serve_slowly ("/a", kMega / 10, 0);
  ASSERT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (TRUE)));
  begin_on_terminal ({"get", server.url ("/a")});
  ASSERT_TRUE (wait_for ("queued: all downloads are suspended"));
  ASSERT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (FALSE)));
  EXPECT_EQ (end (), 0);
}

/* Hints without a source are dimmed. */
TEST_F (CliTerminal, SourcesAreDimmed)
{
  start_daemon ();
  begin_on_terminal ({"conditions"});
  EXPECT_EQ (end (), 0);
  EXPECT_THAT (terminal.text (), HasSubstr ("\033[2munavailable\033[0m"));
  EXPECT_THAT (terminal.text (), Not (HasSubstr ("\033[2mconfiguration")));
}
