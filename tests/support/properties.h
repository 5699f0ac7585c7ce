/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a download, as the interface and the table of options say, and values for them. */
#pragma once

#include <glib.h>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace st
{

/* Values are GVariant's text. */
struct ListedProperty {
  std::string name;
  std::string type;
  bool writable;
  std::string initial;            /* the default; of what is only read an empty value */
  std::vector<std::string> words; /* of an enumeration or a set */
  std::set<std::string> states;   /* in which it can be written */
};

/* In the order of the interface. */
inline const std::vector<ListedProperty> kProperties = {
#include "support/property-list.inc"
};

inline const ListedProperty &
find_property (const std::string &name)
{
  for (const ListedProperty &property : kProperties) {
    if (property.name == name)
      return property;
  }
  g_error ("There is no property %s", name.c_str ());
}

/* One that no property has by itself. */
inline std::string
get_value_of_type (const std::string &type)
{
  static const std::map<std::string, std::string> values = {
      {"s", "'ä 1'"},
      {"o", "objectpath '/x'"},
      {"u", "uint32 7"},
      {"t", "uint64 12345678901234"},
      {"x", "int64 5"},
      {"as", "['x']"},
      {"a{ss}", "{'X-A': 'b'}"},
      {"a(tt)", "[(uint64 0, uint64 1)]"},
  };
  return values.at (type);
}

/* What the property takes besides its default: each word, and of what has no words one value. */
inline std::vector<std::string>
get_good_values (const ListedProperty &property)
{
  static const std::map<std::string, std::string> checked = {
      {"Uri", "'http://127.0.0.1:9/other'"},
      {"LocalPath", "'/a/b'"},
      {"Digest", "'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"},
  };
  std::vector<std::string> values;

  if (checked.count (property.name) != 0)
    return {checked.at (property.name)};
  if (property.type == "b")
    return {property.initial == "true" ? "false" : "true"};
  for (const std::string &word : property.words) {
    std::string quoted = "'" + word + "'";
    if (property.type == "as")
      values.push_back ("[" + quoted + "]");
    else if (quoted != property.initial)
      values.push_back (quoted);
  }
  return values.empty () ? std::vector<std::string>{get_value_of_type (property.type)} : values;
}

/* (transfer floating) */
inline GVariant *
parse (const std::string &text)
{
  return g_variant_new_parsed (text.c_str ());
}

} // namespace st
