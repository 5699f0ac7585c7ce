/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service: who calls, as a real bus says. */
#include "unit.h"

#include "base/error.h"
#include "service/callers.h"
#include "support/bus.h"
#include "support/loop.h"

#include <memory>
#include <unistd.h>

using namespace st;

namespace
{

/* The limits of service/callers.c. */
constexpr std::size_t kKnownMax = 128;
constexpr std::size_t kWaitingMax = 10000;

/* The result of a look-up. */
struct Answer {
  bool found = false;
  SlCaller caller = {};
  int code = -1;
  std::string message;
};

class Callers : public testing::Test
{
protected:
  ~Callers () override
  {
    g_clear_pointer (&callers, sl_callers_free);
    settle ();
  }
  void
  begin (bool one_user = false)
  {
    Error error;

    callers = sl_callers_new (server.raw (), one_user, error.out ());
    ASSERT_NE (callers, nullptr) << error.text ();
  }
  /* Looks up a sender. The results go to answers, in the order in which they arrive. */
  void
  find (const char *name)
  {
    sl_callers_find (callers, name, on_found, this);
  }
  void
  find (const Connection &connection)
  {
    find (connection.name ().c_str ());
  }
  static void
  on_found (const SlCaller *caller, const GError *error, gpointer data)
  {
    auto *self = static_cast<Callers *> (data);
    Answer answer;

    EXPECT_NE (caller == nullptr, error == nullptr);
    answer.found = caller != nullptr;
    if (caller != nullptr) {
      answer.caller = *caller;
    } else if (error != nullptr) {
      answer.code = error->domain == SLUICE_ERROR ? error->code : -2;
      answer.message = error->message;
    }
    self->answers.push_back (answer);
  }
  bool
  wait_for (std::size_t n)
  {
    return wait_until ([&] { return answers.size () >= n; });
  }
  /* Waits until everything that was sent to the server has arrived. */
  void
  settle ()
  {
    server.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                    "org.freedesktop.DBus.Peer.Ping");
  }
  /* The name of a sender that has left. The bus has forgotten it, but the main loop has not run. */
  std::string
  make_one_that_left ()
  {
    auto leaving = std::make_unique<Connection> (bus.address ());
    std::string name = leaving->name ();
    gboolean owned = TRUE;

    leaving.reset ();
    while (owned) {
      g_autoptr (GVariant) reply =
          g_dbus_connection_call_sync (server.raw (), "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "NameHasOwner", g_variant_new ("(s)", name.c_str ()),
                                       G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, -1, nullptr,
                                       nullptr);
      g_assert_nonnull (reply);
      g_variant_get (reply, "(b)", &owned);
    }
    return name;
  }

  TempDir dir;
  Bus bus{dir.path ()};
  Connection server{bus.address ()};
  Connection client{bus.address ()};
  SlCallers *callers = nullptr;
  std::vector<Answer> answers;
};

} // namespace

TEST_F (Callers, TheBusTellsWhoCalls)
{
  begin ();
  find (client);
  EXPECT_TRUE (answers.empty ());
  ASSERT_TRUE (wait_for (1));
  EXPECT_TRUE (answers[0].found);
  EXPECT_EQ (answers[0].caller.uid, getuid ());
  EXPECT_EQ (answers[0].caller.pid, (guint32)getpid ());
  EXPECT_TRUE (answers[0].caller.is_service_user);
}

TEST_F (Callers, AKnownOneIsFoundAtOnce)
{
  begin ();
  find (client);
  ASSERT_TRUE (wait_for (1));
  find (client);
  ASSERT_EQ (answers.size (), 2u);
  EXPECT_EQ (answers[1].caller.pid, (guint32)getpid ());
}

TEST_F (Callers, CallsOfOneSenderStayInOrder)
{
  std::vector<int> order;
  struct Call {
    std::vector<int> *order;
    int number;
  };
  auto on_caller = [] (const SlCaller *, const GError *, gpointer data) {
    auto *call = static_cast<Call *> (data);
    call->order->push_back (call->number);
    delete call;
  };

  begin ();
  for (int i = 0; i < 100; i++)
    sl_callers_find (callers, client.name ().c_str (), on_caller, new Call{&order, i});
  EXPECT_TRUE (order.empty ());
  ASSERT_TRUE (wait_until ([&] { return order.size () == 100; }));
  for (int i = 0; i < 100; i++)
    EXPECT_EQ (order[(std::size_t)i], i);
}

/* Calls of one sender share a question to the bus; later calls need none. */
TEST_F (Callers, TheBusIsAskedOnceForEach)
{
  Connection other (bus.address ());

  begin ();
  find (client);
  find (other);
  find (client);
  ASSERT_TRUE (wait_for (3));
  find (other);
  EXPECT_EQ (answers.size (), 4u);
}

TEST_F (Callers, OneThatLeavesIsForgotten)
{
  auto leaving = std::make_unique<Connection> (bus.address ());
  std::string name = leaving->name ();

  begin ();
  find (*leaving);
  ASSERT_TRUE (wait_for (1));
  /* from its second call on it has a match rule of its own */
  find (*leaving);
  EXPECT_NE (sl_callers_peek (callers, name.c_str ()), nullptr);
  leaving.reset ();
  EXPECT_TRUE (wait_until ([&] { return sl_callers_peek (callers, name.c_str ()) == nullptr; }));
}

/* A program may send a call and end at once. */
TEST_F (Callers, OneThatHasLeftIsTheOnlyUser)
{
  begin (true);
  std::string name = make_one_that_left ();
  find (name.c_str ());
  find (name.c_str ());
  ASSERT_TRUE (wait_for (2));
  for (const Answer &answer : answers) {
    EXPECT_TRUE (answer.found) << answer.message;
    EXPECT_EQ (answer.caller.uid, getuid ());
    EXPECT_EQ (answer.caller.pid, 0u);
    EXPECT_TRUE (answer.caller.is_service_user);
  }
}

TEST_F (Callers, OneThatHasLeftIsNobodyAmongManyUsers)
{
  begin ();
  find (make_one_that_left ().c_str ());
  ASSERT_TRUE (wait_for (1));
  EXPECT_FALSE (answers[0].found);
  EXPECT_EQ (answers[0].code, SLUICE_ERROR_NOT_AUTHORIZED) << answers[0].message;
}

/* A failure that says nothing about the sender must not give it rights. */
TEST_F (Callers, ABusThatIsGoneLetsNobodyIn)
{
  begin (true);
  ASSERT_TRUE (g_dbus_connection_close_sync (server.raw (), nullptr, nullptr));
  find (client);
  ASSERT_TRUE (wait_for (1));
  EXPECT_FALSE (answers[0].found);
  EXPECT_EQ (answers[0].code, SLUICE_ERROR_NOT_AUTHORIZED) << answers[0].message;
}

TEST_F (Callers, WithoutABusThereIsNoSender)
{
  begin (true);
  find (nullptr);
  ASSERT_EQ (answers.size (), 1u);
  EXPECT_FALSE (answers[0].found);
  EXPECT_EQ (answers[0].code, SLUICE_ERROR_NOT_AUTHORIZED);
}

TEST_F (Callers, AConnectionWithoutABusIsRefused)
{
  Error error;

  ASSERT_TRUE (g_dbus_connection_close_sync (server.raw (), nullptr, nullptr));
  EXPECT_EQ (sl_callers_new (server.raw (), TRUE, error.out ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NOT_AUTHORIZED)) << error.text ();
}

TEST_F (Callers, PeekingAsksNobody)
{
  begin ();
  EXPECT_EQ (sl_callers_peek (callers, client.name ().c_str ()), nullptr);
  find (client);
  EXPECT_EQ (sl_callers_peek (callers, client.name ().c_str ()), nullptr);
  ASSERT_TRUE (wait_for (1));
  ASSERT_NE (sl_callers_peek (callers, client.name ().c_str ()), nullptr);
  EXPECT_EQ (sl_callers_peek (callers, client.name ().c_str ())->uid, getuid ());
}

TEST_F (Callers, PeekingOnABusOfOneUserIsThatUser)
{
  begin (true);
  ASSERT_NE (sl_callers_peek (callers, client.name ().c_str ()), nullptr);
  EXPECT_EQ (sl_callers_peek (callers, client.name ().c_str ())->uid, getuid ());
}

TEST_F (Callers, NotTooManyCallsWait)
{
  begin ();
  for (std::size_t i = 0; i < kWaitingMax; i++)
    find (client);
  EXPECT_TRUE (answers.empty ());
  find (server);
  find (client);
  ASSERT_EQ (answers.size (), 2u);
  for (const Answer &answer : answers)
    EXPECT_EQ (answer.code, SLUICE_ERROR_LIMIT_EXCEEDED) << answer.message;
  ASSERT_TRUE (wait_for (kWaitingMax + 2));
  EXPECT_TRUE (answers.back ().found);
  /* now there is room again */
  find (server);
  ASSERT_TRUE (wait_for (kWaitingMax + 3));
  EXPECT_TRUE (answers.back ().found);
}

TEST_F (Callers, ThoseThatCalledLastAreRemembered)
{
  std::vector<std::unique_ptr<Connection>> crowd;

  begin ();
  find (client);
  ASSERT_TRUE (wait_for (1));
  for (std::size_t i = 0; i < kKnownMax; i++) {
    crowd.push_back (std::make_unique<Connection> (bus.address ()));
    find (*crowd.back ());
    ASSERT_TRUE (wait_for (2 * i + 2));
    find (client);
  }
  EXPECT_NE (sl_callers_peek (callers, client.name ().c_str ()), nullptr);
  EXPECT_EQ (sl_callers_peek (callers, crowd[0]->name ().c_str ()), nullptr);
  EXPECT_NE (sl_callers_peek (callers, crowd[1]->name ().c_str ()), nullptr);
  /* the bus is asked again about a forgotten sender */
  answers.clear ();
  find (*crowd[0]);
  EXPECT_TRUE (answers.empty ());
  ASSERT_TRUE (wait_for (1));
  EXPECT_TRUE (answers[0].found);
}

TEST_F (Callers, AtTheEndCallsThatWaitAreRefused)
{
  begin ();
  find (client);
  find (client);
  g_clear_pointer (&callers, sl_callers_free);
  ASSERT_EQ (answers.size (), 2u);
  for (const Answer &answer : answers)
    EXPECT_EQ (answer.code, SLUICE_ERROR_INVALID_STATE) << answer.message;
  /* the bus's answer arrives too late, and is dropped */
  settle ();
  EXPECT_EQ (answers.size (), 2u);
}
