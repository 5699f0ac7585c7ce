/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the tests: temporary directories, contents, digests. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace st
{

/* A temporary directory, removed at the end with everything in it, also mounts. */
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

/* A separate small file system, mounted while the object lives. */
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
/* The names in a directory, sorted, with hidden ones. */
std::vector<std::string> list_directory (const std::string &path);
std::string sha256 (const std::string &content);
std::string sha256_of_file (const std::string &path);
/* Bytes that are unique for each @seed, and can't be compressed or replaced by holes. */
std::string random_bytes (std::size_t size, std::uint64_t seed = 1);

} // namespace st
