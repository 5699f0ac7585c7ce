/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the command line as people and scripts do. */
#pragma once

#include "support/fixture.h"

#include <json-glib/json-glib.h>
#include <string>
#include <vector>

namespace st
{

using Words = std::vector<std::string>;

struct Outcome {
  int code; /* exit code; 128 + the signal */
  std::string out;
  std::string err;
};

/* A parsed JSON text. */
class Json
{
public:
  explicit Json (const std::string &text);
  JsonArray *
  array () const
  {
    return json_node_get_array (root_.get ());
  }
  /* The member of the object @text, or of its element @at. */
  std::string text (const std::string &member, guint at = 0) const;
  gint64 number (const std::string &member, guint at = 0) const;
  guint length () const;
  explicit operator bool () const
  {
    return root_ != nullptr;
  }

private:
  JsonObject *object (guint at) const;
  std::shared_ptr<JsonNode> root_;
};

/* A run of `sluicectl` in parallel with the test. */
class Running
{
public:
  Process process;
  std::string base; /* start of its output files' paths */
  std::string out () const;
  std::string err () const;
  Outcome wait (double seconds = 30);
};

class CliTest : public SluiceTest
{
protected:
  /* Runs `sluicectl` in target (""). */
  Outcome sluice (const Words &words);
  void begin (Running *running, const Words &words);
  Command command (const Words &words, const std::string &base) const;
  std::string program () const;
  /* Waits until there is a download; the newest one. */
  Download newest ();
  bool wait_for_err (const Running &running, const std::string &text, double seconds = 15);

  std::map<std::string, std::string> cli_environment;
  Server server;

private:
  int runs_ = 0;
};

} // namespace st
