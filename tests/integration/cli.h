/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line, run as people and scripts run it. */
#pragma once

#include "support/fixture.h"

#include <json-glib/json-glib.h>
#include <string>
#include <vector>

namespace st
{

using Words = std::vector<std::string>;

struct Outcome {
  int code; /* of exit; 128 + the signal */
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
  /* Of the object that @text is, or of its element @at. */
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

/* A run of `sluicectl` that goes on beside the test. */
class Running
{
public:
  Process process;
  std::string base; /* of its output files */
  std::string out () const;
  std::string err () const;
  Outcome wait (double seconds = 30);
};

class CliTest : public SluiceTest
{
protected:
  /* Runs `sluicectl`, in a directory of its own: target ("") */
  Outcome sluice (const Words &words);
  void begin (Running *running, const Words &words);
  Command command (const Words &words, const std::string &base) const;
  std::string program () const;
  /* Waits until `sluicectl list --all` would say so of the newest download. */
  Download newest ();
  bool wait_for_err (const Running &running, const std::string &text, double seconds = 15);

  std::map<std::string, std::string> cli_environment;
  Server server;

private:
  int runs_ = 0;
};

} // namespace st
