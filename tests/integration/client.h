/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsluice in the test's own process. */
#pragma once

#include "support/fixture.h"

#include <sluice/sluice.h>

namespace st
{

/* An error that frees itself. */
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
  GError **
  set ()
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
  message () const
  {
    return error != nullptr ? error->message : "(none)";
  }
  GError *error = nullptr;
};

/* Where an asynchronous call leaves its result. */
class Result
{
public:
  Result () = default;
  Result (const Result &) = delete;
  Result &operator= (const Result &) = delete;
  ~Result ()
  {
    g_clear_object (&result_);
  }
  static void store (GObject *source, GAsyncResult *result, gpointer self);
  bool
  is_there () const
  {
    return result_ != nullptr;
  }
  /* Runs the main loop until the result arrives. */
  GAsyncResult *wait (double seconds = 20);

private:
  GAsyncResult *result_ = nullptr;
};

class ClientTest : public SluiceTest
{
protected:
  void SetUp () override;
  void TearDown () override;

  SluiceManager *connect ();
  /* (transfer full) */
  SluiceDownload *
  create_in (SluiceManager *client, const std::string &uri, const Properties &properties);
  bool wait_state (SluiceDownload *download, SluiceState state, double seconds = 20);
  /* Serves random bytes, @rate a second. */
  std::string serve (const std::string &place, std::size_t size, std::size_t rate = 0);

  Server server;

private:
  GDBusConnection *shared_ = nullptr; /* (owned) */
};

} // namespace st
