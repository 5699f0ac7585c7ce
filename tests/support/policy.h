/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of holding and releasing share: the daemon with a system bus of mocks and with configuration files,
 * and downloads that are slow enough to be held on their way.
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

  /* A session bus on which mocks can be; before the daemon starts. Later, the same one. */
  MockBus &session ();
  /* A connection of NetworkManager's, by a modem (1) or a cable (2): devices that are there, in a network of the case's own.
   */
  void play_network (Mock &manager);
  /* Which of them leads to the world. */
  void set_primary (Mock &manager, int connection);

  /* Writes the user's further file, and has it read if the daemon runs. */
  void configure (const std::string &text);
  /* The same for the administrator's. */
  void configure_admin (const std::string &text);
  std::string admin_file () const;
  std::string user_file () const;
  /* Hours of UTC, one long, that begin in @hours. */
  static std::string window_in (int hours);
  /* The configuration with which the background is held with outside-window. */
  static std::string closed ();

  /* Has the server send what begin () asks for; so many bytes a second until Server::release (). */
  void serve (const std::string &name, std::size_t rate);
  /* Creates it and starts it. */
  Download ask (const std::string &name, const Properties &properties = {});
  /* And waits for the first byte. */
  Download begin (const std::string &name, const Properties &properties = {});
  /* That it is queued within a second, for @reasons, that this is told, and that nothing is fetched from then on. */
  void expect_held (const Download &download, const Reasons &reasons);
  /* That it moves again within @seconds, and that this is told. */
  void expect_released (const Download &download, double seconds = 3);
  /* That it moves, and has never been stopped. */
  void expect_moving (const Download &download);
  /* How often it was queued after it had moved. */
  static int count_stops (const Download &download);
  /* Everything that is served comes fast: it's complete, right, and was fetched once. */
  void finish (const std::vector<Download> &downloads);
  static Reasons reasons_of (const Download &download);
  /* The last value that PropertiesChanged told; nothing if none. */
  static Value told (const Download &download, const std::string &property);
  void write (const Download &download, const std::string &property, GVariant *value);
  /* Unix µs */
  static gint64 now ();

  MockBus system;
  std::unique_ptr<Server> server;
  std::string body; /* of everything that is served */
  std::size_t rate = 200000;

private:
  std::unique_ptr<MockBus> session_;
};

} // namespace st
