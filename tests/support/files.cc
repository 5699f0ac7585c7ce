/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the tests. */
#include "support/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <glib.h>
#include <gtest/gtest.h>
#include <random>
#include <sstream>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace st
{

TempDir::TempDir ()
{
  std::string name = (std::filesystem::temp_directory_path () / "sluice-test-XXXXXX").string ();

  if (mkdtemp (name.data ()) == nullptr)
    throw std::runtime_error (name + ": " + strerror (errno));
  path_ = name;
}

TempDir::~TempDir ()
{
  std::error_code error;

  std::filesystem::remove_all (path_, error);
}

TmpFs::TmpFs (const std::string &path, const std::string &options) : path_ (path)
{
  make_directory (path);
  if (mount ("tmpfs", path.c_str (), "tmpfs", 0, options.c_str ()) != 0)
    throw std::runtime_error ("mount " + path + ": " + strerror (errno) + " (needs root)");
}

TmpFs::~TmpFs ()
{
  umount2 (path_.c_str (), MNT_DETACH);
}

void
TmpFs::remount (const std::string &options)
{
  unsigned long flags = MS_REMOUNT;

  if (options.find ("ro") == 0)
    flags |= MS_RDONLY;
  ASSERT_EQ (mount ("tmpfs", path_.c_str (), "tmpfs", flags,
                    flags & MS_RDONLY ? "" : options.c_str ()),
             0)
      << strerror (errno);
}

std::string
read_file (const std::string &path)
{
  std::ifstream file (path, std::ios::binary);
  std::ostringstream content;

  content << file.rdbuf ();
  return content.str ();
}

void
write_file (const std::string &path, const std::string &content)
{
  std::ofstream file (path, std::ios::binary | std::ios::trunc);

  file << content;
  file.close ();
  if (!file)
    ADD_FAILURE () << "could not write " << path;
}

bool
exists (const std::string &path)
{
  struct stat found;

  return lstat (path.c_str (), &found) == 0;
}

void
make_directory (const std::string &path)
{
  std::filesystem::create_directories (path);
}

std::vector<std::string>
list_directory (const std::string &path)
{
  std::vector<std::string> names;
  std::error_code error;

  for (const auto &entry : std::filesystem::directory_iterator (path, error))
    names.push_back (entry.path ().filename ().string ());
  std::sort (names.begin (), names.end ());
  return names;
}

std::string
sha256 (const std::string &content)
{
  char *text = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                            reinterpret_cast<const guchar *> (content.data ()),
                                            content.size ());
  std::string digest = text;

  g_free (text);
  return digest;
}

std::string
sha256_of_file (const std::string &path)
{
  return exists (path) ? sha256 (read_file (path)) : "missing";
}

std::string
random_bytes (std::size_t size, std::uint64_t seed)
{
  std::mt19937_64 generator (seed);
  std::string bytes (size + 8, '\0');

  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = generator ();
    memcpy (&bytes[i], &word, 8);
  }
  bytes.resize (size);
  return bytes;
}

} // namespace st
