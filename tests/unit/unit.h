/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For all unit tests: strings that free themselves, a temporary directory, files. */
#pragma once

#include <algorithm>
#include <fstream>
#include <glib.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

/* Takes a C string; NULL becomes "(null)". */
inline std::string
take (char *text)
{
  std::string copy = text != nullptr ? text : "(null)";
  g_free (text);
  return copy;
}

/* A GError that frees itself. */
class Error
{
public:
  Error () = default;
  Error (const Error &) = delete;
  Error &operator= (const Error &) = delete;
  ~Error ()
  {
    g_clear_error (&error);
  }

  /* For the last argument of a call; drops an earlier error. */
  GError **
  out ()
  {
    g_clear_error (&error);
    return &error;
  }
  bool
  is (GQuark domain, int code) const
  {
    return g_error_matches (error, domain, code);
  }
  std::string
  text () const
  {
    return error != nullptr ? error->message : "no error";
  }
  const GError *
  get () const
  {
    return error;
  }

private:
  GError *error = nullptr;
};

/* A temporary directory, deleted with its content. */
class Directory
{
public:
  Directory ()
  {
    GError *error = nullptr;
    char *made = g_dir_make_tmp ("sluice-unit-XXXXXX", &error);
    g_assert_no_error (error);
    path = take (made);
  }
  Directory (const Directory &) = delete;
  Directory &operator= (const Directory &) = delete;
  ~Directory ()
  {
    remove_all (path);
  }

  std::string
  operator/ (const std::string &name) const
  {
    return path + "/" + name;
  }
  const char *
  c_str () const
  {
    return path.c_str ();
  }
  /* The names in it, sorted. */
  std::vector<std::string>
  list () const
  {
    return list (path);
  }

private:
  std::string path;

  static std::vector<std::string>
  list (const std::string &at)
  {
    std::vector<std::string> names;
    g_autoptr (GDir) dir = g_dir_open (at.c_str (), 0, nullptr);
    while (const char *name = dir != nullptr ? g_dir_read_name (dir) : nullptr)
      names.push_back (name);
    std::sort (names.begin (), names.end ());
    return names;
  }
  static void
  remove_all (const std::string &at)
  {
    if (!g_file_test (at.c_str (), G_FILE_TEST_IS_SYMLINK))
      for (const std::string &name : list (at))
        remove_all (at + "/" + name);
    g_remove (at.c_str ());
  }
};

inline std::string
read_file (const std::string &path)
{
  char *text = nullptr;
  gsize length = 0;
  if (!g_file_get_contents (path.c_str (), &text, &length, nullptr))
    return "(no file)";
  std::string content (text, length);
  g_free (text);
  return content;
}

inline void
write_file (const std::string &path, const std::string &content)
{
  std::ofstream file (path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close ();
  g_assert_true (file.good ());
}
