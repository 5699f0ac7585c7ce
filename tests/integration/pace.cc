/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rates of downloads: alone, beside each other, and beside the foreground. */
#include "support/fixture.h"
#include "support/nginx.h"

#include <fstream>
#include <unistd.h>

using namespace st;

namespace
{

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

class Pacing : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    config["ConnectionsBackground"] = "4";
    nginx =
        std::make_unique<Nginx> (nginx_dir.path (),
                                 "location /single/ { alias " + nginx_dir.path () +
                                     "/www/; max_ranges 0; }" + "location /slow/ { alias " +
                                     nginx_dir.path () + "/www/; limit_rate 2m; max_ranges 0; }");
    /* long enough for all measurements; its bytes are never checked */
    write_file (nginx->file ("long"), "");
    ASSERT_EQ (truncate (nginx->file ("long").c_str (), 256 * kMiB), 0);
  }
  /* Starts to fetch @target, with a limit; 0: without a limit of its own. */
  Download
  begin (const std::string &name,
         std::uint64_t rate,
         const std::string &target = "/long",
         const std::string &priority = "normal")
  {
    Download download =
        create_file (nginx->url (target), name,
                     Properties ().add_t ("MaxBytesPerSecond", rate).add ("Priority", priority));
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait_transferred (1));
    return download;
  }
  /* The number of open connections to the server. */
  int
  connections () const
  {
    std::ifstream file ("/proc/net/tcp");
    std::string line;
    char wanted[32];
    int n = 0;
    g_snprintf (wanted, sizeof wanted, ":%04X 01 ",
                std::stoi (nginx->address ().substr (nginx->address ().find (':') + 1)));
    while (std::getline (file, line))
      n += line.find (wanted) != std::string::npos;
    return n;
  }
  /* The largest receive buffer among all connections to the server of @uri. */
  static std::uint64_t
  largest_buffer (const std::string &uri)
  {
    std::size_t colon = uri.find (':', uri.find ("://") + 3);
    std::string port = uri.substr (colon, uri.find ('/', colon) - colon);
    Finished found =
        st::run ({{"ss", "-tmnH", "state", "established", "dport", "=", port}, {}, "", -1});
    std::uint64_t largest = 0;
    for (std::size_t at = 0; (at = found.output.find (",rb", at)) != std::string::npos; at += 3)
      largest = std::max<std::uint64_t> (largest, std::stoull (found.output.substr (at + 3)));
    return largest;
  }
  static void
  set_rate (const Download &download, std::uint64_t rate)
  {
    ASSERT_TRUE (download.set ("MaxBytesPerSecond", g_variant_new_uint64 (rate)));
  }

  TempDir nginx_dir;
  std::unique_ptr<Nginx> nginx;
};

/* The rates of downloads from now on. */
class Measure
{
public:
  explicit Measure (std::vector<Download> downloads) : downloads_ (std::move (downloads))
  {
    for (const Download &download : downloads_) {
      times_.push_back (g_get_monotonic_time ());
      bytes_.push_back (download.number ("BytesFetched"));
    }
  }
  /* The rate of the n-th, bytes a second until now. */
  double
  rate (std::size_t n = 0) const
  {
    double bytes = (double)(downloads_[n].number ("BytesFetched") - bytes_[n]);
    return bytes * G_USEC_PER_SEC / (double)(g_get_monotonic_time () - times_[n]);
  }

private:
  std::vector<Download> downloads_;
  std::vector<gint64> times_;
  std::vector<std::uint64_t> bytes_;
};

/*
 * Whether @fits accepts the rates in one of several stretches of @seconds. Other load on the machine may spoil one
 * stretch; a wrong limit stays wrong in all of them.
 */
bool
comes (const std::vector<Download> &downloads,
       double seconds,
       const std::function<bool (const Measure &)> &fits,
       double within = 6)
{
  gint64 end = g_get_monotonic_time () + (gint64)(within * time_factor () * G_USEC_PER_SEC);

  do {
    Measure measure (downloads);
    run_for (seconds);
    if (fits (measure))
      return true;
    for (std::size_t i = 0; i < downloads.size (); i++)
      std::fprintf (stderr, "%zu: %.0f bytes/s\n", i, measure.rate (i));
  } while (g_get_monotonic_time () < end);
  return false;
}

bool
is_near (double rate, double wanted, double share)
{
  return rate >= (1 - share) * wanted && rate <= (1 + share) * wanted;
}

} // namespace

TEST_F (Pacing, MaxBytesPerSecondHolds)
{
  const std::vector<std::uint64_t> rates = {64 * kKiB, kMiB, 10 * kMiB};
  std::vector<Download> downloads;

  for (std::uint64_t rate : rates)
    downloads.push_back (begin (std::to_string (rate), rate));
  run_for (0.3);
  EXPECT_TRUE (comes (downloads, 6, [&] (const Measure &measure) {
    bool all = true;
    for (std::size_t i = 0; i < rates.size (); i++)
      all = all && is_near (measure.rate (i), (double)rates[i], 0.04) &&
            is_near ((double)downloads[i].number ("BytesPerSecond"), (double)rates[i], 0.3);
    return all;
  }));
}

/* The limit holds over all connections together, also if TLS makes reads short. */
TEST_F (Pacing, HoldsOverAllConnections)
{
  Download download = begin ("plain", 4 * kMiB, "/long", "foreground");
  Download other =
      create_file (nginx->tls_url ("/long"), "tls",
                   Properties ()
                       .add_t ("MaxBytesPerSecond", 2 * kMiB)
                       .add ("Priority", "foreground")
                       .add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"}));

  ASSERT_TRUE (other.start ());
  ASSERT_TRUE (wait_polling ([this] { return connections () == 4; }));
  ASSERT_TRUE (other.wait_transferred (4 * kMiB));
  EXPECT_TRUE (comes ({download, other}, 4, [] (const Measure &measure) {
    return is_near (measure.rate (0), 4 * kMiB, 0.05) && is_near (measure.rate (1), 2 * kMiB, 0.05);
  }));
}

TEST_F (Pacing, ChangedInFlight)
{
  Download download = begin ("file", kMiB);

  for (std::uint64_t rate : {8 * kMiB, 256 * kKiB, 4 * kMiB}) {
    set_rate (download, rate);
    EXPECT_TRUE (comes ({download}, 1.5, [rate] (const Measure &measure) {
      return is_near (measure.rate (), (double)rate, 0.1);
    })) << rate;
  }
  set_rate (download, 1);
  EXPECT_TRUE (comes (
      {download}, 1, [] (const Measure &measure) { return measure.rate () <= 100; }, 1));
  set_rate (download, 0);
  EXPECT_TRUE (download.wait ("transferred"));
}

/* Files shorter than a turn are paid for, too. */
TEST_F (Pacing, SmallFiles)
{
  std::string body = random_bytes (100000);
  gint64 begun = g_get_monotonic_time ();

  write_file (nginx->file ("small"), body);
  allow (body);
  Download download = begin ("file", 100000, "/small");
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (g_get_monotonic_time () - begun, 900000);
  finalize_and_check (download, body);
}

TEST_F (Pacing, PauseWhileItWaits)
{
  Download download = begin ("file", 20 * kMiB);

  ASSERT_TRUE (wait_polling ([this] { return connections () == 4; }));
  for (int i = 0; i < 3; i++) {
    set_rate (download, 1);
    run_for (0.3);
    gint64 begun = g_get_monotonic_time ();
    ASSERT_TRUE (download.pause ());
    EXPECT_LT ((double)(g_get_monotonic_time () - begun), 1e6 * time_factor ());
    EXPECT_EQ (download.text ("State"), "paused");
    set_rate (download, 20 * kMiB);
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferring"));
  }
  set_rate (download, 1);
  gint64 begun = g_get_monotonic_time ();
  ASSERT_TRUE (download.abort ());
  EXPECT_LT ((double)(g_get_monotonic_time () - begun), 1e6 * time_factor ());
}

TEST_F (Pacing, TheServiceEndsWhileItWaits)
{
  Download download = begin ("file", 1);
  gint64 begun = g_get_monotonic_time ();

  stop_daemon ();
  EXPECT_LT ((double)(g_get_monotonic_time () - begun), 3e6 * time_factor ());
}

/*
 * A fast connection that becomes slow must not keep filling the kernel's buffer at full speed, nor stay small when it
 * may be fast again. Also with TLS.
 */
TEST_F (Pacing, TheServerIsHeldBackToo)
{
  for (bool tls : {false, true}) {
    std::string uri = tls ? nginx->tls_url ("/slow/long") : nginx->url ("/slow/long");
    Download download =
        create_file (uri, tls ? "tls" : "plain",
                     Properties ()
                         .add_t ("MaxBytesPerSecond", 20 * kMiB)
                         .add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"}));
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait_transferred (kMiB));
    EXPECT_GE (largest_buffer (uri), 128 * kKiB);
    /* allows for queued bytes, because the server sends in bursts */
    EXPECT_TRUE (wait_polling ([&] {
      set_rate (download, 20 * kMiB);
      run_for (0.1);
      set_rate (download, 64 * kKiB);
      run_for (0.3);
      return largest_buffer (uri) < 128 * kKiB;
    })) << tls;
    set_rate (download, 0);
    EXPECT_TRUE (wait_polling ([&] { return largest_buffer (uri) >= 128 * kKiB; })) << tls;
    EXPECT_TRUE (comes ({download}, 3, [] (const Measure &measure) {
      return measure.rate () >= kMiB;
    })) << tls;
    ASSERT_TRUE (download.abort ());
  }
}

/*
 * Two background downloads share equally what the foreground leaves at first, whatever their numbers of connections.
 */
TEST_F (Pacing, FairInAClass)
{
  Download four = begin ("four", 8 * kMiB);
  ASSERT_TRUE (wait_polling ([this] { return connections () == 4; }));
  Download one = begin ("one", 8 * kMiB, "/single/long");
  Download other = begin ("other", 8 * kMiB, "/single/long");
  run_for (3);
  Download first = begin ("first", 100 * kKiB, "/long", "foreground");

  EXPECT_TRUE (wait_polling ([this] { return connections () >= 6; }));
  EXPECT_TRUE (comes (
      {four, one, other}, 3.5,
      [] (const Measure &measure) {
        double mean = (measure.rate (0) + measure.rate (1) + measure.rate (2)) / 3;
        return mean >= 60 * kKiB && mean <= 250 * kKiB && is_near (measure.rate (0), mean, 0.25) &&
               is_near (measure.rate (1), mean, 0.25) && is_near (measure.rate (2), mean, 0.25);
      },
      12));
}

TEST_F (Pacing, TheForegroundTakesAtOnceAndGivesBack)
{
  Download background = begin ("background", 10 * kMiB);
  run_for (5); /* learns the line's capacity */
  Download foreground = begin ("foreground", kMiB, "/long", "foreground");

  EXPECT_TRUE (comes (
      {background}, 0.5, [] (const Measure &cut) { return cut.rate () <= 0.5 * kMiB; }, 0.5));
  EXPECT_TRUE (comes ({foreground}, 2, [] (const Measure &measure) {
    return is_near (measure.rate (), kMiB, 0.1);
  }));
  /* later it gets what the foreground leaves */
  EXPECT_TRUE (comes (
      {background}, 0.5, [] (const Measure &now) { return now.rate () > 6 * kMiB; }, 20));
  ASSERT_TRUE (background.set ("Priority", g_variant_new_string ("low")));
  ASSERT_TRUE (foreground.pause ());
  EXPECT_TRUE (comes (
      {background}, 1, [] (const Measure &back) { return back.rate () >= 8 * kMiB; }, 2));
}

/* A running download moves from the class that has to wait to the other one. */
TEST_F (Pacing, PriorityInFlight)
{
  Download background = begin ("background", 10 * kMiB);
  Download foreground = begin ("foreground", 100 * kKiB, "/long", "foreground");

  run_for (0.3);
  ASSERT_TRUE (background.set ("Priority", g_variant_new_string ("foreground")));
  EXPECT_TRUE (comes (
      {background}, 1, [] (const Measure &raised) { return raised.rate () >= 9 * kMiB; }, 2));
  ASSERT_TRUE (background.set ("Priority", g_variant_new_string ("low")));
  EXPECT_TRUE (comes (
      {background}, 1, [] (const Measure &lowered) { return lowered.rate () <= kMiB; }, 1));
}
