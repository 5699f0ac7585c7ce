/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each property of a download: in which states it can be written, and which values are refused. */
#include "support/fixture.h"
#include "support/properties.h"

using namespace st;

class ApiProperties : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (200000);
    allow (file.body);
    server.serve ("/file", file);
    server.serve ("/held", file, {SIZE_MAX, 100000});
    server.on ("/missing", [] (Exchange &x) { x.answer ("404 Not Found"); });
    server.on ("/broken", [] (Exchange &x) {
      x.answer ("503 Service Unavailable", {{"Retry-After", "600"}});
    });
  }

  /* A download in that state. */
  Download
  in_state (const std::string &state)
  {
    std::string source = state == "failed"         ? "/missing"
                         : state == "retrying"     ? "/broken"
                         : state == "transferring" ? "/held"
                                                   : "/file";
    Download download = create_file (server.url (source), state);
    if (state == "created")
      return download;
    if (state == "paused") {
      EXPECT_TRUE (download.set ("Uri", g_variant_new_string (server.url ("/held").c_str ())));
      EXPECT_TRUE (download.start ());
      EXPECT_TRUE (download.wait_transferred (100000));
      EXPECT_TRUE (download.pause ());
      return download;
    }
    if (state == "aborted") {
      EXPECT_TRUE (download.abort ());
      return download;
    }
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait (state == "finalized" ? "transferred" : state));
    if (state == "finalized") {
      EXPECT_TRUE (download.finalize ());
    }
    return download;
  }

  static void
  expect_invalid (const Download &download, const std::string &property, GVariant *value)
  {
    Value shared (value);
    Value before = download.get (property);
    Reply reply = download.set (property, shared.get ());

    EXPECT_EQ (reply.error, "InvalidArgument")
        << property << " = " << shared.print ().substr (0, 80);
    EXPECT_NE (reply.message, "");
    EXPECT_EQ (download.get (property).print (), before.print ());
  }

  static void
  expect_written (const Download &download, const std::string &property, GVariant *value)
  {
    Value shared (value);
    Reply reply = download.set (property, shared.get ());

    EXPECT_TRUE (reply) << property << " = " << shared.print () << ": " << reply.message;
    EXPECT_EQ (download.get (property).print (), shared.print ()) << property;
  }

  Resource file;
  Server server;
};

TEST_F (ApiProperties, EachIsWrittenAndRead)
{
  Download download = create_file (server.url ("/file"), "file");
  /* empty is no value for the first two, the third stays true, and the fourth reads as what the priority makes of it */
  const std::set<std::string> never_unset = {"Uri", "LocalPath", "HttpHeadersWriteOnly",
                                             "CostPolicy"};

  for (const ListedProperty &property : kProperties) {
    if (!property.writable)
      continue;
    for (const std::string &value : get_good_values (property))
      expect_written (download, property.name, parse (value));
    if (never_unset.count (property.name) == 0)
      expect_written (download, property.name, parse (property.initial));
  }
}

TEST_F (ApiProperties, AllSurviveARestart)
{
  /* the first would start it, the second lets it be forgotten, and the third hides the headers */
  const std::set<std::string> left_out = {"AutoStart", "Persistent", "HttpHeadersWriteOnly"};
  Properties all;

  for (const ListedProperty &property : kProperties) {
    if (property.writable && property.name != "Uri" && left_out.count (property.name) == 0)
      all.add (property.name, parse (get_good_values (property).back ()));
  }
  all.add ("DisplayName", "name\nof two lines")
      .add ("HttpHeaders", g_variant_new_parsed ("{'X-A': 'it\\'s \"quoted\"'}"));
  Download download = create (server.url ("/file"), all);
  std::string before, after;
  auto get_all = [&] {
    Reply reply =
        connection->call_on (kName, download.path, "org.freedesktop.DBus.Properties.GetAll",
                             g_variant_new ("(s)", kDownload));
    EXPECT_TRUE (reply) << reply.message;
    std::set<std::string> lines;
    Value dict = reply.value[0];
    for (std::size_t i = 0; dict && i < g_variant_n_children (dict.get ()); i++)
      lines.insert (dict[i].print ());
    std::string text;
    for (const std::string &line : lines)
      text += line + "\n";
    return text;
  };

  before = get_all ();
  restart_daemon (SIGKILL);
  EXPECT_EQ (get_all (), before);
}

TEST_F (ApiProperties, ReadOnlyOnes)
{
  Download download = create_file (server.url ("/file"), "file");

  for (const ListedProperty &property : kProperties) {
    if (property.writable)
      continue;
    const std::string &name = property.name;
    Value before = download.get (name), value (parse (get_value_of_type (property.type)));
    ASSERT_NE (value.print (), before.print ()) << name;
    Reply reply = download.set (name, value.get ());
    EXPECT_TRUE (reply.error == "InvalidArgument" ||
                 reply.error == "org.freedesktop.DBus.Error.InvalidArgs" ||
                 reply.error == "org.freedesktop.DBus.Error.PropertyReadOnly")
        << name << ": " << reply.error;
    EXPECT_EQ (download.get (name).print (), before.print ());
  }
}

TEST_F (ApiProperties, BadValues)
{
  Download download = create_file (server.url ("/file"), "file");
  std::string hex = sha256 ("");

  EXPECT_EQ (download.set ("Uri", g_variant_new_string ("ftp://x/")).error, "InvalidUri");
  for (const char *name : {"ContentId", "DisplayName", "CorrelationVector"}) {
    expect_invalid (download, name, g_variant_new_string (std::string (257, 'x').c_str ()));
    expect_written (download, name, g_variant_new_string (std::string (256, 'x').c_str ()));
  }
  for (const std::string &path :
       {std::string ("relative"), std::string ("./relative"), std::string ("~/file"),
        target ("../file"), target (std::string (256, 'n')), "/" + std::string (5000, 'n')})
    expect_invalid (download, "LocalPath", g_variant_new_string (path.c_str ()));
  for (const char *priority : {"", "urgent", "Normal", "normal "})
    expect_invalid (download, "Priority", g_variant_new_string (priority));
  for (const char *policy : {"", "deny", "ALLOW"})
    expect_invalid (download, "RedirectPolicy", g_variant_new_string (policy));
  expect_invalid (download, "SecurityFlags", g_variant_new_parsed ("['ignore-everything']"));
  expect_invalid (download, "SecurityFlags", g_variant_new_parsed ("['ignore-date', '']"));
  for (const std::string &digest :
       {std::string ("x"), hex, "sha256:" + hex.substr (1), "sha256:" + hex + "0", "md5:" + hex,
        "sha512:" + hex, "sha256:" + std::string (64, 'g'), "sha256: " + hex})
    expect_invalid (download, "Digest", g_variant_new_string (digest.c_str ()));
  expect_invalid (download, "ProgressPercent", g_variant_new_uint32 (101));
}

TEST_F (ApiProperties, DigestInCapitalsIsTheSame)
{
  std::string upper = sha256 (file.body);

  for (char &c : upper)
    c = (char)toupper (c);
  fetch (server.url ("/file"), "file", file.body, Properties ().add ("Digest", "SHA256:" + upper));
}

TEST_F (ApiProperties, HeadersThatTheServiceDecides)
{
  Download download = create_file (server.url ("/file"), "file");

  for (const char *name :
       {"Host", "Range", "If-Range", "Accept-Encoding", "Connection", "Content-Length",
        "Transfer-Encoding", "TE", "Upgrade", "Expect", "range", "HOST", "accept-encoding"}) {
    Value headers (g_variant_new_parsed ("{%s: 'x'}", name));
    Reply reply = download.set ("HttpHeaders", headers.get ());
    EXPECT_EQ (reply.error, "InvalidArgument") << name;
    EXPECT_NE (reply.message.find (name), std::string::npos) << reply.message;
    EXPECT_EQ (
        try_create (server.url ("/x"), Properties ().add ("HttpHeaders", headers.get ())).error,
        "InvalidArgument");
  }
}

TEST_F (ApiProperties, HeadersThatAreNone)
{
  Download download = create_file (server.url ("/file"), "file");

  expect_invalid (download, "HttpHeaders", g_variant_new_parsed ("{'': 'x'}"));
  expect_invalid (download, "HttpHeaders", g_variant_new_parsed ("{'a b': 'x'}"));
  expect_invalid (download, "HttpHeaders", g_variant_new_parsed ("{'a:': 'x'}"));
  expect_invalid (download, "HttpHeaders", g_variant_new_parsed ("{'X-A': 'b\\r\\nX-Evil: yes'}"));
  expect_invalid (download, "HttpHeaders", g_variant_new_parsed ("{'X-A\\r\\n': 'b'}"));
  expect_invalid (download, "HttpHeaders",
                  g_variant_new_parsed ("{'X-A': %s}", std::string (16384, 'x').c_str ()));
  GVariantBuilder builder;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (int i = 0; i < 65; i++)
    g_variant_builder_add (&builder, "{ss}", ("X-" + std::to_string (i)).c_str (), "x");
  expect_invalid (download, "HttpHeaders", g_variant_builder_end (&builder));
}

TEST_F (ApiProperties, HeadersAreSent)
{
  fetch (server.url ("/file"), "file", file.body,
         Properties ().add ("HttpHeaders",
                            g_variant_new_parsed ("{'X-Token': 't 1', 'User-Agent': 'Mine/1'}")));
  Request request = server.requests ("/file")[0];
  EXPECT_EQ (request.header ("X-Token"), "t 1");
  EXPECT_EQ (request.header ("User-Agent"), "Mine/1");
  EXPECT_EQ (request.header ("Accept-Encoding"), "identity");
}

TEST_F (ApiProperties, WriteOnlyHeadersStaySecret)
{
  Download download =
      create_file (server.url ("/file"), "file",
                   Properties ()
                       .add ("HttpHeaders", g_variant_new_parsed ("{'X-Token': 'very-secret'}"))
                       .add ("HttpHeadersWriteOnly", true));

  EXPECT_EQ (download.get ("HttpHeaders").print (), "@a{ss} {}");
  download.set ("HttpHeadersWriteOnly", g_variant_new_boolean (FALSE));
  EXPECT_EQ (download.number ("HttpHeadersWriteOnly"), 1u);
  EXPECT_EQ (download.get ("HttpHeaders").print (), "@a{ss} {}");
  restart_daemon (SIGKILL);
  EXPECT_EQ (download.get ("HttpHeaders").print (), "@a{ss} {}");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (server.requests ("/file")[0].header ("X-Token"), "very-secret");
  EXPECT_EQ (log ().find ("very-secret"), std::string::npos);
  for (const Signal &signal : connection->signals)
    EXPECT_EQ (signal.args.print ().find ("very-secret"), std::string::npos);
  EXPECT_TRUE (download.set ("HttpHeaders", g_variant_new_parsed ("{'X-Token': 'very-secret'}")));
  EXPECT_EQ (download.get ("HttpHeaders").print (), "@a{ss} {}");
}

static const char *const kStates[] = {"created", "transferring", "paused",    "retrying",
                                      "failed",  "transferred",  "finalized", "aborted"};

/* How many of the service's files have @text in them. */
static int
count_files_with (const std::string &directory, const std::string &text)
{
  int n = 0;

  for (const std::string &name : list_directory (directory))
    n += read_file (directory + "/" + name).find (text) != std::string::npos;
  return n;
}

TEST_F (ApiProperties, WriteOnlyHeadersAreWipedAtTheEnd)
{
  const std::string secret = "SECRETWO" + std::string (3000, 'x');
  Properties properties;
  properties.add ("HttpHeadersWriteOnly", true)
      .add ("HttpHeaders", g_variant_new_parsed ("{'X-Token': %s}", secret.c_str ()));

  for (bool aborted : {true, false}) {
    Download download = create_file (server.url ("/file"), "wiped", properties);
    EXPECT_GT (count_files_with (state_dir (), "SECRETWO"), 0) << "this case looks for nothing";
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferred"));
    if (aborted)
      ASSERT_TRUE (download.abort ());
    else
      finalize_and_check (download, file.body);
    EXPECT_EQ (count_files_with (state_dir (), "SECRETWO"), 0);
  }
}

TEST_F (ApiProperties, WriteOnlyHeadersStayWithTheirOrigin)
{
  Server other;
  Properties properties;
  properties.add ("HttpHeadersWriteOnly", true)
      .add ("HttpHeaders", g_variant_new_parsed ("{'X-Token': 'SECRETWO'}"));
  auto set_uri = [] (const Download &download, const std::string &uri) {
    return download.set ("Uri", g_variant_new_string (uri.c_str ()));
  };

  other.serve ("/file", file);
  Download moved = create_file (server.url ("/other"), "moved", properties);
  ASSERT_TRUE (set_uri (moved, other.url ("/file")));
  EXPECT_EQ (count_files_with (state_dir (), "SECRETWO"), 0);
  ASSERT_TRUE (moved.start ());
  ASSERT_TRUE (moved.wait ("transferred"));
  ASSERT_EQ (other.count ("/file"), 1);
  EXPECT_FALSE (other.requests ("/file")[0].has ("X-Token"));
  Download same = create_file (server.url ("/other"), "same", properties);
  ASSERT_TRUE (set_uri (same, server.url ("/file")));
  ASSERT_TRUE (same.start ());
  ASSERT_TRUE (same.wait ("transferred"));
  EXPECT_EQ (server.requests ("/file")[0].header ("X-Token"), "SECRETWO");
}

TEST_F (ApiProperties, StatesInWhichEachIsWritable)
{
  for (const std::string state : kStates) {
    SCOPED_TRACE (state);
    Download download = in_state (state);
    for (const ListedProperty &property : kProperties) {
      if (!property.writable)
        continue;
      /* the value that it has, which changes nothing for those that follow */
      Value value = download.get (property.name);
      Reply reply = download.set (property.name, value.get ());
      bool writable = property.states.count (state) != 0;
      EXPECT_EQ (reply.error, writable ? "" : "InvalidState")
          << property.name << ": " << reply.message;
      if (!writable) {
        EXPECT_NE (reply.message.find (state), std::string::npos) << reply.message;
      }
    }
  }
}

TEST_F (ApiProperties, PriorityInFlight)
{
  Download download = in_state ("transferring");

  ASSERT_TRUE (download.set ("Priority", g_variant_new_string ("foreground")));
  ASSERT_TRUE (download.set ("Priority", g_variant_new_string ("low")));
  EXPECT_EQ (download.status ().state, "transferring");
  server.release ();
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ApiProperties, TimesAreKept)
{
  gint64 began = g_get_real_time ();
  Download download = in_state ("finalized");

  EXPECT_GE ((gint64)download.number ("TransferCompletionTime"), began);
  EXPECT_LE ((gint64)download.number ("TransferCompletionTime"), g_get_real_time ());
  EXPECT_NEAR ((double)download.number ("ExpiryTime"), (double)g_get_real_time () + 86400e6, 60e6);
}

TEST_F (ApiProperties, TextThatIsOddIsKeptAsItIs)
{
  for (const char *text :
       {"", "'; DROP TABLE download; --", "\xf0\x9f\x92\xa7", "a\tb\nc", "%s%n"}) {
    Download download = create (server.url ("/file"), Properties ().add ("DisplayName", text));
    EXPECT_EQ (download.text ("DisplayName"), text);
  }
}
