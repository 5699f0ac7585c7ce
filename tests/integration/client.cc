/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Uses libsluice from a test. */
#include "client.h"

namespace st
{

void
Result::store (GObject *, GAsyncResult *result, gpointer self)
{
  static_cast<Result *> (self)->result_ = G_ASYNC_RESULT (g_object_ref (result));
  wake ();
}

GAsyncResult *
Result::wait (double seconds)
{
  if (!wait_until ([this] { return result_ != nullptr; }, seconds)) {
    ADD_FAILURE () << "no result in time";
    abort ();
  }
  return result_;
}

void
ClientTest::SetUp ()
{
  SluiceTest::SetUp ();
  /* each case is a process of its own, so the whole process uses the test's bus */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", bus->address ().c_str (), TRUE);
  shared_ = g_bus_get_sync (G_BUS_TYPE_SESSION, nullptr, nullptr);
  ASSERT_NE (shared_, nullptr);
  g_dbus_connection_set_exit_on_close (shared_, FALSE);
}

void
ClientTest::TearDown ()
{
  SluiceTest::TearDown ();
  g_clear_object (&shared_);
}

SluiceManager *
ClientTest::connect ()
{
  Result result;
  Error error;

  sluice_manager_new_async (G_BUS_TYPE_SESSION, nullptr, Result::store, &result);
  SluiceManager *client = sluice_manager_new_finish (result.wait (), error.set ());
  EXPECT_NE (client, nullptr) << error.message ();
  return client;
}

SluiceDownload *
ClientTest::create_in (SluiceManager *client, const std::string &uri, const Properties &properties)
{
  Result result;
  Error error;

  sluice_manager_create_download_async (client, uri.c_str (), properties.build (), nullptr,
                                        Result::store, &result);
  SluiceDownload *download =
      sluice_manager_create_download_finish (client, result.wait (), error.set ());
  EXPECT_NE (download, nullptr) << error.message ();
  return download;
}

bool
ClientTest::wait_state (SluiceDownload *download, SluiceState state, double seconds)
{
  bool reached =
      wait_until ([=] { return sluice_download_get_state (download) == state; }, seconds);

  EXPECT_TRUE (reached) << "state is "
                        << sluice_state_to_string (sluice_download_get_state (download));
  return reached;
}

std::string
ClientTest::serve (const std::string &place, std::size_t size, std::size_t rate)
{
  Resource file;

  file.body = random_bytes (size, size + rate);
  server.serve (place, file, {SIZE_MAX, SIZE_MAX, rate});
  allow (file.body);
  return file.body;
}

} // namespace st
