/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsluice by introspection: the example in Python, and the one call that does everything. */
#include "client.h"

#include <sys/wait.h>

using namespace st;

class ExampleInPython : public ClientTest
{
protected:
  void
  SetUp () override
  {
    ClientTest::SetUp ();
    if (!HasFatalFailure ())
      start_daemon ();
  }

  Finished
  python (std::vector<std::string> words)
  {
    std::string lib = need_env ("SLUICE_BUILD_DIR") + "/src/lib";
    words.insert (words.begin (), "/usr/bin/python3");
    return run ({words, {{"LD_LIBRARY_PATH", lib}, {"GI_TYPELIB_PATH", lib}}, "", -1});
  }

  Finished
  example (const std::string &uri, const std::string &path)
  {
    return python ({need_env ("SLUICE_SOURCE_DIR") + "/docs/examples/download.py", uri, path});
  }
};

TEST_F (ExampleInPython, Downloads)
{
  std::string body = serve ("/a", 1000000);
  Finished finished = example (server.url ("/a"), target ("a"));

  EXPECT_EQ (finished.status, 0) << finished.output;
  EXPECT_NE (finished.output.find ("finalized 1000000"), std::string::npos) << finished.output;
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
}

TEST_F (ExampleInPython, SaysWhatWentWrong)
{
  Finished finished = example (server.url ("/none"), target ("a"));

  EXPECT_EQ (WEXITSTATUS (finished.status), 1);
  EXPECT_NE (finished.output.find ("404"), std::string::npos) << finished.output;
}

static const char in_one_call[] = R"(
import sys, gi
gi.require_version('Sluice', '0.1')
from gi.repository import Gio, GLib, Sluice
loop, seen, code = GLib.MainLoop(), [], []

def on_done(source, result):
    try:
        code.append(Sluice.fetch_file_finish(result))
    except GLib.Error as error:
        code.append(error.matches(Sluice.error_quark(), Sluice.Error.HTTP_STATUS))
        print(error.message)
    loop.quit()

Sluice.fetch_file_async(sys.argv[1], Gio.File.new_for_path(sys.argv[2]),
                        GLib.Variant('a{sv}', {'Priority': GLib.Variant('s', 'high')}), None,
                        progress_callback=lambda current, total, _: seen.append((current, total)),
                        callback=on_done)
loop.run()
assert code == [True], code
print(seen[-1:])
)";

TEST_F (ExampleInPython, InOneCall)
{
  std::string body = serve ("/a", 1000000);
  Finished finished = python ({"-c", in_one_call, server.url ("/a"), target ("a")});

  EXPECT_EQ (finished.status, 0) << finished.output;
  EXPECT_EQ (finished.output, "[(1000000, 1000000)]\n");
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
}

TEST_F (ExampleInPython, ErrorsHaveTheDomain)
{
  Finished finished = python ({"-c", in_one_call, server.url ("/none"), target ("a")});

  EXPECT_EQ (finished.status, 0) << finished.output;
  EXPECT_NE (finished.output.find ("404"), std::string::npos) << finished.output;
}
