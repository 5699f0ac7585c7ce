/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `sluicectl` says after wrong calls, about help, and without a service. */
#include "cli.h"

#include <gmock/gmock.h>

using namespace st;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliUsage : public CliTest
{
protected:
  /* Expects exit code 2, @said and a hint at the help; on standard output nothing, or @out. */
  void
  expect_usage (const Words &words, const std::string &said, const std::string &out = "")
  {
    Outcome outcome = sluice (words);
    std::string line = ::testing::PrintToString (words);

    EXPECT_EQ (outcome.code, 2) << line << outcome.err;
    EXPECT_THAT (outcome.err, HasSubstr (said)) << line;
    EXPECT_EQ (outcome.out, out) << line;
  }
};

static const char *const commands[] = {"get",     "add",      "wait",       "list",
                                       "show",    "why",      "start",      "pause",
                                       "abort",   "finalize", "monitor",    "set",
                                       "suspend", "resume",   "conditions", "config"};

TEST_F (CliUsage, NoCommand)
{
  expect_usage ({}, "See “sluicectl --help”.");
}

TEST_F (CliUsage, UnknownCommandIsGuessed)
{
  expect_usage ({"lst"}, "There is no command “lst”. Did you mean “list”?");
  expect_usage ({"strat", "x"}, "Did you mean “start”?");
  expect_usage ({"help", "gte"}, "Did you mean “get”?");
  expect_usage ({std::string (5000, 'x')}, "There is no command");
  EXPECT_THAT (sluice ({"frobnicate"}).err, Not (HasSubstr ("Did you mean")));
}

TEST_F (CliUsage, WhatIsNoTextIsNotPrintedRaw)
{
  Outcome outcome = sluice ({"\033[31mred\a\x80"});

  EXPECT_EQ (outcome.code, 2);
  EXPECT_THAT (outcome.err, HasSubstr ("red"));
  EXPECT_THAT (outcome.err, Not (HasSubstr ("\033")));
  EXPECT_THAT (outcome.err, Not (HasSubstr ("\a")));
  EXPECT_TRUE (g_utf8_validate (outcome.err.c_str (), -1, nullptr));
}

TEST_F (CliUsage, HelpTellsAll)
{
  Outcome outcome = sluice ({"--help"});

  EXPECT_EQ (outcome.code, 0);
  EXPECT_EQ (outcome.err, "");
  EXPECT_THAT (outcome.out, StartsWith ("Usage:\n  sluicectl "));
  for (const char *command : commands)
    EXPECT_THAT (outcome.out, HasSubstr (std::string ("\n  ") + command + " "));
  for (const char *code : {"0 done", "1 error", "2 wrong usage", "3 a transfer failed",
                           "4 no service", "5 no such download", "130 interrupted"})
    EXPECT_THAT (outcome.out, HasSubstr (code));
  EXPECT_EQ (sluice ({"help"}).out, outcome.out);
}

TEST_F (CliUsage, HelpOfEachCommand)
{
  for (std::string command : commands) {
    Outcome outcome = sluice ({command, "--help"});
    EXPECT_EQ (outcome.code, 0) << command;
    EXPECT_THAT (outcome.out, HasSubstr ("Usage:\n  sluicectl " + command + " ")) << command;
    EXPECT_THAT (outcome.out, HasSubstr ("--json")) << command;
    EXPECT_EQ (sluice ({"help", command}).out, outcome.out) << command;
  }
  EXPECT_THAT (sluice ({"help", "get"}).out, HasSubstr ("Ctrl+C"));
}

TEST_F (CliUsage, Version)
{
  Outcome outcome = sluice ({"--version"});

  EXPECT_EQ (outcome.code, 0);
  EXPECT_EQ (outcome.out, "sluicectl " + need_env ("SLUICE_VERSION") + "\n");
}

TEST_F (CliUsage, MissingArguments)
{
  expect_usage ({"get"}, "Which address is to be downloaded?");
  expect_usage ({"add", "--overwrite"}, "Which address is to be downloaded?");
  for (const char *command : {"show", "why", "start", "pause", "abort", "finalize"})
    expect_usage ({command}, "Which download?");
  expect_usage ({"set"}, "Give an id and the properties to set");
  expect_usage ({"set", "1a2b"}, "Give an id and the properties to set");
  expect_usage ({"set", "1a2b", "Priority"}, "Give an id and the properties to set");
  expect_usage ({"get", "-o"}, "Missing argument");
}

TEST_F (CliUsage, OptionsThatDoNotGo)
{
  std::string url = "http://127.0.0.1:1/a";

  expect_usage ({"get", "--frob", url}, "--frob");
  expect_usage ({"get", "-o", "a", "-d", "b", url}, "-o and -d cannot be used together");
  expect_usage ({"get", "-o", "a", url, url}, "use -d for several addresses");
  expect_usage ({"get", "-o", "a/", url}, "use -d for a directory");
  expect_usage ({"get", "-o", ".", url}, "use -d for a directory");
  expect_usage ({"add", "--digest", "sha256:00", url, url},
                "--digest can be used with one address only");
  expect_usage ({"add", "-H", "no colon", url}, "“Name: value”");
  for (const char *rate : {"", "0", "K", "-1", "5X", "5KB", "1.5M", "unlimited", "99999999999T"})
    expect_usage ({"add", "--max-rate", rate, url}, "--max-rate must be a number of bytes");
  expect_usage ({"list", "--json", "--table"}, "--json and --table cannot be used together");
  expect_usage ({"list", "more"}, "This command takes no arguments");
  for (const char *command : {"monitor", "suspend", "resume", "conditions"})
    expect_usage ({command, "more"}, "This command takes no arguments");
}

TEST_F (CliUsage, SwitchesTakeNoValue)
{
  std::string url = "http://127.0.0.1:1/a";

  expect_usage ({"config", "--reload=3"}, "--reload takes no value");
  expect_usage ({"config", "--reload="}, "--reload takes no value");
  expect_usage ({"list", "--all=false"}, "--all takes no value");
  expect_usage ({"list", "--json=no"}, "--json takes no value");
  expect_usage ({"start", "1a2b", "--now=0"}, "--now takes no value");
  expect_usage ({"get", "-H", "A: b", "--overwrite=no", url}, "--overwrite takes no value");
  expect_usage ({"get", "--digest", "a", "--only-when-idle=no", url},
                "--only-when-idle takes no value");
}

/* A word that looks like a switch is not one where a value or an argument is expected. */
TEST_F (CliUsage, ValuesThatLookLikeSwitches)
{
  std::string url = server.url ("/a");

  start_daemon ();
  for (const Words &words : {Words{"add", "--table", "-o", "--json=3", url},
                             Words{"add", "--table", "--output", "--table=3", url},
                             Words{"add", "--table", "--output=--session=3", url}}) {
    Outcome outcome = sluice (words);
    EXPECT_EQ (outcome.code, 0) << outcome.err;
  }
  EXPECT_THAT (sluice ({"why", "--", "--json=3"}).err, HasSubstr ("no download “--json=3”"));
}

TEST_F (CliUsage, ValuesThatTheServiceRefuses)
{
  start_daemon ();
  std::string url = server.url ("/a");

  /* programs always learn what was added: nothing */
  expect_usage ({"get", "ftp://127.0.0.1/a"}, "only http and https");
  expect_usage ({"get", "not an address"}, "not an address");
  expect_usage ({"add", "--digest", "sha256:12", url}, "not a digest", "[]\n");
  expect_usage ({"add", "--digest", "md5:d41d8cd98f00b204e9800998ecf8427e", url}, "md5", "[]\n");
  expect_usage ({"add", "--priority", "urgent", url}, "Priority", "[]\n");
  expect_usage ({"add", "-H", "Range: bytes=0-1", url}, "Range", "[]\n");
  EXPECT_EQ (server.connections (), 0);
}

TEST_F (CliUsage, ValuesThatTheInterfaceForbids)
{
  Download download = create_file (server.url ("/a"), "a");
  std::string id = download.id ();

  expect_usage ({"set", id, "Frob=1"}, "“Frob” is not a property that can be set");
  expect_usage ({"set", id, "State=finalized"}, "“State” is not a property that can be set");
  expect_usage ({"set", id, "Overwrite=maybe"}, "“true” or “false”");
  expect_usage ({"set", id, "MaxSize=-1"}, "must be a number of at least 0");
  expect_usage ({"set", id, "ProgressInterval=4294967296"}, "from 0 to 4294967295");
  expect_usage ({"set", id, "SecurityFlags=ignore-date"}, "a list such as");
  expect_usage ({"set", id, "Priority=urgent"}, "Priority");
}

TEST_F (CliUsage, NoService)
{
  for (const Words &words :
       {Words{"get", "http://127.0.0.1:1/a"}, Words{"list"}, Words{"show", "a"},
        Words{"pause", "a"}, Words{"monitor"}, Words{"why", "a"}, Words{"suspend"}, Words{"resume"},
        Words{"conditions"}, Words{"config", "--reload"}}) {
    Outcome outcome = sluice (words);
    EXPECT_EQ (outcome.code, 4) << words[0];
    EXPECT_THAT (outcome.err, HasSubstr ("is not running and could not be started")) << words[0];
    EXPECT_EQ (outcome.out, "") << words[0];
  }
}

TEST_F (CliUsage, NoBus)
{
  cli_environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + (dir / "nothing");
  Outcome outcome = sluice ({"list"});

  EXPECT_EQ (outcome.code, 4);
  EXPECT_THAT (outcome.err, HasSubstr ("Could not connect to the session bus"));
}

/* Unset variables in scripts make empty values: nothing that was asked for is silently left out. */
TEST_F (CliUsage, EmptyValues)
{
  for (const char *option : {"--digest=", "--output=", "--directory=", "--priority="})
    expect_usage ({"get", option, "http://127.0.0.1/"}, "empty value");
}

TEST_F (CliUsage, OutputThatCannotBeWritten)
{
  start_daemon ();
  cli_environment["TEST_OUT"] = "/dev/full";
  for (const char *format : {"--json", "--table"}) {
    Outcome outcome = sluice ({"list", format});
    EXPECT_EQ (outcome.code, 1);
    EXPECT_THAT (outcome.err, HasSubstr ("No space left on device"));
  }
}

/* Without a locale, as in cron: programs read UTF-8, and a path is printed unchanged. */
TEST_F (CliUsage, OutputIsUtf8InTheCLocale)
{
  start_daemon ();
  cli_environment["LC_ALL"] = "C";
  create_file ("http://127.0.0.1:9/", "naïve");
  EXPECT_EQ (Json (sluice ({"list", "--json"}).out).text ("LocalPath"), target ("naïve"));
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr (target ("naïve")));
  EXPECT_THAT (sluice ({"show", "nosuch"}).err, HasSubstr ("“nosuch”"));
}

TEST_F (CliUsage, ShowOfSeveralIsAnArray)
{
  start_daemon ();
  Download one = create_file ("http://127.0.0.1:9/1", "one");
  Download two = create_file ("http://127.0.0.1:9/2", "two");
  std::string text = sluice ({"show", "--json", one.id (), two.id ()}).out;
  Json both (text);

  ASSERT_EQ (both.length (), 2u) << text;
  EXPECT_EQ (both.text ("Id", 1), two.id ());
  EXPECT_THAT (text, HasSubstr ("\"BytesTotal\" : null"));
  EXPECT_EQ (Json (sluice ({"show", "--json", one.id ()}).out).text ("Id"), one.id ());
}

TEST_F (CliUsage, ListNamesWhatHasNoNameYet)
{
  start_daemon ();
  create_file ("http://127.0.0.1:9/unnamed", "");
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("http://127.0.0.1:9/unnamed"));
}

TEST_F (CliUsage, German)
{
  cli_environment["LANGUAGE"] = "de";
  EXPECT_THAT (sluice ({"--help"}).out, HasSubstr ("Befehle:"));
  EXPECT_THAT (sluice ({"lst"}).err, HasSubstr ("Meinten Sie „list“?"));
  EXPECT_THAT (sluice ({"help", "get"}).out, HasSubstr ("Eine vorhandene Datei ersetzen"));
  start_daemon ();
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("0 Downloads\n"));
  create_file (server.url ("/a"), "a");
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("1 Download\n"));
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("angelegt"));
}
