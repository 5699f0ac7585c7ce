/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fixture of the tests of hints: a source on a private bus with mocks of its services. */
#pragma once

#include "support/loop.h"
#include "support/mock.h"

#include "hints/source.h"

#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace st;

/* A source on a bus of mocks. */
class Hints : public testing::Test
{
protected:
  ~Hints () override
  {
    free_source ();
    settle ();
    while (g_main_context_iteration (nullptr, FALSE))
      ;
    if (last != nullptr)
      sl_conditions_free (last);
  }

  /* What fold () writes now. */
  SlConditions *
  make ()
  {
    SlConditions *conditions = sl_conditions_new ();
    for (const char *interface : links)
      g_ptr_array_add (conditions->links, sl_link_new (7, interface));
    if (fold)
      fold (conditions);
    return conditions;
  }
  /* Sets the source under test; both functions take it. */
  template <typename T>
  T *
  watch (T *source, void (*fold_source) (T *, SlConditions *), void (*free_it) (T *))
  {
    fold = [=] (SlConditions *conditions) { fold_source (source, conditions); };
    drop = [=] { free_it (source); };
    last = make ();
    return source;
  }
  void
  free_source ()
  {
    if (drop)
      drop ();
    drop = nullptr;
    fold = nullptr;
  }
  static void
  on_changed (gpointer data)
  {
    auto *self = static_cast<Hints *> (data);
    SlConditions *now = self->make ();

    EXPECT_FALSE (sl_conditions_equal (now, self->last)) << "nothing has changed";
    sl_conditions_free (self->last);
    self->last = now;
    self->changes++;
  }
  /*
   * Waits until everything sent to the source, and the replies to its calls, have arrived: all goes over one
   * connection in order.
   */
  void
  settle ()
  {
    for (int i = 0; i < 3; i++) {
      for (const std::string &name : running)
        client.call_on (name, "/", "org.freedesktop.DBus.Peer.Ping");
      client.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                      "org.freedesktop.DBus.GetId");
    }
  }
  /* Waits until @told is true, after at most @most changes since the last check. */
  bool
  becomes (const std::function<bool ()> &told, int most = 1)
  {
    bool met = wait_until (told);

    settle ();
    EXPECT_TRUE (told ());
    EXPECT_GT (changes, seen);
    EXPECT_LE (changes, seen + most);
    seen = changes;
    return met;
  }
  /* Expects that @action changes nothing. */
  void
  nothing_changes (const std::function<void ()> &action)
  {
    action ();
    settle ();
    EXPECT_EQ (changes, seen);
  }
  void
  start (Mock &mock, const std::string &name)
  {
    mock.start ();
    running.push_back (name);
  }
  void
  stop (Mock &mock)
  {
    running.clear ();
    mock.stop ();
  }
  /* The service that reports; empty: none. */
  std::string
  source (SlHint hint) const
  {
    return last->sources[hint] != nullptr ? last->sources[hint] : "";
  }
  std::function<bool ()>
  tells (SlHint hint, const std::string &who)
  {
    return [=] { return source (hint) == who; };
  }

  MockBus bus;
  Connection client{bus.address ()};
  std::vector<std::string> running; /* names that answer a ping */
  std::vector<const char *> links;
  std::function<void (SlConditions *)> fold;
  std::function<void ()> drop;
  SlConditions *last = nullptr;
  int changes = 0;
  int seen = 0; /* changes that were seen */
};
