/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsluice: managers, downloads, their properties and calls, and the effect of the service's restart. */
#include "client.h"

#include "support/laptop.h"

#include <csignal>

using namespace st;

static constexpr std::size_t kMega = 1000000;

class ClientLibrary : public ClientTest
{
protected:
  void
  SetUp () override
  {
    ClientTest::SetUp ();
    if (HasFatalFailure ())
      return;
    start_daemon ();
    client = connect ();
    ASSERT_NE (client, nullptr);
    ASSERT_TRUE (wait_until ([this] { return sluice_manager_get_connected (client) != FALSE; }));
  }
  void
  TearDown () override
  {
    g_clear_object (&client);
    ClientTest::TearDown ();
  }

  /* (transfer full) */
  SluiceDownload *
  create_named (const std::string &uri, const std::string &name, Properties properties = {})
  {
    return create_in (client, uri, properties.add ("LocalPath", target (name)));
  }

  /* A call without arguments. */
  using Begin = void (*) (SluiceDownload *, GCancellable *, GAsyncReadyCallback, gpointer);
  using Finish = gboolean (*) (SluiceDownload *, GAsyncResult *, GError **);
  static bool
  call (SluiceDownload *download, Begin begin, Finish finish, GError **error)
  {
    Result result;
    begin (download, nullptr, Result::store, &result);
    return finish (download, result.wait (), error);
  }
  static bool
  pause (SluiceDownload *download, GError **error)
  {
    return call (download, sluice_download_pause_async, sluice_download_pause_finish, error);
  }
  static bool
  refresh (SluiceDownload *download, GError **error)
  {
    return call (download, sluice_download_refresh_async, sluice_download_refresh_finish, error);
  }
  static bool
  start (SluiceDownload *download, GVariant *ranges, GError **error)
  {
    Result result;
    sluice_download_start_async (download, ranges, nullptr, Result::store, &result);
    return sluice_download_start_finish (download, result.wait (), error);
  }
  static bool
  set (SluiceDownload *download, const char *name, GVariant *value, GError **error)
  {
    Result result;
    sluice_download_set_async (download, name, value, nullptr, Result::store, &result);
    return sluice_download_set_finish (download, result.wait (), error);
  }
  GPtrArray *
  find (const std::string &prefix)
  {
    Result result;
    Error error;
    sluice_manager_find_downloads_async (client, prefix.c_str (), nullptr, Result::store, &result);
    GPtrArray *found = sluice_manager_find_downloads_finish (client, result.wait (), error.set ());
    EXPECT_NE (found, nullptr) << error.message ();
    return found;
  }

  SluiceManager *client = nullptr;
};

static void
count_call (gpointer, GParamSpec *, gpointer counter)
{
  ++*static_cast<int *> (counter);
}

TEST_F (ClientLibrary, ManagerKnowsItsService)
{
  EXPECT_TRUE (wait_until ([this] { return sluice_manager_get_version (client) != nullptr; }));
  EXPECT_EQ (sluice_manager_get_version (client), need_env ("SLUICE_VERSION"));
}

TEST_F (ClientLibrary, PropertiesAreTyped)
{
  g_autoptr (SluiceDownload) download =
      create_named (server.url ("/a"), "a",
                    Properties ()
                        .add ("Priority", "low")
                        .add ("Overwrite", true)
                        .add_t ("MaxSize", 5000000000)
                        .add_u ("ProgressInterval", 7)
                        .add_strv ("SecurityFlags", {"ignore-date"}));
  g_autofree char *uri = nullptr;
  g_auto (GStrv) flags = nullptr;
  g_autoptr (GVariant) headers = nullptr;
  SluiceState state;
  SluicePriority priority;
  gboolean overwrite;
  guint64 size, total;
  guint interval;
  gint64 created;

  g_object_get (download, "uri", &uri, "state", &state, "priority", &priority, "overwrite",
                &overwrite, "max-size", &size, "bytes-total", &total, "progress-interval",
                &interval, "security-flags", &flags, "http-headers", &headers, "creation-time",
                &created, nullptr);
  EXPECT_EQ (uri, server.url ("/a"));
  EXPECT_EQ (state, SLUICE_STATE_CREATED);
  EXPECT_EQ (priority, SLUICE_PRIORITY_LOW);
  EXPECT_TRUE (overwrite);
  EXPECT_EQ (size, 5000000000u);
  EXPECT_EQ (total, G_MAXUINT64);
  EXPECT_EQ (interval, 7u);
  EXPECT_STREQ (flags[0], "ignore-date");
  EXPECT_TRUE (g_variant_is_of_type (headers, G_VARIANT_TYPE ("a{ss}")));
  EXPECT_GT (created, 0);
}

/* The object has each property of the interface, and no others. */
TEST_F (ClientLibrary, EveryPropertyIsThere)
{
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  g_autoptr (GVariant) values = sluice_download_dup_values (download);
  g_autofree GParamSpec **specs = nullptr;
  guint n = 0;
  Reply all = connection->call_on (kName, sluice_download_get_object_path (download),
                                   "org.freedesktop.DBus.Properties.GetAll",
                                   g_variant_new ("(s)", kDownload));

  ASSERT_TRUE (all) << all.message;
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (download), &n);
  EXPECT_EQ (g_variant_n_children (values), n);
  EXPECT_EQ (g_variant_n_children (all.value[0].get ()), n);
}

TEST_F (ClientLibrary, ChangesNotify)
{
  std::string body = serve ("/a", 2 * kMega, kMega);
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  int states = 0, bytes = 0, names = 0;
  Error error;

  g_signal_connect (download, "notify::state", G_CALLBACK (count_call), &states);
  g_signal_connect (download, "notify::bytes-transferred", G_CALLBACK (count_call), &bytes);
  g_signal_connect (download, "notify::display-name", G_CALLBACK (count_call), &names);
  EXPECT_TRUE (set (download, "DisplayName", g_variant_new_string ("x"), error.set ()));
  EXPECT_TRUE (wait_until ([&] { return names == 1; }));
  EXPECT_TRUE (start (download, nullptr, error.set ())) << error.message ();
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRED));
  EXPECT_GE (states, 2); /* transferring, transferred */
  EXPECT_GE (bytes, 1);
  EXPECT_EQ (sluice_download_get_bytes_transferred (download), body.size ());
  EXPECT_EQ (sluice_download_get_bytes_total (download), body.size ());
}

TEST_F (ClientLibrary, AllCalls)
{
  std::string body = serve ("/a", 4 * kMega, kMega);
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  Result result;
  Error error;
  SluiceState state;
  guint64 transferred, total;

  EXPECT_FALSE (pause (download, error.set ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) << error.message ();
  EXPECT_NE (error.message ().find ("created"), std::string::npos);
  EXPECT_EQ (error.message ().find ("GDBus"), std::string::npos);
  ASSERT_TRUE (start (download, nullptr, error.set ())) << error.message ();
  EXPECT_TRUE (wait_until ([&] { return sluice_download_get_bytes_transferred (download) > 0; }));
  ASSERT_TRUE (pause (download, error.set ())) << error.message ();
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_PAUSED));
  sluice_download_get_status_async (download, nullptr, Result::store, &result);
  ASSERT_TRUE (sluice_download_get_status_finish (download, result.wait (), &state, &transferred,
                                                  &total, error.set ()));
  EXPECT_EQ (state, SLUICE_STATE_PAUSED);
  EXPECT_GT (transferred, 0u);
  EXPECT_EQ (total, body.size ());
  ASSERT_TRUE (start (download, nullptr, error.set ())) << error.message ();
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRED));
  ASSERT_TRUE (call (download, sluice_download_finalize_async, sluice_download_finalize_finish,
                     error.set ()));
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_FINALIZED));
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
  EXPECT_FALSE (
      call (download, sluice_download_abort_async, sluice_download_abort_finish, error.set ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) << error.message ();
}

TEST_F (ClientLibrary, Ranges)
{
  serve ("/a", kMega);
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  int ranges = 0;
  Error error;

  g_signal_connect (download, "range-transferred",
                    G_CALLBACK (+[] (SluiceDownload *, guint64 offset, guint64 length, int *count) {
                      EXPECT_TRUE ((offset == 100 && length == 50) ||
                                   (offset == 5000 && length == 1));
                      ++*count;
                    }),
                    &ranges);
  ASSERT_TRUE (
      start (download, g_variant_new_parsed ("[(@t 100, @t 50), (5000, 1)]"), error.set ()))
      << error.message ();
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRED));
  EXPECT_TRUE (wait_until ([&] { return ranges == 2; }));
  EXPECT_EQ (sluice_download_get_bytes_total (download), 51u);
}

TEST_F (ClientLibrary, FailuresAreErrors)
{
  g_autoptr (SluiceDownload) download = create_named (server.url ("/none"), "a");
  g_autoptr (GError) failure = nullptr;
  Error error;

  ASSERT_TRUE (start (download, nullptr, error.set ()));
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_FAILED));
  EXPECT_TRUE (refresh (download, error.set ()));
  failure = sluice_download_dup_error (download);
  ASSERT_NE (failure, nullptr);
  EXPECT_TRUE (g_error_matches (failure, SLUICE_ERROR, SLUICE_ERROR_HTTP_STATUS));
  EXPECT_NE (std::string (failure->message).find ("404"), std::string::npos);
}

TEST_F (ClientLibrary, RefusalsAreErrors)
{
  Result result, other;
  Error error;

  sluice_manager_create_download_async (client, "ftp://x/", nullptr, nullptr, Result::store,
                                        &result);
  EXPECT_EQ (sluice_manager_create_download_finish (client, result.wait (), error.set ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_URI)) << error.message ();
  sluice_manager_get_download_async (client, "00000000-0000-0000-0000-000000000000", nullptr,
                                     Result::store, &other);
  EXPECT_EQ (sluice_manager_get_download_finish (client, other.wait (), error.set ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND)) << error.message ();
}

TEST_F (ClientLibrary, ManyAreMadeListedAndFound)
{
  GVariantBuilder builder;
  Result made, listed;
  Error error;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  for (int i = 0; i < 300; i++)
    g_variant_builder_add (
        &builder, "(s@a{sv})", server.url ("/a").c_str (),
        Properties ().add ("LocalPath", target ("f" + std::to_string (i))).build ());
  sluice_manager_create_downloads_async (client, g_variant_builder_end (&builder), nullptr,
                                         Result::store, &made);
  g_autoptr (GPtrArray) all =
      sluice_manager_create_downloads_finish (client, made.wait (), error.set ());
  ASSERT_NE (all, nullptr) << error.message ();
  ASSERT_EQ (all->len, 300u);
  for (guint i = 0; i < all->len; i++)
    EXPECT_EQ (sluice_download_get_local_path (SLUICE_DOWNLOAD (all->pdata[i])),
               target ("f" + std::to_string (i)));
  sluice_manager_list_downloads_async (client,
                                       g_variant_new_parsed ("{'LocalPath': <%s>}",
                                                             target ("f123").c_str ()),
                                       nullptr, Result::store, &listed);
  g_autoptr (GPtrArray) some =
      sluice_manager_list_downloads_finish (client, listed.wait (), error.set ());
  ASSERT_NE (some, nullptr) << error.message ();
  ASSERT_EQ (some->len, 1u);
  /* the same download is the same object, however it was found */
  EXPECT_EQ (some->pdata[0], all->pdata[123]);
  std::string id = sluice_download_get_id (SLUICE_DOWNLOAD (some->pdata[0]));
  g_autoptr (GPtrArray) found = find (id.substr (0, 23));
  ASSERT_EQ (found->len, 1u);
  EXPECT_EQ (found->pdata[0], all->pdata[123]);
  g_autoptr (GPtrArray) none = find ("x");
  EXPECT_EQ (none->len, 0u);
}

TEST_F (ClientLibrary, NewDownloadsOfOthersAreTold)
{
  std::string added;
  Result subscribed;
  Error error;

  g_signal_connect (client, "download-added",
                    G_CALLBACK (+[] (SluiceManager *, const char *path, std::string *seen) {
                      *seen = path;
                    }),
                    &added);
  sluice_manager_subscribe_async (client, nullptr, Result::store, &subscribed);
  ASSERT_TRUE (sluice_manager_subscribe_finish (client, subscribed.wait (), error.set ()));
  Download other = create_file (server.url ("/b"), "b");
  EXPECT_TRUE (wait_until ([&] { return added == other.path; }));
}

TEST_F (ClientLibrary, NumbersAreRead)
{
  serve ("/a", 4 * kMega, kMega);
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  Result result;
  Error error;
  guint active = 0;

  ASSERT_TRUE (start (download, nullptr, error.set ()));
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRING));
  sluice_manager_refresh_async (client, nullptr, Result::store, &result);
  ASSERT_TRUE (sluice_manager_refresh_finish (client, result.wait (), error.set ()));
  g_object_get (client, "active-transfers", &active, nullptr);
  EXPECT_EQ (active, 1u);
}

TEST_F (ClientLibrary, ObjectsOutliveRestarts)
{
  serve ("/a", 6 * kMega, kMega);
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  int connections = 0;
  Error error;

  g_signal_connect (client, "notify::connected", G_CALLBACK (count_call), &connections);
  ASSERT_TRUE (start (download, nullptr, error.set ()));
  EXPECT_TRUE (wait_until ([&] { return sluice_download_get_bytes_transferred (download) > 0; }));
  kill_daemon ();
  EXPECT_TRUE (wait_until ([this] { return !sluice_manager_get_connected (client); }));
  EXPECT_FALSE (pause (download, error.set ()));
  EXPECT_TRUE (error.is (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) << error.message ();
  start_daemon ();
  EXPECT_TRUE (wait_until ([this] { return sluice_manager_get_connected (client) != FALSE; }));
  /* it continues by itself, and notifies */
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRED));
  EXPECT_EQ (connections, 2);
}

TEST_F (ClientLibrary, WhatARestartForgetsIsGone)
{
  g_autoptr (SluiceDownload) download =
      create_named (server.url ("/a"), "a", Properties ().add ("Persistent", false));
  g_autoptr (GError) failure = nullptr;
  Error error;

  restart_daemon (SIGTERM);
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_ABORTED));
  failure = sluice_download_dup_error (download);
  EXPECT_TRUE (g_error_matches (failure, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND));
  EXPECT_FALSE (refresh (download, error.set ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND)) << error.message ();
}

TEST_F (ClientLibrary, CallsCanBeCancelled)
{
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Result result;
  Error error;

  daemon.send (SIGSTOP);
  sluice_download_pause_async (download, cancellable, Result::store, &result);
  run_for (0.1);
  EXPECT_FALSE (result.is_there ());
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (sluice_download_pause_finish (download, result.wait (), error.set ()));
  EXPECT_TRUE (error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error.message ();
  daemon.send (SIGCONT);
}

TEST_F (ClientLibrary, NothingIsHeldForEver)
{
  SluiceDownload *download = create_named (server.url ("/a"), "a");
  gpointer manager_weak = client, download_weak = download;
  Error error;

  EXPECT_TRUE (refresh (download, error.set ()));
  g_object_add_weak_pointer (G_OBJECT (client), &manager_weak);
  g_object_add_weak_pointer (G_OBJECT (download), &download_weak);
  g_clear_object (&client);
  EXPECT_NE (manager_weak, nullptr); /* its download holds a reference */
  EXPECT_TRUE (refresh (download, error.set ())) << error.message ();
  g_object_unref (download);
  /* calls that nobody finishes may keep a reference until they are answered */
  EXPECT_TRUE (wait_polling ([&] { return download_weak == nullptr && manager_weak == nullptr; }));
}

TEST_F (ClientLibrary, WordsOfTheEnumerations)
{
  EXPECT_STREQ (sluice_state_to_string (SLUICE_STATE_TRANSFERRING), "transferring");
  EXPECT_STREQ (sluice_priority_to_string (SLUICE_PRIORITY_FOREGROUND), "foreground");
  g_autoptr (GEnumClass) states = G_ENUM_CLASS (g_type_class_ref (SLUICE_TYPE_STATE));
  for (guint i = 0; i < states->n_values; i++)
    EXPECT_STREQ (sluice_state_to_string ((SluiceState)states->values[i].value),
                  states->values[i].value_nick);
}

/* The conditions for all downloads, with a mock of a laptop's battery. */
class ClientPolicy : public ClientLibrary
{
protected:
  void
  SetUp () override
  {
    environment["DBUS_SYSTEM_BUS_ADDRESS"] = laptop.address ();
    environment["SLUICE_ADMIN_CONFIGURATION"] = dir / "admin";
    environment["SLUICE_VENDOR_CONFIGURATION"] = dir / "vendor";
    make_directory (dir / "admin");
    laptop.start_power (false);
    ClientLibrary::SetUp ();
  }
  bool
  is_on_battery ()
  {
    g_autoptr (GVariant) conditions = sluice_manager_dup_conditions (client);
    gboolean on_battery = FALSE;

    return conditions != nullptr &&
           g_variant_lookup (conditions, "OnBattery", "b", &on_battery) != FALSE && on_battery;
  }
  std::string
  source (const char *name)
  {
    g_autoptr (GVariant) conditions = sluice_manager_dup_conditions (client);
    Value sources (conditions != nullptr
                       ? g_variant_lookup_value (conditions, "Sources", G_VARIANT_TYPE ("a{ss}"))
                       : nullptr);
    const char *found = "";

    if (sources)
      g_variant_lookup (sources.get (), name, "&s", &found);
    return found;
  }
  bool
  suspend (bool suspended, GError **error)
  {
    Result result;

    sluice_manager_set_suspended_async (client, suspended, nullptr, Result::store, &result);
    return sluice_manager_set_suspended_finish (client, result.wait (), error);
  }
  bool
  reload (GError **error)
  {
    Result result;

    sluice_manager_reload_config_async (client, nullptr, Result::store, &result);
    return sluice_manager_reload_config_finish (client, result.wait (), error);
  }
  /* "VALUE from FILE" of a setting */
  std::string
  setting (const std::string &group, const std::string &key)
  {
    Result result;
    Error error;

    sluice_manager_get_effective_config_async (client, nullptr, Result::store, &result);
    Value settings (
        sluice_manager_get_effective_config_finish (client, result.wait (), error.set ()));
    EXPECT_TRUE (settings) << error.message ();
    for (gsize i = 0; settings && i < g_variant_n_children (settings.get ()); i++) {
      Value setting = settings[i];
      if (setting[0].str () == group && setting[1].str () == key)
        return setting[2][0].print () + " from " + setting[3].str ();
    }
    return "(none)";
  }

  Laptop laptop;
};

TEST_F (ClientPolicy, ConditionsAreReadAndFollowed)
{
  int told = 0;

  ASSERT_TRUE (wait_until ([this] { return source ("OnBattery") == "UPower"; }));
  EXPECT_FALSE (is_on_battery ());
  EXPECT_EQ (source ("GameMode"), "unavailable");
  g_signal_connect (client, "notify::conditions", G_CALLBACK (count_call), &told);
  laptop.set_on_battery (true);
  EXPECT_TRUE (wait_until ([this] { return is_on_battery (); }));
  EXPECT_EQ (told, 1);
  /* a client that comes later reads the same */
  g_autoptr (SluiceManager) other = connect ();
  EXPECT_TRUE (wait_until ([&] {
    g_autoptr (GVariant) mine = sluice_manager_dup_conditions (client);
    g_autoptr (GVariant) its = sluice_manager_dup_conditions (other);
    return its != nullptr && g_variant_equal (mine, its) != FALSE;
  }));
}

TEST_F (ClientPolicy, SuspensionIsReadSetAndFollowed)
{
  serve ("/a", 4 * kMega, kMega);
  g_autoptr (SluiceManager) other = connect ();
  g_autoptr (SluiceDownload) download = create_named (server.url ("/a"), "a");
  int told = 0;
  Error error;

  ASSERT_TRUE (wait_until ([this] { return sluice_manager_get_version (client) != nullptr; }));
  EXPECT_FALSE (sluice_manager_get_suspended (client));
  g_signal_connect (client, "notify::suspended", G_CALLBACK (count_call), &told);
  ASSERT_TRUE (start (download, nullptr, error.set ())) << error.message ();
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRING));
  ASSERT_TRUE (suspend (true, error.set ())) << error.message ();
  EXPECT_TRUE (sluice_manager_get_suspended (client)) << "known when the call returns";
  EXPECT_TRUE (wait_until ([&] { return sluice_manager_get_suspended (other) != FALSE; }));
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_QUEUED));
  EXPECT_TRUE (wait_until ([&] {
    g_auto (GStrv) reasons = sluice_download_dup_state_reasons (download);
    return g_strv_contains (reasons, "suspended") != FALSE;
  }));
  ASSERT_TRUE (suspend (true, error.set ())) << error.message ();
  EXPECT_EQ (told, 1) << "the same again is no change";
  ASSERT_TRUE (suspend (false, error.set ())) << error.message ();
  EXPECT_FALSE (sluice_manager_get_suspended (client));
  EXPECT_TRUE (wait_state (download, SLUICE_STATE_TRANSFERRED));
}

TEST_F (ClientPolicy, ConfigurationIsReadAndReloaded)
{
  std::string file = dir / "admin/sluice.conf";
  Error error;

  EXPECT_EQ (setting ("Normal", "OnlyWhenIdle"), "false from default");
  write_file (file, "[Normal]\nOnlyWhenIdle=true\n");
  ASSERT_TRUE (reload (error.set ())) << error.message ();
  EXPECT_EQ (setting ("Normal", "OnlyWhenIdle"), "true from " + file);
  write_file (file, "[Normal]\nOnlyWhenIdle\n");
  EXPECT_FALSE (reload (error.set ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << error.message ();
  EXPECT_NE (error.message ().find (file + ", line 2"), std::string::npos) << error.message ();
  EXPECT_EQ (setting ("Normal", "OnlyWhenIdle"), "true from " + file) << "the old settings stay";
}

TEST_F (ClientPolicy, WithoutTheServiceCallsFail)
{
  Result config;
  Error error;

  ASSERT_TRUE (wait_until ([this] { return source ("OnBattery") == "UPower"; }));
  kill_daemon ();
  ASSERT_TRUE (wait_until ([this] { return !sluice_manager_get_connected (client); }));
  EXPECT_FALSE (suspend (true, error.set ()));
  EXPECT_TRUE (error.is (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) << error.message ();
  EXPECT_FALSE (reload (error.set ()));
  sluice_manager_get_effective_config_async (client, nullptr, Result::store, &config);
  EXPECT_EQ (sluice_manager_get_effective_config_finish (client, config.wait (), error.set ()),
             nullptr);
  EXPECT_TRUE (error.is (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) << error.message ();
  EXPECT_EQ (source ("OnBattery"), "UPower") << "what was known stays";
  start_daemon ();
  EXPECT_TRUE (wait_until ([this] { return sluice_manager_get_connected (client) != FALSE; }));
}
