/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which signals are sent to whom: subscriptions, change signals, and what must not be sent. */
#include "support/fixture.h"

using namespace st;

class ApiSignals : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (100000);
    allow (file.body);
    server.serve ("/file", file);
    start_daemon ();
    other = std::make_unique<Connection> (bus->address ());
  }

  /* Waits until everything sent before is delivered: signals and replies arrive in order. */
  void
  settle ()
  {
    for (Connection *each : {connection.get (), other.get ()}) {
      ASSERT_TRUE (each->get (kManagerPath, "Version"));
      run_for (0.1);
    }
  }

  /* The names of the properties in PropertiesChanged. */
  static std::set<std::string>
  changed (const Connection &client, const std::string &path)
  {
    std::set<std::string> names;

    for (const Signal &signal : client.signals) {
      if (signal.path != path || signal.member != "PropertiesChanged")
        continue;
      EXPECT_EQ (signal.args[0].str (), kDownload);
      for (std::size_t i = 0; i < g_variant_n_children (signal.args[1].get ()); i++)
        names.insert (signal.args[1][i][0].str ());
      for (const std::string &name : signal.args[2].strv ())
        names.insert (name);
    }
    return names;
  }

  Resource file;
  Server server;
  std::unique_ptr<Connection> other;
};

/* On the session bus signals are broadcast: `gdbus monitor` sees downloads that it did not create. */
TEST_F (ApiSignals, EverybodyOnTheSessionBusIsTold)
{
  Download download = fetch (server.url ("/file"), "file", file.body);

  settle ();
  for (Connection *each : {connection.get (), other.get ()}) {
    EXPECT_GE (each->count (download.path, "StatusChanged"), 3);
    EXPECT_GE (each->count (download.path, "PropertiesChanged"), 1);
    EXPECT_EQ (each->count (download.path, "RangeTransferred"), 1);
    EXPECT_EQ (each->count (kManagerPath, "DownloadAdded"), 1);
  }
}

TEST_F (ApiSignals, StatesAreToldInOrder)
{
  Download download = fetch (server.url ("/file"), "file", file.body);
  std::vector<std::string> states;

  settle ();
  for (const Signal &signal : connection->signals) {
    if (signal.path == download.path && signal.member == "StatusChanged" &&
        (states.empty () || states.back () != signal.args[0].str ()))
      states.push_back (signal.args[0].str ());
  }
  EXPECT_EQ (states,
             std::vector<std::string> ({"queued", "transferring", "transferred", "finalized"}));
}

TEST_F (ApiSignals, SubscribingDoesNotMultiply)
{
  ASSERT_TRUE (other->call (kManagerPath, "Subscribe"));
  ASSERT_TRUE (other->call (kManagerPath, "Subscribe"));
  Download download = fetch (server.url ("/file"), "file", file.body);
  settle ();
  EXPECT_EQ (other->count (kManagerPath, "DownloadAdded"), 1);
  EXPECT_EQ (other->count (download.path, "StatusChanged"),
             connection->count (download.path, "StatusChanged"));
  EXPECT_EQ (other->count (download.path, "RangeTransferred"), 1);
  ASSERT_TRUE (other->call (kManagerPath, "Unsubscribe"));
  ASSERT_TRUE (other->call (kManagerPath, "Unsubscribe"));
}

TEST_F (ApiSignals, SubscriberIsToldOnceOfWhatItMadeItself)
{
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  Download download = create_file (server.url ("/file"), "file");
  settle ();
  connection->signals.clear ();
  ASSERT_TRUE (download.abort ());
  settle ();
  EXPECT_EQ (connection->count (download.path, "StatusChanged"), 1);
  EXPECT_EQ (connection->count (download.path, "PropertiesChanged"), 1);
}

TEST_F (ApiSignals, WritingTellsWhatReadsOtherwiseNow)
{
  Download download = create_file (server.url ("/file"), "file");
  std::string elsewhere = "'" + target ("elsewhere") + "'";
  struct Step {
    const char *name, *value;
    std::set<std::string> told;
  };

  for (const Step &step : std::vector<Step>{
           {"MaxSize", "@t 5", {"MaxSize"}},
           {"MaxSize", "@t 5", {}},
           {"Priority", "'low'", {"Priority"}},
           {"Priority", "'foreground'", {"Priority", "CostPolicy"}}, /* the default of the class */
           {"CostPolicy", "'no-roaming'", {"CostPolicy"}},
           {"Priority", "'normal'", {"Priority"}},
           {"HttpHeaders", "{'Cookie': 'a'}", {"HttpHeaders"}},
           {"HttpHeadersWriteOnly", "true", {"HttpHeaders", "HttpHeadersWriteOnly"}},
           {"HttpHeaders", "{'Cookie': 'b'}", {}}, /* nobody may read it */
           {"LocalPath", elsewhere.c_str (), {"LocalPath"}},
       }) {
    settle ();
    connection->signals.clear ();
    EXPECT_TRUE (download.set (step.name, g_variant_new_parsed (step.value))) << step.name;
    settle ();
    EXPECT_EQ (changed (*connection, download.path), step.told) << step.name << " " << step.value;
    EXPECT_LE (connection->count (download.path, "PropertiesChanged"), 1);
  }
}

TEST_F (ApiSignals, SubscriberThatLeftDoesNoHarm)
{
  ASSERT_TRUE (other->call (kManagerPath, "Subscribe"));
  other.reset ();
  fetch (server.url ("/file"), "file", file.body);
  other = std::make_unique<Connection> (bus->address ());
}

TEST_F (ApiSignals, WrittenPropertyIsTold)
{
  Download download = create_file (server.url ("/file"), "file");

  settle ();
  connection->signals.clear ();
  ASSERT_TRUE (download.set ("Priority", g_variant_new_string ("low")));
  settle ();
  EXPECT_EQ (changed (*connection, download.path).count ("Priority"), 1u);
  for (const Signal &signal : connection->signals) {
    if (signal.member == "PropertiesChanged") {
      EXPECT_NE (signal.args[1].print ().find ("'Priority': <'low'>"), std::string::npos);
    }
  }
}

TEST_F (ApiSignals, RefusedWriteIsNotTold)
{
  Download download = create_file (server.url ("/file"), "file");

  settle ();
  connection->signals.clear ();
  EXPECT_FALSE (download.set ("Priority", g_variant_new_string ("urgent")));
  settle ();
  EXPECT_EQ (connection->count (download.path, "PropertiesChanged"), 0);
}

TEST_F (ApiSignals, ChangesOfATransferAreTold)
{
  Download download = fetch (server.url ("/file"), "file", file.body);

  settle ();
  std::set<std::string> told = changed (*connection, download.path);
  for (const char *name :
       {"State", "BytesTotal", "HttpStatus", "ResponseHeaders", "TransferCompletionTime"})
    EXPECT_EQ (told.count (name), 1u) << name;
  /* properties that are not signalled, according to the interface */
  for (const char *name : {"BytesTransferred", "BytesFetched", "BytesPerSecond",
                           "TransferredRanges", "ModificationTime", "Id", "CreationTime"})
    EXPECT_EQ (told.count (name), 0u) << name;
}

TEST_F (ApiSignals, ErrorIsTold)
{
  server.on ("/missing", [] (Exchange &x) { x.answer ("404 Not Found"); });
  Download download = create_file (server.url ("/missing"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("failed"));
  settle ();
  std::set<std::string> told = changed (*connection, download.path);
  for (const char *name : {"State", "Error", "ErrorContext", "ErrorMessage", "ErrorCount"})
    EXPECT_EQ (told.count (name), 1u) << name;
  bool found = false;
  for (const Signal &signal : connection->signals)
    found |= signal.path == download.path && signal.member == "StatusChanged" &&
             signal.args[0].str () == "failed" &&
             signal.args[3].str () == std::string (kError) + "HttpStatus";
  EXPECT_TRUE (found);
}

/* The last values in signals are the properties' values. */
TEST_F (ApiSignals, CacheOfAClientIsRight)
{
  server.serve ("/cut", file, {30000});
  Download download = fetch (server.url ("/cut"), "file", file.body);
  std::map<std::string, std::string> cache;

  settle ();
  for (const Signal &signal : connection->signals) {
    if (signal.path != download.path || signal.member != "PropertiesChanged")
      continue;
    for (std::size_t i = 0; i < g_variant_n_children (signal.args[1].get ()); i++)
      cache[signal.args[1][i][0].str ()] = signal.args[1][i][1][0].print ();
  }
  EXPECT_GE (cache.size (), 8u);
  for (const auto &[name, value] : cache)
    EXPECT_EQ (download.get (name).print (), value) << name;
}

/*
 * A change of conditions concerns all waiting downloads. A call meanwhile is answered before all of them are
 * reported.
 */
TEST_F (ApiSignals, AnswersDontWaitForThousandsOfSignals)
{
  constexpr std::size_t kMany = 3000;
  GVariantBuilder requests;

  server.on ("/held", [] (Exchange &x) { x.hold (); });
  g_variant_builder_init (&requests, G_VARIANT_TYPE ("a(sa{sv})"));
  for (std::size_t i = 0; i < kMany; i++) {
    Properties properties;
    properties.add ("LocalPath", target ("file-" + std::to_string (i))).add ("AutoStart", true);
    g_variant_builder_add (&requests, "(s@a{sv})", server.url ("/held").c_str (),
                           properties.build ());
  }
  Reply made = manager ().call (kManagerPath, "CreateDownloads",
                                g_variant_new ("(a(sa{sv}))", &requests), 60);
  ASSERT_TRUE (made) << made.message;
  settle ();
  std::size_t before = connection->signals.size ();
  std::set<std::string> told;
  auto look = [&] {
    for (; before < connection->signals.size (); before++) {
      const Signal &signal = connection->signals[before];
      if (signal.member == "PropertiesChanged" &&
          signal.args[1].print ().find ("suspended") != std::string::npos)
        told.insert (signal.path);
    }
    return told.size ();
  };
  ASSERT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (TRUE)));
  ASSERT_TRUE (wait_until ([&] { return look () > 0; }));
  Download last (connection.get (), made.value[0].strv ().back ());
  EXPECT_EQ (last.status ().state, "queued");
  EXPECT_LT (look (), kMany / 4 * 3);
  EXPECT_TRUE (wait_until ([&] { return look () == kMany; })) << told.size ();
  EXPECT_EQ (last.get ("StateReasons").strv (), std::vector<std::string> ({"suspended"}));
}
