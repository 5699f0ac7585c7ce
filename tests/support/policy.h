/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fixture of the tests about holding and releasing: the daemon with a system bus of mocks and with configuration
 * files, and downloads that are slow enough to be held during the transfer.
 */
#pragma once

#include "support/fixture.h"
#include "support/mock.h"

#include <string>
#include <vector>

namespace st
{

using Reasons = std::vector<std::string>;

class PolicyTest : public SluiceTest
{
protected:
  void SetUp () override;
  void TearDown () override;

  /* A session bus for mocks; the first call must come before the daemon starts. */
  MockBus &session ();
  /*
   * Mocks two connections of NetworkManager, over a modem (1) and a cable (2). The devices exist in a network of the
   * case.
   */
  void play_network (Mock &manager);
  /* Sets the primary connection. */
  void set_primary (Mock &manager, int connection);

  /* Writes an additional configuration file of the user; a running daemon reads it. */
  void configure (const std::string &text);
  /* The same for the administrator. */
  void configure_admin (const std::string &text);
  std::string admin_file () const;
  std::string user_file () const;
  /* A window of one hour (UTC) that begins in @hours. */
  static std::string window_in (int hours);
  /* A configuration that holds the background with outside-window. */
  static std::string closed ();

  /* Makes the server send the files of begin () at @rate bytes a second until Server::release (). */
  void serve (const std::string &name, std::size_t rate);
  /* Creates and starts a download. */
  Download ask (const std::string &name, const Properties &properties = {});
  /* The same, and waits for the first byte. */
  Download begin (const std::string &name, const Properties &properties = {});
  /* Expects it to be queued within a second because of @reasons, with the signal, and to fetch nothing after that. */
  void expect_held (const Download &download, const Reasons &reasons);
  /* Expects it to be transferred again within @seconds, with the signal. */
  void expect_released (const Download &download, double seconds = 3);
  /* Expects it to be transferred without having been stopped. */
  void expect_moving (const Download &download);
  /* How often it was queued after a transfer. */
  static int count_stops (const Download &download);
  /* Lets all downloads finish fast, and checks that they are complete and correct, and were fetched once. */
  void finish (const std::vector<Download> &downloads);
  static Reasons reasons_of (const Download &download);
  /* The last value in PropertiesChanged; NULL if there was none. */
  static Value told (const Download &download, const std::string &property);
  void write (const Download &download, const std::string &property, GVariant *value);
  /* Unix µs */
  static gint64 now ();

  MockBus system;
  std::unique_ptr<Server> server;
  std::string body; /* content of all files */
  std::size_t rate = 200000;

private:
  std::unique_ptr<MockBus> session_;
};

} // namespace st
