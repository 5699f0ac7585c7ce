/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `sluicectl` with existing downloads: list, show, start, pause, abort, finalize, set, monitor. */
#include "cli.h"
#include "support/properties.h"

#include <algorithm>
#include <csignal>
#include <gmock/gmock.h>

using namespace st;
using ::testing::HasSubstr;
using ::testing::Not;

static constexpr std::size_t kMega = 1000000;

class CliControl : public CliTest
{
protected:
  Download
  create_slow (const std::string &name)
  {
    Resource file;

    file.body = random_bytes (4 * kMega);
    server.serve ("/" + name, file, {SIZE_MAX, SIZE_MAX, kMega});
    allow (file.body);
    return create_file (server.url ("/" + name), name);
  }

  /* Creates f0, f1 and so on in one call. Returns how many. */
  std::size_t
  create_many ()
  {
    /* with a sanitizer each allocation is slow */
    const std::size_t n = time_factor () > 1 ? 250 : 1000;
    GVariantBuilder requests;

    g_variant_builder_init (&requests, G_VARIANT_TYPE ("a(sa{sv})"));
    for (std::size_t i = 0; i < n; i++)
      g_variant_builder_add (
          &requests, "(s@a{sv})", server.url ("/a").c_str (),
          Properties ().add ("LocalPath", target ("f" + std::to_string (i))).build ());
    EXPECT_TRUE (manager ().call (kManagerPath, "CreateDownloads",
                                  g_variant_new ("(a(sa{sv}))", &requests)));
    return n;
  }
};

TEST_F (CliControl, ListIsJsonForPrograms)
{
  Download one = create_slow ("one"), two = create_slow ("two");

  EXPECT_TRUE (two.abort ());
  Json list (sluice ({"list"}).out);
  ASSERT_EQ (list.length (), 1u);
  EXPECT_EQ (list.text ("Id"), one.id ());
  EXPECT_EQ (list.text ("State"), "created");
  EXPECT_EQ (list.text ("BytesTotal"), "(none)"); /* null: unknown */
  Json all (sluice ({"list", "--all"}).out);
  ASSERT_EQ (all.length (), 2u);
  EXPECT_EQ (all.text ("Id", 1), two.id ());
  EXPECT_EQ (all.text ("State", 1), "aborted");
}

TEST_F (CliControl, ListIsATableForPeople)
{
  Download one = create_slow ("one");
  std::string out = sluice ({"list", "--table"}).out;

  EXPECT_THAT (out, HasSubstr ("ID        STATE"));
  EXPECT_THAT (out, HasSubstr (one.id ().substr (0, 8) + "  created"));
  EXPECT_THAT (out, HasSubstr (target ("one")));
  EXPECT_THAT (out, HasSubstr ("1 download\n"));
  EXPECT_THAT (out, Not (HasSubstr ("\t")));
}

TEST_F (CliControl, ManyAreListedWhole)
{
  const std::size_t n = create_many ();

  Json list (sluice ({"list"}).out);
  ASSERT_EQ (list.length (), n);
  EXPECT_EQ (list.text ("LocalPath", 0), target ("f0"));
  EXPECT_EQ (list.text ("LocalPath", n - 1), target ("f" + std::to_string (n - 1)));
}

TEST_F (CliControl, ShowByTheBeginningOfAnId)
{
  Download one = create_slow ("one");
  Outcome outcome = sluice ({"show", one.id ().substr (0, 9)});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  Json shown (outcome.out);
  EXPECT_EQ (shown.text ("Id"), one.id ());
  EXPECT_EQ (shown.text ("Uri"), server.url ("/one"));
  std::string table = sluice ({"show", "--table", one.id ()}).out;
  EXPECT_THAT (table, HasSubstr ("State                    created\n"));
  EXPECT_THAT (table, HasSubstr ("TransferCompletionTime   -\n"));
}

TEST_F (CliControl, UnknownIds)
{
  create_slow ("one");
  for (const char *id : {"x", "", "00000000-0000-0000-0000-000000000000", "\033[31m"}) {
    for (const char *command : {"show", "why", "start", "pause", "abort", "finalize"}) {
      Outcome outcome = sluice ({command, id});
      EXPECT_EQ (outcome.code, 5) << command << " " << id;
      EXPECT_THAT (outcome.err, HasSubstr ("“sluicectl list --all” shows all")) << command;
      EXPECT_THAT (outcome.err, Not (HasSubstr ("\033")));
    }
  }
  EXPECT_EQ (sluice ({"set", "x", "Overwrite=true"}).code, 5);
}

TEST_F (CliControl, AmbiguousIdsAreListed)
{
  std::map<char, std::string> first;

  /* among 17 ids two begin with the same digit */
  for (int i = 0; i < 17; i++) {
    std::string id = create_file (server.url ("/a"), "f" + std::to_string (i)).id ();
    std::string &other = first[id[0]];
    if (other.empty ()) {
      other = id;
      continue;
    }
    Outcome outcome = sluice ({"abort", std::string (1, id[0])});
    EXPECT_EQ (outcome.code, 5);
    EXPECT_THAT (outcome.err, HasSubstr ("is the beginning of 2 ids"));
    EXPECT_THAT (outcome.err, HasSubstr ("  " + id));
    EXPECT_THAT (outcome.err, HasSubstr ("  " + other));
    return;
  }
  FAIL () << "ids that differ in their first of 16 digits";
}

TEST_F (CliControl, TheWholeWay)
{
  Download one = create_slow ("one");
  std::string id = one.id ().substr (0, 13);

  EXPECT_EQ (sluice ({"start", id}).code, 0);
  ASSERT_TRUE (one.wait_transferred (1));
  EXPECT_EQ (sluice ({"pause", id}).code, 0);
  EXPECT_EQ (one.status ().state, "paused");
  EXPECT_EQ (sluice ({"pause", id}).code, 0);
  Outcome early = sluice ({"finalize", id});
  EXPECT_EQ (early.code, 1);
  EXPECT_THAT (early.err, HasSubstr ("paused"));
  EXPECT_EQ (sluice ({"start", id}).code, 0);
  ASSERT_TRUE (one.wait ("transferred"));
  EXPECT_EQ (sluice ({"finalize", id}).code, 0);
  EXPECT_TRUE (exists (target ("one")));
  Outcome late = sluice ({"abort", id});
  EXPECT_EQ (late.code, 1);
  EXPECT_THAT (late.err, HasSubstr ("finalized"));
}

TEST_F (CliControl, SeveralAtOnce)
{
  Download one = create_slow ("one"), two = create_slow ("two");
  Outcome outcome = sluice ({"abort", one.id (), "nothing", two.id ()});

  EXPECT_EQ (outcome.code, 5);
  EXPECT_EQ (one.status ().state, "aborted");
  EXPECT_EQ (two.status ().state, "aborted");
}

TEST_F (CliControl, SetOfEveryType)
{
  Download one = create_slow ("one");
  Outcome outcome =
      sluice ({"set", one.id (), "Priority=low", "DisplayName=a=b c", "Overwrite=true",
               "MaxSize=123456789012", "ProgressInterval=5", "SecurityFlags=['ignore-date']",
               "HttpHeaders={'X-A': 'b'}", "ContentId="});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_EQ (one.text ("Priority"), "low");
  EXPECT_EQ (one.text ("DisplayName"), "a=b c");
  EXPECT_EQ (one.number ("Overwrite"), 1u);
  EXPECT_EQ (one.number ("MaxSize"), 123456789012u);
  EXPECT_EQ (one.number ("ProgressInterval"), 5u);
  EXPECT_EQ (one.get ("SecurityFlags").strv (), Words{"ignore-date"});
  EXPECT_EQ (one.get ("HttpHeaders").print (), "{'X-A': 'b'}");
}

TEST_F (CliControl, AddWithAMaximalRate)
{
  const std::pair<const char *, std::uint64_t> rates[] = {
      {"700", 700}, {"500K", 512000}, {"2m", 2097152}, {"1G", 1073741824}, {"1T", 1099511627776}};

  start_daemon ();
  for (const auto &[text, bytes] : rates) {
    Outcome outcome =
        sluice ({"add", "--table", "--max-rate", text, "-o", target (text), server.url ("/slow")});
    EXPECT_EQ (outcome.code, 0) << outcome.err;
    std::string shown = sluice ({"show", outcome.out.substr (0, outcome.out.find ('\n'))}).out;
    EXPECT_THAT (shown, HasSubstr ("\"MaxBytesPerSecond\" : " + std::to_string (bytes)));
  }
}

TEST_F (CliControl, ForeignTextIsSafe)
{
  std::string nasty = "a\033[2Jb\nc\tI\u202Ed";
  Download one =
      create (server.url ("/a"),
              Properties ().add ("LocalPath", target ("x\033[31my\nz")).add ("DisplayName", nasty));

  for (const Words &words :
       {Words{"list", "--table"}, Words{"show", "--table", one.id ()}, Words{"show", one.id ()}}) {
    std::string out = sluice (words).out;
    EXPECT_THAT (out, Not (HasSubstr ("\033"))) << words[0];
    EXPECT_THAT (out, Not (HasSubstr ("y\nz"))) << words[0];
  }
  EXPECT_THAT (sluice ({"show", "--table", one.id ()}).out, Not (HasSubstr ("\u202E")));
  EXPECT_EQ (Json (sluice ({"show", one.id ()}).out).text ("DisplayName"), nasty);
}

TEST_F (CliControl, MonitorTellsWhatHappens)
{
  Download one = create_slow ("one");
  Running monitor;
  std::string out;

  begin (&monitor, {"monitor"});
  /* only an event that it prints shows that it listens */
  ASSERT_TRUE (wait_polling ([&] {
    one.set ("DisplayName", g_variant_new_string ("x"));
    EXPECT_TRUE (one.start ());
    EXPECT_TRUE (one.pause ());
    return monitor.out ().find ("paused") != std::string::npos;
  }));
  Download two = create_slow ("two");
  EXPECT_TRUE (two.start ());
  ASSERT_TRUE (two.wait ("transferred"));
  std::string last = "\"Id\":\"" + two.id () + "\",\"State\":\"transferred\"";
  EXPECT_TRUE (wait_polling ([&] { return monitor.out ().find (last) != std::string::npos; }))
      << monitor.out ();
  monitor.process.send (SIGINT);
  EXPECT_EQ (monitor.wait ().code, 130);
}

/* Other downloads are created while it reads the existing ones. */
TEST_F (CliControl, MonitorMissesNone)
{
  std::vector<Download> made;
  Running monitor;

  create_many ();
  begin (&monitor, {"monitor"});
  auto is_told = [&] (const Download &download) {
    return monitor.out ().find ("\"Id\":\"" + download.id () + "\"") != std::string::npos;
  };
  /*
   * Some are created before it listens, some while it reads the existing ones. On a slow machine that takes long:
   * each attempt leaves it time, so that the attempts themselves do not keep it busy.
   */
  ASSERT_TRUE (wait_polling ([&] {
    made.push_back (create_file (server.url ("/a"), "new" + std::to_string (made.size ())));
    return wait_polling ([&] { return std::any_of (made.begin (), made.end (), is_told); },
                         made.size () < 20 ? 0 : 0.5);
  }));
  /* it listens last to those that it reads last: repeat an event for each until it is printed */
  ASSERT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (TRUE)));
  for (const Download &download : made)
    EXPECT_TRUE (wait_polling ([&] {
      EXPECT_TRUE (download.start ());
      EXPECT_TRUE (download.pause ());
      return wait_polling ([&] { return is_told (download); }, 1);
    })) << download.id ();
  monitor.process.send (SIGINT);
  EXPECT_EQ (monitor.wait ().code, 130);
}

TEST_F (CliControl, MonitorOverARestart)
{
  Download one = create_slow ("one");
  Running monitor;

  begin (&monitor, {"monitor", "--table"});
  ASSERT_TRUE (wait_polling ([&] {
    EXPECT_TRUE (one.start ());
    EXPECT_TRUE (one.pause ());
    return monitor.out ().find ("paused") != std::string::npos;
  }));
  restart_daemon (SIGKILL);
  EXPECT_TRUE (one.start ());
  ASSERT_TRUE (one.wait ("transferred"));
  EXPECT_TRUE (wait_polling ([&] {
    return monitor.out ().find ("transferred") != std::string::npos;
  })) << monitor.out ();
  monitor.process.send (SIGTERM);
  EXPECT_EQ (monitor.wait ().code, 130);
}

/* Bash's completion, called as bash calls it. */
TEST_F (CliControl, BashCompletes)
{
  Download one = create_slow ("one");
  std::string script = ". \"$0\"; line=$1; read -ra COMP_WORDS <<<\"$line\"; "
                       "[[ $line == *' ' ]] && COMP_WORDS+=(''); "
                       "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt () { :; }; _sluicectl; "
                       "printf '%s\\n' \"${COMPREPLY[@]}\"";
  std::string bin = program ();
  auto complete = [&] (const std::string &line) {
    Command command;
    command.argv = {"bash", "-c", script,
                    need_env ("SLUICE_BUILD_DIR") + "/data/completions/sluicectl", line};
    command.env = {{"DBUS_SESSION_BUS_ADDRESS", bus->address ()},
                   {"PATH", bin.substr (0, bin.rfind ('/')) + ":" + g_getenv ("PATH")}};
    Finished finished = run (command);
    EXPECT_EQ (finished.status, 0) << finished.output;
    return finished.output;
  };
  EXPECT_EQ (complete ("sluicectl fin"), "finalize\n");
  EXPECT_THAT (complete ("sluicectl "), HasSubstr ("monitor\n"));
  EXPECT_EQ (complete ("sluicectl show " + one.id ().substr (0, 3)), one.id () + "\n");
  EXPECT_THAT (complete ("sluicectl get --o"), HasSubstr ("--overwrite\n"));
  EXPECT_EQ (complete ("sluicectl get -p fo"), "foreground\n");
  EXPECT_EQ (complete ("sluicectl set x Prio"), "Priority=\n");
  EXPECT_EQ (complete ("sluicectl set x Dead"), "Deadline=\n");
  EXPECT_EQ (complete ("sluicectl add --cost-policy no-r"), "no-roaming\n");
  EXPECT_EQ (complete ("sluicectl why " + one.id ().substr (0, 3)), one.id () + "\n");
  EXPECT_EQ (complete ("sluicectl start --n"), "--now\n");
  EXPECT_EQ (complete ("sluicectl config --re"), "--reload\n");
  EXPECT_EQ (complete ("sluicectl config Transfers.MaxA"), "Transfers.MaxActive\n");
  EXPECT_THAT (complete ("sluicectl config Ma"), HasSubstr ("Maintenance\n"));
  EXPECT_EQ (complete ("sluicectl set x RedirectPolicy = re"), "report\nrefuse\n");
  EXPECT_EQ (complete ("sluicectl set x AutoStart ="), "true\nfalse\n");
  EXPECT_EQ (complete ("sluicectl add --priority = h"), "high\n");
  std::string all = "\n" + complete ("sluicectl set x ");
  for (const ListedProperty &property : kProperties) {
    std::string line = "\n" + property.name + "=\n";
    EXPECT_EQ (all.find (line) != std::string::npos, property.writable) << property.name;
  }
}
