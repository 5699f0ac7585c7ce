/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base: switches with a value. */
#include "unit.h"

#include "base/switches.h"

namespace
{

gboolean flag;
char *text;

const GOptionEntry own[] = {
    {"reload", 'r', 0, G_OPTION_ARG_NONE, &flag, nullptr, nullptr},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &text, nullptr, nullptr},
    {"out", 0, 0, G_OPTION_ARG_NONE, &flag, nullptr, nullptr},
    {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
};
const GOptionEntry common[] = {
    {"json", 0, 0, G_OPTION_ARG_NONE, &flag, nullptr, nullptr},
    {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
};

/* The name of the switch that was found; "": none. */
std::string
find (std::vector<std::string> words, const GOptionEntry *of_command = own)
{
  std::vector<char *> argv{const_cast<char *> ("program")};

  for (std::string &word : words)
    argv.push_back (word.data ());
  const GOptionEntry *found =
      sl_switches_find_value (of_command, common, (int)argv.size (), argv.data ());
  return found != nullptr ? found->long_name : "";
}

} // namespace

TEST (Switches, OneWithAValueIsFound)
{
  EXPECT_EQ (find ({"--reload=3"}), "reload");
  EXPECT_EQ (find ({"--reload="}), "reload");
  EXPECT_EQ (find ({"argument", "--json=no"}), "json");
  EXPECT_EQ (find ({"--output", "a", "--out=b"}), "out");
  EXPECT_EQ (find ({"-ro", "a", "--json=no"}), "json");
  EXPECT_EQ (find ({"--json=no"}, nullptr), "json");
  EXPECT_EQ (find ({"--json=1", "--reload=2"}), "json");
}

TEST (Switches, OthersMayHaveOne)
{
  EXPECT_EQ (find ({}), "");
  EXPECT_EQ (find ({"--reload", "--json", "-r", "a=b", "-"}), "");
  EXPECT_EQ (find ({"--output=a=b"}), "");
  EXPECT_EQ (find ({"--unknown=3", "--reloaded=3", "--re=3"}), "");
}

TEST (Switches, WhatOnlyLooksLikeOneIsNone)
{
  EXPECT_EQ (find ({"--output", "--reload=3"}), "");
  EXPECT_EQ (find ({"-o", "--reload=3"}), "");
  EXPECT_EQ (find ({"-ro", "--json=3"}), "");
  EXPECT_EQ (find ({"--", "--reload=3"}), "");
}
