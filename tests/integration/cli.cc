/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the command line. */
#include "cli.h"

#include <sys/wait.h>

namespace st
{

Json::Json (const std::string &text)
{
  GError *error = nullptr;
  JsonNode *root = json_from_string (text.c_str (), &error);

  EXPECT_EQ (error, nullptr) << error->message << " in: " << text;
  g_clear_error (&error);
  if (root != nullptr)
    root_.reset (root, json_node_unref);
  EXPECT_TRUE (root_) << "no JSON: " << text;
}

JsonObject *
Json::object (guint at) const
{
  if (JSON_NODE_HOLDS_OBJECT (root_.get ()))
    return json_node_get_object (root_.get ());
  return at < length () ? json_array_get_object_element (array (), at) : nullptr;
}

guint
Json::length () const
{
  return json_array_get_length (array ());
}

std::string
Json::text (const std::string &member, guint at) const
{
  JsonObject *found = object (at);

  if (found == nullptr)
    return "(no object)";
  const char *text = json_object_get_string_member_with_default (found, member.c_str (), nullptr);
  return text != nullptr ? text : "(none)";
}

gint64
Json::number (const std::string &member, guint at) const
{
  JsonObject *found = object (at);

  return found != nullptr ? json_object_get_int_member_with_default (found, member.c_str (), -1)
                          : -1;
}

static std::string
read_if_there (const std::string &path)
{
  return exists (path) ? read_file (path) : "";
}

std::string
Running::out () const
{
  return read_if_there (base + ".out");
}

std::string
Running::err () const
{
  return read_if_there (base + ".err");
}

Outcome
Running::wait (double seconds)
{
  /* runs the main loop meanwhile, because a test may have a server or a bus client */
  bool ended = wait_polling ([this] { return !process.is_running (); }, seconds);
  int status;

  if (!ended)
    process.send (SIGKILL);
  status = process.wait ();
  EXPECT_TRUE (ended) << "“sluicectl” did not end; it said: " << err ();
  return {WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status), out (), err ()};
}

std::string
CliTest::program () const
{
  return need_env ("SLUICE_BUILD_DIR") + "/src/cli/sluicectl";
}

Command
CliTest::command (const Words &words, const std::string &base) const
{
  Command made;

  made.argv = {"/bin/sh", "-c",
               "cd \"$TEST_CWD\" && { [ -z \"$TEST_OUT\" ] || exec >\"$TEST_OUT\"; } && "
               "exec \"$0\" \"$@\" 2>\"$TEST_ERR\"",
               program ()};
  made.argv.insert (made.argv.end (), words.begin (), words.end ());
  made.env = {{"DBUS_SESSION_BUS_ADDRESS", bus->address ()},
              {"HOME", dir / "home"},
              {"LC_ALL", "C.UTF-8"},
              {"LANGUAGE", "C"},
              {"SLUICE_LOCALEDIR", need_env ("SLUICE_BUILD_DIR") + "/po"},
              {"TEST_CWD", dir / "downloads"},
              {"TEST_ERR", base + ".err"}};
  for (const auto &[name, value] : cli_environment)
    made.env[name] = value;
  made.log = base + ".out";
  return made;
}

void
CliTest::begin (Running *running, const Words &words)
{
  running->base = dir / ("sluicectl-" + std::to_string (runs_++));
  running->process.start (command (words, running->base));
}

Outcome
CliTest::sluice (const Words &words)
{
  Running running;

  begin (&running, words);
  return running.wait ();
}

Download
CliTest::newest ()
{
  std::string path;

  wait_polling ([&] {
    Reply reply =
        connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"));
    std::vector<std::string> paths = reply ? reply.value[0].strv () : Words ();
    path = paths.empty () ? "" : paths.back ();
    return !path.empty ();
  });
  EXPECT_NE (path, "") << "there is no download";
  return {connection.get (), path};
}

bool
CliTest::wait_for_err (const Running &running, const std::string &text, double seconds)
{
  bool found =
      wait_polling ([&] { return running.err ().find (text) != std::string::npos; }, seconds);

  EXPECT_TRUE (found) << "not said: “" << text << "”; but: " << running.err ();
  return found;
}

} // namespace st
