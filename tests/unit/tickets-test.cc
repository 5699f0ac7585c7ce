/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http/tickets: when read bytes are due, in simulated time. */
#include "unit.h"

#include "base/settings.h"
#include "http/tickets.h"

namespace
{

constexpr guint64 kKiB = 1024, kMiB = 1024 * kKiB;
constexpr double kSecond = G_USEC_PER_SEC;

/* Threads that read and pay as fast as one bucket allows. */
class Line
{
public:
  Line (guint64 rate_, gsize n) : rate (rate_), due (n, start), bytes (n)
  {
  }
  /* Runs until the time @until. */
  void
  run (double until)
  {
    for (;;) {
      gsize next = (gsize)(std::min_element (due.begin (), due.end ()) - due.begin ());
      if (due[next] >= until)
        break;
      now = std::max (now, due[next]);
      gsize turn = sl_tickets_get_turn (rate, kMiB);
      last = due[next] = sl_tickets_take (last, rate, turn, now);
      bytes[next] += turn;
    }
    now = until;
  }
  void
  set_rate (guint64 other)
  {
    for (double &one : due)
      one = sl_tickets_redraw (one, rate, other, now);
    last = sl_tickets_redraw (last, rate, other, now);
    rate = other;
  }
  double
  sum () const
  {
    double all = 0;
    for (guint64 one : bytes)
      all += (double)one;
    return all;
  }

  static constexpr double start = 1e12;
  guint64 rate;
  double now = start, last = start;
  std::vector<double> due;
  std::vector<guint64> bytes;
};

} // namespace

TEST (Tickets, TurnsFitTheRate)
{
  const struct {
    guint64 rate;
    gsize wanted, turn;
  } rows[] = {
      {1, kMiB, 1},
      {1000, kMiB, 1000},
      {32 * kKiB, kMiB, 4096},
      {kMiB, kMiB, kMiB / 20},
      {kMiB, 10, 10},
      {100 * kMiB, 5 * kMiB, kMiB},
      {G_MAXUINT64 - 1, 5 * kMiB, kMiB},
      {SL_RATE_UNLIMITED, 5 * kMiB, 5 * kMiB},
  };

  for (const auto &row : rows)
    EXPECT_EQ (sl_tickets_get_turn (row.rate, row.wanted), row.turn) << row.rate;
}

TEST (Tickets, AccurateAtManyRates)
{
  for (gsize payers : {1, 6})
    for (guint64 rate : {guint64{1}, guint64{777}, 32 * kKiB, kMiB, 20 * kMiB, 100 * kMiB}) {
      Line line (rate, payers);
      line.run (Line::start + 100 * kSecond);
      /* everything read is due at the last ticket, and not before */
      EXPECT_NEAR (line.last - Line::start, line.sum () / (double)rate * kSecond, 100) << rate;
      EXPECT_GE (line.last - Line::start, 100 * kSecond - 100) << rate;
      /* each has begun at most one turn */
      EXPECT_LE (line.sum (), 100 * (double)rate + (double)payers * (double)kMiB) << rate;
    }
}

TEST (Tickets, NoLimitIsNoWait)
{
  EXPECT_EQ (sl_tickets_take (9e12, SL_RATE_UNLIMITED, G_MAXUINT32, 1e12), 1e12);
}

/* Unused time is not made up for later, except a tenth of a second. */
TEST (Tickets, IdleTimeIsNotSavedUp)
{
  double last = 1e12, now = last + 600 * kSecond;

  for (int i = 0; i < 10; i++)
    last = sl_tickets_take (last, 20 * kKiB, kKiB, now);
  EXPECT_NEAR (last - now, 0.4 * kSecond, 1);
}

TEST (Tickets, HigherRateDrawsNearer)
{
  EXPECT_NEAR (sl_tickets_redraw (1e12 + 10 * kSecond, 100, 1000, 1e12), 1e12 + kSecond, 1);
  EXPECT_EQ (sl_tickets_redraw (1e12 + 10 * kSecond, 100, SL_RATE_UNLIMITED, 1e12), 1e12);
  /* what was due stays due */
  EXPECT_EQ (sl_tickets_redraw (1e12 - 1, 100, 1000, 1e12), 1e12 - 1);
}

/* A lower rate applies to bytes read after the change. */
TEST (Tickets, LowerRateLeavesTicketsAsTheyAre)
{
  double due = 1e12 + kSecond / 2;

  EXPECT_EQ (sl_tickets_redraw (due, kMiB, 1000, 1e12), due);
  EXPECT_NEAR (sl_tickets_take (due, 1000, 300, 1e12), due + 0.3 * kSecond, 1);
}

TEST (Tickets, ChangedInFlight)
{
  Line line (kMiB, 2);
  double before;

  line.run (Line::start + 10 * kSecond);
  EXPECT_NEAR (line.sum (), 10.0 * kMiB, 0.2 * kMiB);
  before = line.sum ();
  line.set_rate (10 * kMiB);
  line.run (Line::start + 20 * kSecond);
  EXPECT_NEAR (line.sum () - before, 100.0 * kMiB, 2.0 * kMiB);
  before = line.sum ();
  line.set_rate (64 * kKiB);
  line.run (Line::start + 30 * kSecond);
  EXPECT_NEAR (line.sum () - before, 640.0 * kKiB, 64.0 * kKiB);
}

TEST (Tickets, TurnsAreFair)
{
  Line line (2 * kMiB, 4);

  line.run (Line::start + 10 * kSecond);
  for (guint64 bytes : line.bytes)
    EXPECT_NEAR ((double)bytes, 5.0 * kMiB, (double)sl_tickets_get_turn (line.rate, kMiB));
}
