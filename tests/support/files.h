/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the tests: temporary directories, contents, digests. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace st
{

/* A directory that goes with everything in it, mounts included. */
class TempDir
{
public:
  TempDir ();
  TempDir (const TempDir &) = delete;
  TempDir &operator= (const TempDir &) = delete;
  ~TempDir ();

  const std::string &
  path () const
  {
    return path_;
  }
  std::string
  operator/ (const std::string &name) const
  {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

/* A small file system of its own, mounted for as long as this lives. */
class TmpFs
{
public:
  TmpFs (const std::string &path, const std::string &options);
  TmpFs (const TmpFs &) = delete;
  TmpFs &operator= (const TmpFs &) = delete;
  ~TmpFs ();
  void remount (const std::string &options);

private:
  std::string path_;
};

std::string read_file (const std::string &path);
void write_file (const std::string &path, const std::string &content);
bool exists (const std::string &path);
void make_directory (const std::string &path);
/* The names in a directory, sorted; the hidden ones too. */
std::vector<std::string> list_directory (const std::string &path);
std::string sha256 (const std::string &content);
std::string sha256_of_file (const std::string &path);
/* Bytes that no other @seed gives, and that no compression or hole can fake. */
std::string random_bytes (std::size_t size, std::uint64_t seed = 1);

} // namespace st
