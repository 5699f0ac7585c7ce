/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What users get: the installed files, the steps of the README as written, and a real file from the network. */
#include "support/fixture.h"
#include "support/nginx.h"

#include <csignal>
#include <sstream>

using namespace st;

class Installed : public SluiceTest
{
protected:
  /* Installs everything below a directory; paths inside are those of the build's prefix. */
  void
  install ()
  {
    Finished made = run ({{"meson", "install", "-C", need_env ("SLUICE_BUILD_DIR"), "--no-rebuild",
                           "--quiet", "--destdir", root ()},
                          {},
                          "",
                          -1});
    ASSERT_EQ (made.status, 0) << made.output;
  }

  std::string
  root () const
  {
    return dir / "root";
  }

  /* The only path below the root with this end. */
  std::string
  find (const std::string &end) const
  {
    Finished found =
        run ({{"find", root (), "!", "-type", "d", "-path", "*" + end, "-print"}, {}, "", -1});
    std::string path = found.output.substr (0, found.output.find ('\n'));
    EXPECT_FALSE (path.empty ()) << end << " is not installed";
    return path;
  }

  /* The first line that pkg-config prints for the installed file. */
  std::string
  ask_pkg_config (const std::string &option) const
  {
    std::string file = find ("/pkgconfig/sluice.pc");
    Finished said = run ({{"pkg-config", option, "sluice"},
                          {{"PKG_CONFIG_PATH", file.substr (0, file.rfind ('/'))},
                           {"PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1"}},
                          "",
                          -1});
    EXPECT_EQ (said.status, 0) << said.output;
    return said.output.substr (0, said.output.find ('\n'));
  }
};

TEST_F (Installed, AllIsThere)
{
  install ();
  for (const char *end :
       {"/sluiced", "/bin/sluicectl", "/libsluice.so", "/libsluice.so.0",
        "/include/sluice/sluice.h", "/include/sluice/sluice-manager.h",
        "/include/sluice/sluice-download.h", "/include/sluice/sluice-error.h",
        "/pkgconfig/sluice.pc", "/dbus-1/services/org.sluice.Sluice1.service",
        "/systemd/user/sluice.service", "/dbus-1/interfaces/org.sluice.Sluice1.Manager.xml",
        "/dbus-1/interfaces/org.sluice.Sluice1.Download.xml",
        "/bash-completion/completions/sluicectl", "/site-functions/_sluicectl", "/man1/sluicectl.1",
        "/locale/de/LC_MESSAGES/sluice.mo"})
    find (end);
  if (need_env ("SLUICE_INTROSPECTION") == "1") {
    find ("/gir-1.0/Sluice-0.1.gir");
    find ("/girepository-1.0/Sluice-0.1.typelib");
  }
}

/* Debian has a package "sluice" with these paths: ours must be installable at the same time. */
TEST_F (Installed, NothingStandsWhereAnotherSluiceIs)
{
  install ();
  for (const char *end : {"/bin/sluice", "/man1/sluice.1*", "/completions/sluice", "/_sluice"}) {
    Finished found =
        run ({{"find", root (), "!", "-type", "d", "-path", std::string ("*") + end}, {}, "", -1});
    EXPECT_EQ (found.status, 0) << found.output;
    EXPECT_EQ (found.output, "") << end;
  }
}

TEST_F (Installed, ProgramsRun)
{
  install ();
  std::string library = find ("/libsluice.so.0");
  for (const char *end : {"/sluiced", "/bin/sluicectl"}) {
    Finished said = run ({{find (end), "--version"},
                          {{"LD_LIBRARY_PATH", library.substr (0, library.rfind ('/'))}},
                          "",
                          -1});
    EXPECT_EQ (said.status, 0) << said.output;
    EXPECT_NE (said.output.find (need_env ("SLUICE_VERSION")), std::string::npos) << said.output;
  }
}

TEST_F (Installed, ServiceFilesNameTheInstalledDaemon)
{
  install ();
  std::string daemon = find ("/sluiced").substr (root ().size ());
  for (const char *end :
       {"/dbus-1/services/org.sluice.Sluice1.service", "/systemd/user/sluice.service"}) {
    std::string text = read_file (find (end));
    EXPECT_NE (text.find (daemon + " --user"), std::string::npos) << end << ":\n" << text;
  }
}

TEST_F (Installed, ProgramIsCompiledAgainstTheLibrary)
{
  install ();
  std::string library = find ("/libsluice.so.0");
  std::string where = library.substr (0, library.rfind ('/'));
  std::string flags, libs = ask_pkg_config ("--libs");
  std::istringstream words (ask_pkg_config ("--cflags"));
  std::string include = find ("/include/sluice/sluice.h");
  include = include.substr (0, include.rfind ("/sluice/"));
  for (std::string word; words >> word;)
    flags += word + " ";
  write_file (dir / "program.c", "#include <sluice/sluice.h>\n"
                                 "#include <stdio.h>\n"
                                 "int main (void)\n"
                                 "{\n"
                                 "  printf (\"%s\\n\", g_quark_to_string (SLUICE_ERROR));\n"
                                 "  return g_type_name (SLUICE_TYPE_DOWNLOAD) == NULL;\n"
                                 "}\n");
  Finished made = run ({{"sh", "-c",
                         "cc -Wall -Werror -o '" + (dir / "program") + "' '" + (dir / "program.c") +
                             "' -I'" + include + "' " + flags + "-L'" + where + "' " + libs},
                        {},
                        "",
                        -1});
  ASSERT_EQ (made.status, 0) << made.output;
  Finished ran = run ({{dir / "program"}, {{"LD_LIBRARY_PATH", where}}, "", -1});
  EXPECT_EQ (ran.status, 0) << ran.output;
  EXPECT_NE (ran.output.find ("sluice"), std::string::npos) << ran.output;
}

/* The installed service file, with the root before the daemon's path, on a bus that reads it. */
TEST_F (Installed, TheBusStartsTheDaemon)
{
  install ();
  std::string text = read_file (find ("/dbus-1/services/org.sluice.Sluice1.service"));
  std::string path = find ("/sluiced");
  std::size_t at = text.find ("Exec=");
  ASSERT_NE (at, std::string::npos) << text;
  text.insert (at + 5, root ());
  at = text.find ("SystemdService=");
  if (at != std::string::npos)
    text.erase (at, text.find ('\n', at) - at);
  make_directory (dir / "services");
  write_file (dir / "services/org.sluice.Sluice1.service", text);
  for (const auto &[name, value] : daemon_command ().env)
    g_setenv (name.c_str (), value.c_str (), TRUE);
  make_directory (dir / "activating");
  Bus activating (dir / "activating", dir / "services");
  Connection client (activating.address ());
  Reply reply = client.get (kManagerPath, "Version");
  ASSERT_TRUE (reply) << reply.error << ": " << reply.message;
  EXPECT_EQ (reply.value.str (), need_env ("SLUICE_VERSION"));
  reply = client.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus.GetConnectionUnixProcessID",
                          g_variant_new ("(s)", kName));
  ASSERT_TRUE (reply);
  kill ((pid_t)reply.value[0].number (), SIGTERM);
  EXPECT_TRUE (wait_polling ([&] {
    return client
               .call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                         "org.freedesktop.DBus.NameHasOwner", g_variant_new ("(s)", kName))
               .value[0]
               .number () == 0;
  }));
}

/* A build for unusual directories. */
class OddDirectories : public SluiceTest
{
protected:
  std::string
  odd (const std::string &path = "") const
  {
    return dir / ("odd" + path);
  }

  /* Without ccache, which needs a home that builders of packages don't have. */
  void
  build_and_install () const
  {
    std::string build = dir / "build";
    Finished done = run (
        {{"sh", "-e", "-c",
          "meson setup " + build + " " + need_env ("SLUICE_SOURCE_DIR") + " --prefix=" + odd () +
              " --sysconfdir=settings -Dvendordir=share/vendor -Dsystemduserunitdir=" +
              odd ("/units") +
              " --buildtype=plain -Dtests=false -Dintrospection=disabled -Dreference=disabled\n"
              "ninja -C " +
              build + " -j 2\nmeson install -C " + build + " --no-rebuild --quiet"},
         {{"CCACHE_DISABLE", "1"}},
         "",
         -1},
        220);
    ASSERT_EQ (done.status, 0) << done.output;
  }

  /* The file in which the daemon found the key. */
  std::string
  get_file (const std::string &key)
  {
    Value settings = manager ().call (kManagerPath, "GetEffectiveConfig").value[0];

    for (gsize i = 0; i < g_variant_n_children (settings.get ()); i++) {
      Value one = settings[i];
      if (one[1].str () == key)
        return one[3].str ();
    }
    return "no key " + key;
  }
};

TEST_F (OddDirectories, AreThoseThatAreUsed)
{
  ASSERT_NO_FATAL_FAILURE (build_and_install ());
  EXPECT_TRUE (exists (odd ("/libexec/sluiced")));
  EXPECT_TRUE (exists (odd ("/share/dbus-1/services/org.sluice.Sluice1.service")));
  std::string unit = read_file (odd ("/units/sluice.service"));
  EXPECT_NE (unit.find ("ExecStart=" + odd ("/libexec/sluiced")), std::string::npos) << unit;
  std::string admin = odd ("/settings/sluice/sluice.conf");
  std::string vendor = odd ("/share/vendor/sluice.conf.d/some.conf");
  make_directory (odd ("/settings/sluice"));
  make_directory (odd ("/share/vendor/sluice.conf.d"));
  write_file (admin, "[Transfers]\nMaxActive=3\n");
  write_file (vendor, "[Transfers]\nMaxConnections=9\n");
  environment["SLUICE_ADMIN_CONFIGURATION"] = environment["SLUICE_VENDOR_CONFIGURATION"] = "";
  g_setenv ("SLUICED", odd ("/libexec/sluiced").c_str (), TRUE);
  start_daemon ();
  EXPECT_EQ (get_file ("MaxActive"), admin);
  EXPECT_EQ (get_file ("MaxConnections"), vendor);
}

/* The README. */

static std::string
read_steps ()
{
  std::istringstream readme (read_file (need_env ("SLUICE_SOURCE_DIR") + "/README.md"));
  std::string steps;
  bool marked = false, fenced = false;

  for (std::string line; std::getline (readme, line);) {
    if (line == "<!-- gdbus-steps -->")
      marked = true;
    else if (line == "<!-- /gdbus-steps -->")
      marked = false;
    else if (marked && line == "```sh")
      fenced = true;
    else if (line == "```")
      fenced = false;
    else if (marked && fenced)
      steps += line + "\n";
  }
  return steps;
}

class Readme : public SluiceTest
{
};

TEST_F (Readme, GdbusSteps)
{
  std::string content = random_bytes (2 * 1024 * 1024), steps = read_steps ();
  /* slow enough for the monitor to start before the end, as with a large file in the real world */
  Nginx nginx (dir / "nginx", "limit_rate 1m;");

  for (const char *needed : {"CreateDownload", "Start", "gdbus monitor", "Finalize"})
    ASSERT_NE (steps.find (needed), std::string::npos) << steps;
  allow (content);
  write_file (nginx.file ("file.bin"), content);
  start_daemon ();
  Finished done = run ({{"sh", "-e", "-c", steps},
                        {{"DBUS_SESSION_BUS_ADDRESS", bus->address ()},
                         {"URL", nginx.url ("/file.bin")},
                         {"TARGET", dir / "downloads"}},
                        "",
                        -1});
  EXPECT_EQ (done.status, 0) << done.output;
  EXPECT_NE (done.output.find ("StatusChanged"), std::string::npos)
      << "the monitor showed nothing: " << done.output;
  EXPECT_TRUE (same_bytes (read_file (target ("download.bin")), content));
}

/* The real network: a package of the distribution, from apt's mirror. */
class RealNetwork : public SluiceTest
{
};

TEST_F (RealNetwork, DebianPackage)
{
  Finished said =
      run ({{"sh", "-c", "cd '" + dir.path () + "' && apt-get download --print-uris hello"},
            {},
            "",
            -1});
  std::string uri, name, size, digest;
  std::istringstream lines (said.output);
  for (std::string line; std::getline (lines, line);) {
    if (line[0] == '\'')
      std::istringstream (line) >> uri >> name >> size >> digest;
  }
  ASSERT_FALSE (digest.empty ()) << "apt says: " << said.output;
  uri = uri.substr (1, uri.size () - 2);
  for (char &c : digest)
    c = (char)g_ascii_tolower (c);
  check_targets = false; /* the digest identifies the content */
  Download download = create_file (uri, name, Properties ().add ("Digest", digest));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 60));
  Reply reply = download.finalize ();
  ASSERT_TRUE (reply) << reply.error << ": " << reply.message;
  EXPECT_EQ (std::to_string (read_file (target (name)).size ()), size);
  Finished read = run ({{"dpkg-deb", "-I", target (name)}, {}, "", -1});
  EXPECT_EQ (read.status, 0) << read.output;
  EXPECT_NE (read.output.find ("Package: hello"), std::string::npos) << read.output;
}
