/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content: a part file has the bytes that it claims. */
#include "content.h"

#include "base/settings.h"
#include "content/blocks.h"

#include <random>
#include <thread>

using Part = Content;

TEST_F (Content, ArrivesInAnyOrder)
{
  std::vector<guint64> blocks;
  std::mt19937 random (1);

  open (none, "");
  for (guint64 n = 0; n < 100; n++)
    blocks.push_back (n);
  std::shuffle (blocks.begin (), blocks.end (), random);
  for (guint64 n : blocks)
    ASSERT_TRUE (write (n * 1000, 1000));
  EXPECT_EQ (written (), "0-99999");
  EXPECT_EQ (sl_part_get_written (part), 100000u);
  EXPECT_EQ (read_file (path ()), pattern (0, 100000));
}

TEST_F (Content, TheSameBytesTwiceCountOnce)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  ASSERT_TRUE (write (500, 1000));
  EXPECT_EQ (sl_part_get_written (part), 1500u);
}

TEST_F (Content, SyncSaysWhatWasWrittenBefore)
{
  struct stat stat;

  open (none, "");
  EXPECT_EQ (sync (), "");
  ASSERT_TRUE (write (0, 10));
  EXPECT_EQ (sync (), "0-9");
  ASSERT_TRUE (write (20, 10));
  EXPECT_EQ (sync (), "0-9,20-29");
  EXPECT_FALSE (synced_stamp.sealed);
  ASSERT_EQ (::stat (path ().c_str (), &stat), 0);
  EXPECT_EQ (synced_stamp.inode, stat.st_ino);
  EXPECT_EQ (stat.st_mode & 07777, 0600u);
}

TEST_F (Content, WantsSyncAfterSoMuchAndFromOneOnly)
{
  open (none, "");
  EXPECT_FALSE (sl_part_wants_sync (part));
  for (guint64 n = 0; n < 4; n++)
    ASSERT_TRUE (write (n * MIB, MIB));
  EXPECT_FALSE (sl_part_wants_sync (part));
  ASSERT_TRUE (write (4 * MIB, MIB));
  EXPECT_TRUE (sl_part_wants_sync (part));
  EXPECT_FALSE (sl_part_wants_sync (part));
  EXPECT_EQ (sync (), "0-5242879");
  EXPECT_FALSE (sl_part_wants_sync (part));
}

TEST_F (Content, DirectoryThatIsMissing)
{
  g_autoptr (SlRanges) nothing = sl_ranges_new ();
  g_autoptr (SlPlace) missing = make_place (directory / "missing");

  EXPECT_EQ (sl_part_open (missing, &none, nothing, error.out ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
}

TEST_F (Content, FullFileSystemSaysSo)
{
  open (none, "");
  /* no file system is so large */
  EXPECT_FALSE (sl_part_reserve (part, G_MAXINT64 / 2, error.out ()));
  EXPECT_NE (error.text ().find (NAME), std::string::npos);
  EXPECT_TRUE (sl_part_reserve (part, 2 * MIB, error.out ())) << error.text ();
  EXPECT_EQ (written (), "");
  EXPECT_TRUE (write (0, 10));
}

class Budget : public Content
{
protected:
  /* Waits until @n bytes have been written, and checks for a while that no more are. */
  void
  expect_stop_at (guint64 n)
  {
    gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

    while (sl_part_get_written (part) < n && g_get_monotonic_time () < end)
      g_usleep (1000);
    g_usleep (50000);
    EXPECT_EQ (sl_part_get_written (part), n);
  }
  /* Writes @length bytes from @start in blocks, until the end or the cancellation. */
  std::thread
  writer (guint64 start, guint64 length, gsize block)
  {
    return std::thread ([=] {
      const std::string data = pattern (start, block);
      for (guint64 n = 0; n < length; n += block) {
        g_autoptr (GError) why = nullptr;
        EXPECT_TRUE (sl_part_write (part, start + n, data.data (), block, cancellable, &why));
        if (g_cancellable_is_cancelled (cancellable)) {
          ended_early++;
          return;
        }
      }
    });
  }
  std::atomic<int> ended_early{0};
};

TEST_F (Budget, WritesWaitUntilRecorded)
{
  open (none, "");
  std::thread thread = writer (0, 10 * MIB, 64 * KIB);
  expect_stop_at (SL_PART_MAX_UNRECORDED);
  /* synced alone is not enough */
  EXPECT_EQ (sync (), "0-" + std::to_string (SL_PART_MAX_UNRECORDED - 1));
  expect_stop_at (SL_PART_MAX_UNRECORDED);
  record ();
  thread.join ();
  EXPECT_EQ (sl_part_get_written (part), 10 * MIB);
  EXPECT_EQ (ended_early, 0);
}

TEST_F (Budget, RecordingAPartMakesRoomForThatMuch)
{
  g_autoptr (SlRanges) first = sl_ranges_new_range (0, MIB);

  open (none, "");
  std::thread thread = writer (0, 10 * MIB, 64 * KIB);
  expect_stop_at (SL_PART_MAX_UNRECORDED);
  sl_part_set_recorded (part, sl_ranges_total (first));
  expect_stop_at (SL_PART_MAX_UNRECORDED + MIB);
  g_cancellable_cancel (cancellable);
  thread.join ();
}

TEST_F (Budget, CancellationEndsTheWait)
{
  open (none, "");
  std::thread thread = writer (0, 10 * MIB, 64 * KIB);
  expect_stop_at (SL_PART_MAX_UNRECORDED);
  g_cancellable_cancel (cancellable);
  thread.join ();
  EXPECT_EQ (ended_early, 1);
  /* and nothing is lost: a stopped writer first writes what it has read */
  EXPECT_EQ (sl_part_get_written (part), SL_PART_MAX_UNRECORDED + 64 * KIB);
}

TEST_F (Budget, HoldsForAllThreadsTogether)
{
  std::vector<std::thread> threads;

  open (none, "");
  for (guint64 n = 0; n < 8; n++)
    threads.push_back (writer (n * 8 * MIB, 8 * MIB, 256 * KIB));
  expect_stop_at (SL_PART_MAX_UNRECORDED);
  g_cancellable_cancel (cancellable);
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_EQ (ended_early, 8);
  EXPECT_EQ (sl_part_get_written (part), SL_PART_MAX_UNRECORDED + 8 * 256 * KIB);
}

TEST_F (Budget, ResetMakesRoom)
{
  open (none, "");
  for (guint64 n = 0; n < SL_PART_MAX_UNRECORDED; n += MIB)
    ASSERT_TRUE (write (n, MIB));
  ASSERT_TRUE (sl_part_reset (part, error.out ()));
  EXPECT_TRUE (write (0, 2 * MIB));
}

/* Eight connections, and a main loop that records what they synced. */
TEST_F (Budget, ManyThreadsWriteAndSync)
{
  const guint64 share = 2 * MIB, block = 32 * KIB;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};

  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  for (guint64 n = 0; n < 8; n++)
    threads.emplace_back ([&, n] {
      for (guint64 at = n * share; at < (n + 1) * share; at += block) {
        const std::string data = pattern (at, block);
        g_auto (SlSynced) synced = {};
        failed += !sl_part_write (part, at, data.data (), block, cancellable, nullptr);
        if (!sl_part_wants_sync (part))
          continue;
        if (sl_part_sync (part, &synced, nullptr))
          sl_part_set_recorded (part, sl_ranges_total (synced.ranges));
        else
          failed++;
      }
    });
  while (sl_part_get_written (part) < 8 * share) {
    g_autoptr (SlRanges) ranges = sl_part_dup_written (part);
    ASSERT_LE (sl_ranges_total (ranges), 8 * share);
    EXPECT_FALSE (sl_part_is_lost (part));
    g_usleep (1000);
  }
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_EQ (failed, 0);
  EXPECT_EQ (seal (), sha256 (pattern (0, 8 * share)));
  EXPECT_EQ (read_file (path ()), pattern (0, 8 * share));
}

namespace
{

std::shared_ptr<SlRanges>
random_ranges (std::mt19937 &random, guint n, guint64 gap, guint64 length)
{
  std::shared_ptr<SlRanges> ranges (sl_ranges_new (), sl_ranges_unref);
  guint64 at = 0;

  for (guint i = 0; i < n; i++) {
    guint64 start = at + random () % gap;
    at = start + 1 + random () % length;
    sl_ranges_add (ranges.get (), start, at);
  }
  return ranges;
}

} // namespace

/* All holes and all that was written, at once, as each hole with each range. */
TEST (Blocks, InHolesAmongManyRanges)
{
  std::mt19937 random (7);
  int losses = 0;

  for (int round = 0; round < 300; round++) {
    g_autoptr (SlBlocks) blocks = sl_blocks_new ();
    auto holes = random_ranges (random, 1 + random () % 20, 60000, 30000);
    auto ranges = random_ranges (random, 1 + random () % 100, 9000, 9000);
    guint64 size =
        std::max (sl_ranges_end (holes.get ()), sl_ranges_end (ranges.get ())) - random () % 2;
    bool any = false;
    for (int i = 0; i < 5; i++)
      sl_blocks_note (blocks, random () % size, "x", 1);
    for (guint i = 0; i < sl_ranges_count (holes.get ()); i++) {
      for (guint j = 0; j < sl_ranges_count (ranges.get ()); j++) {
        const SlRange *one = sl_ranges_get (holes.get (), i),
                      *two = sl_ranges_get (ranges.get (), j);
        g_autoptr (SlRanges) hole = sl_ranges_new_range (one->start, one->end);
        g_autoptr (SlRanges) range = sl_ranges_new_range (two->start, two->end);
        any |= sl_blocks_are_in (blocks, hole, range, size);
      }
    }
    EXPECT_EQ (sl_blocks_are_in (blocks, holes.get (), ranges.get (), size), any) << round;
    losses += any;
  }
  EXPECT_GT (losses, 50);
  EXPECT_LT (losses, 250);
}

/* A hundred thousand of each: what takes time in proportion to their product would take minutes. */
TEST (Blocks, VeryManyHolesAndRanges)
{
  g_autoptr (SlBlocks) blocks = sl_blocks_new ();
  g_autoptr (SlRanges) holes = sl_ranges_new ();
  g_autoptr (SlRanges) written = sl_ranges_new ();
  const guint64 n = 100000;

  for (guint64 i = 0; i < n; i++) {
    sl_ranges_add (written, i * 8192, i * 8192 + 1024);
    sl_ranges_add (holes, i * 8192 + 4096, i * 8192 + 8192);
  }
  sl_blocks_note_ranges (blocks, written);
  EXPECT_FALSE (sl_blocks_are_in (blocks, holes, written, n * 8192));
  sl_ranges_add (holes, n * 8192 - 8192, n * 8192);
  EXPECT_TRUE (sl_blocks_are_in (blocks, holes, written, n * 8192));
}

/* A file that is large enough for writes past the page cache. */
class Direct : public Content
{
protected:
  static constexpr guint64 SIZE = 20 * MIB;
  guint8 *buffer = (guint8 *)g_aligned_alloc (8 * MIB, 1, SL_PART_ALIGN);

  Direct ()
  {
    direct_writes = most_direct = 0;
    refuse_direct = writes_met = slow_direct = false;
  }
  ~Direct () override
  {
    refuse_direct = slow_direct = false;
    g_aligned_free (buffer);
  }
  void
  begin (guint64 size = SIZE)
  {
    open (none, "");
    ASSERT_TRUE (sl_part_reserve (part, size, error.out ())) << error.text ();
  }
  /* Writes from an address that is aligned like the offset, like segments do. */
  bool
  write_aligned (guint64 offset, gsize length)
  {
    guint8 *data = buffer + offset % SL_PART_ALIGN;
    std::string bytes = pattern (offset, length);
    std::copy (bytes.begin (), bytes.end (), data);
    bool ok = sl_part_write (part, offset, data, length, cancellable, error.out ());
    record ();
    return ok;
  }
  /* Whether this file system supports direct writes. */
  bool
  is_possible ()
  {
    std::string name = directory / "probe";
    int fd = ::open (name.c_str (), O_WRONLY | O_CREAT | O_DIRECT, 0600);
    bool possible = fd >= 0 && syscall (SYS_pwrite64, fd, buffer, SL_PART_ALIGN, 0) > 0;
    ::close (fd);
    return possible;
  }
};

TEST_F (Direct, LongPiecesOfALargeFile)
{
  begin ();
  ASSERT_TRUE (write_aligned (0, MIB));
  EXPECT_EQ (direct_writes, is_possible () ? 1 : 0);
  /* begins and ends between boundaries */
  ASSERT_TRUE (write_aligned (MIB, 300001));
  ASSERT_TRUE (write_aligned (MIB + 300001, MIB));
  EXPECT_EQ (direct_writes, is_possible () ? 3 : 0);
  EXPECT_EQ (written (), "0-2397152");
  EXPECT_EQ (seal (), "none");
  EXPECT_EQ (read_file (path ()), pattern (0, 2 * MIB + 300001));
}

TEST_F (Direct, MixedWithOthersInAnyOrder)
{
  std::vector<std::pair<guint64, gsize>> pieces;
  std::mt19937 random (7);

  for (guint64 at = 0; at < SIZE;) {
    gsize length = std::min<guint64> (SIZE - at, 1 + random () % (random () % 2 ? 3000 : MIB));
    pieces.emplace_back (at, length);
    at += length;
  }
  std::shuffle (pieces.begin (), pieces.end (), random);
  begin ();
  for (auto [offset, length] : pieces)
    ASSERT_TRUE (random () % 8 ? write_aligned (offset, length) : write (offset, length));
  EXPECT_EQ (direct_writes > 0, is_possible ());
  EXPECT_EQ (sync (), "0-20971519");
  EXPECT_TRUE (read_file (path ()) == pattern (0, SIZE));
}

/* Direct writes go on side by side; a buffered one, of what lies between blocks, is alone. */
TEST_F (Direct, FromSeveralThreads)
{
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};

  begin ();
  slow_direct = true;
  for (guint64 n = 0; n < 4; n++)
    threads.emplace_back ([&, n] {
      const gsize block = 500003;
      auto *data = (guint8 *)g_aligned_alloc (block + SL_PART_ALIGN, 1, SL_PART_ALIGN);
      for (guint64 at = n * 5 * MIB; at < (n + 1) * 5 * MIB; at += block) {
        gsize length = std::min<guint64> (block, (n + 1) * 5 * MIB - at);
        std::string bytes = pattern (at, length);
        std::copy (bytes.begin (), bytes.end (), data + at % SL_PART_ALIGN);
        failed +=
            !sl_part_write (part, at, data + at % SL_PART_ALIGN, length, cancellable, nullptr);
        record ();
      }
      g_aligned_free (data);
    });
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_EQ (failed, 0);
  EXPECT_FALSE (writes_met);
  EXPECT_EQ (most_direct > 1, is_possible ());
  EXPECT_EQ (sync (), "0-20971519");
  EXPECT_TRUE (read_file (path ()) == pattern (0, SIZE));
}

TEST_F (Direct, WhereTheFileSystemRefuses)
{
  begin ();
  refuse_direct = true;
  ASSERT_TRUE (write_aligned (0, MIB)) << error.text ();
  refuse_direct = false;
  ASSERT_TRUE (write_aligned (MIB, MIB)) << error.text ();
  EXPECT_EQ (direct_writes, 0);
  EXPECT_TRUE (read_file (path ()).substr (0, 2 * MIB) == pattern (0, 2 * MIB));
}

TEST_F (Direct, NotOfASmallFile)
{
  begin (MIB);
  ASSERT_TRUE (write_aligned (0, MIB));
  EXPECT_EQ (direct_writes, 0);
}

TEST_F (Direct, NotWhatWillBeReadBackForTheDigest)
{
  begin ();
  sl_part_compute_digest (part, "sha256:");
  ASSERT_TRUE (write_aligned (MIB, MIB));
  EXPECT_EQ (direct_writes, 0);
  ASSERT_TRUE (write_aligned (0, MIB));
  EXPECT_EQ (direct_writes, is_possible () ? 1 : 0);
  EXPECT_EQ (seal (), sha256 (pattern (0, 2 * MIB)));
}

TEST_F (Direct, ResetIsFollowed)
{
  begin ();
  ASSERT_TRUE (write_aligned (0, MIB));
  ASSERT_TRUE (sl_part_reset (part, error.out ()));
  ASSERT_TRUE (write_aligned (4096, MIB));
  ASSERT_TRUE (sl_part_reserve (part, SIZE, error.out ()));
  ASSERT_TRUE (write_aligned (4096 + MIB, MIB));
  EXPECT_EQ (written (), "4096-2101247");
  EXPECT_TRUE (read_file (path ()).substr (4096, 2 * MIB) == pattern (4096, 2 * MIB));
}

TEST_F (Part, ClaimHoldsAfterReopening)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  ASSERT_TRUE (write (5000, 1000));
  EXPECT_EQ (sync (), "0-999,5000-5999");
  open (synced_stamp, "0-999,5000-5999");
  EXPECT_EQ (written (), "0-999,5000-5999");
  EXPECT_EQ (sl_part_get_written (part), 2000u);
}

TEST_F (Part, WhatWasNotClaimedIsNotBelieved)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  sync ();
  open (synced_stamp, "0-99");
  EXPECT_EQ (written (), "0-99");
  open (synced_stamp, "");
  EXPECT_EQ (written (), "");
}

TEST_F (Part, ClaimEndsWhereTheFileWasCut)
{
  open (none, "");
  ASSERT_TRUE (write (0, 10000));
  sync ();
  ASSERT_EQ (truncate (path ().c_str (), 4000), 0);
  open (synced_stamp, "0-9999");
  EXPECT_EQ (written (), "0-3999");
}

TEST_F (Part, HolesAreNotBelieved)
{
  open (none, "");
  ASSERT_TRUE (write (0, MIB));
  sync ();
  /* truncated, and extended again */
  ASSERT_EQ (truncate (path ().c_str (), 256 * KIB), 0);
  ASSERT_EQ (truncate (path ().c_str (), MIB), 0);
  open (synced_stamp, "0-1048575");
  EXPECT_EQ (written (), "0-262143");
}

TEST_F (Part, HolesInTheMiddleAreFound)
{
  int fd;

  open (none, "");
  ASSERT_TRUE (write (0, MIB));
  sync ();
  fd = ::open (path ().c_str (), O_WRONLY | O_CLOEXEC);
  ASSERT_GE (fd, 0);
  ASSERT_EQ (fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 64 * KIB, 128 * KIB), 0);
  ASSERT_EQ (fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 512 * KIB, 64 * KIB), 0);
  ::close (fd);
  open (synced_stamp, "0-1048575");
  EXPECT_EQ (written (), "0-65535,196608-524287,589824-1048575");
}

TEST_F (Part, ZerosInAHoleAreTheContent)
{
  std::string content = pattern (0, 64 * KIB) + std::string (128 * KIB, '\0') + pattern (0, 1000);

  open (none, "");
  ASSERT_TRUE (write (0, content));
  EXPECT_EQ (sync (), "0-197607");
  punch (64 * KIB, 192 * KIB);
  EXPECT_EQ (sync (), "0-197607");
  EXPECT_EQ (rest (), "0-197607");
  /* all of a sealed, untouched file is believed; after a crash we can't know */
  open (synced_stamp, "0-197607");
  EXPECT_EQ (written (), "0-197607");
  EXPECT_EQ (sync (), "0-197607");
  synced_stamp.sealed = FALSE;
  open (synced_stamp, "0-197607");
  EXPECT_EQ (written (), "0-65535,196608-197607");
}

TEST_F (Part, DataInAHoleAreLost)
{
  for (guint64 from : {0 * KIB, 64 * KIB, 60 * KIB}) {
    SCOPED_TRACE (from);
    open (none, "");
    ASSERT_TRUE (write (0, pattern (0, 64 * KIB) + std::string (64 * KIB, '\0')));
    EXPECT_EQ (sync (), "0-131071");
    punch (from, 128 * KIB);
    EXPECT_EQ (sync (), from == 64 * KIB ? "0-131071" : "failed");
    EXPECT_EQ (sl_part_is_lost (part), from != 64 * KIB);
  }
}

/* A byte of data in a block of zeros, and a block that is written in two pieces. */
TEST_F (Part, OneByteThatIsNotZeroIsLost)
{
  open (none, "");
  ASSERT_TRUE (write (0, std::string (9000, '\0')));
  ASSERT_TRUE (write (9000, std::string (1, 'x')));
  ASSERT_TRUE (write (9001, std::string (9000, '\0')));
  EXPECT_EQ (sync (), "0-18000");
  punch (0, 8 * KIB);
  punch (12 * KIB, 16 * KIB);
  EXPECT_EQ (sync (), "0-18000");
  punch (8 * KIB, 12 * KIB);
  EXPECT_EQ (sync (), "failed");
}

/* The last block of a range that ends within it, before an unwritten one. */
TEST_F (Part, TheEndOfARangeIsLost)
{
  open (none, "");
  ASSERT_TRUE (write (0, 4097));
  ASSERT_TRUE (write (100 * KIB, 10));
  EXPECT_EQ (sync (), "0-4096,102400-102409");
  punch (4 * KIB, 8 * KIB);
  EXPECT_EQ (sync (), "failed");
}

TEST_F (Part, TruncatedAndGrownByOurOwnWrites)
{
  open (none, "");
  ASSERT_TRUE (write (0, MIB));
  EXPECT_EQ (sync (), "0-1048575");
  ASSERT_EQ (truncate (path ().c_str (), 1000), 0);
  ASSERT_TRUE (write (MIB, MIB));
  EXPECT_EQ (sync (), "failed");
  EXPECT_TRUE (sl_part_is_lost (part));
}

/* Ranges that existed when the file was opened count as written. */
TEST_F (Part, LossOfWhatAnEarlierRunWrote)
{
  open (none, "");
  ASSERT_TRUE (write (0, pattern (0, MIB) + std::string (MIB, '\0')));
  punch (MIB, 2 * MIB);
  EXPECT_EQ (rest (), "0-2097151");
  open (synced_stamp, "0-2097151");
  ASSERT_TRUE (write (2 * MIB, 10));
  EXPECT_EQ (sync (), "0-2097161");
  punch (512 * KIB, MIB);
  EXPECT_EQ (sync (), "failed");
}

TEST_F (Part, AFileOfZerosThatIsOneHole)
{
  open (none, "");
  all_is_hole = true;
  ASSERT_TRUE (write (0, std::string (MIB, '\0')));
  EXPECT_EQ (sync (), "0-1048575");
  EXPECT_EQ (rest (), "0-1048575");
  open (synced_stamp, "0-1048575");
  EXPECT_EQ (written (), "0-1048575");
  ASSERT_TRUE (write (MIB, std::string (1, 'x')));
  EXPECT_EQ (sync (), "failed");
}

/* More holes than one sync checks. */
TEST_F (Part, VeryManyHoles)
{
  const gsize n = 700, step = 16 * KIB;

  open (none, "");
  for (gsize i = 0; i < n; i++) {
    std::string block = pattern (0, step);
    block.replace (4 * KIB, 4 * KIB, 4 * KIB, '\0');
    ASSERT_TRUE (write (i * step, block));
    record ();
  }
  for (gsize i = 0; i < n; i++)
    punch (i * step + 4 * KIB, i * step + 8 * KIB);
  for (int i = 0; i < 5; i++)
    ASSERT_NE (sync (), "failed");
  ASSERT_NE (rest (), "failed");
  punch (600 * step, 600 * step + 4 * KIB);
  EXPECT_EQ (seal (), "failed");
}

/* Bytes far behind in a file that can't be so large; nothing is assumed about the bytes before. */
TEST_F (Part, BytesFarBehind)
{
  open (none, "");
  ASSERT_TRUE (write (G_GUINT64_CONSTANT (1) << 43, 10)) << error.text ();
  EXPECT_EQ (sync (), "8796093022208-8796093022217");
  EXPECT_FALSE (write (G_GUINT64_CONSTANT (1) << 60, 10));
  EXPECT_NE (error.text ().find ("larger than the file system"), std::string::npos)
      << error.text ();
}

/* The kernel reports a failed write only once; a later successful sync does not prove that the bytes are there. */
TEST_F (Part, WhatASyncHasFailedForIsNotClaimed)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  EXPECT_EQ (sync (), "0-999");
  ASSERT_TRUE (write (1000, 1000));
  failing["fdatasync"] = EIO;
  EXPECT_EQ (sync (), "failed");
  failing.clear ();
  EXPECT_EQ (sync (), "failed");
  EXPECT_EQ (rest (), "failed");
  EXPECT_EQ (seal (), "failed");
  EXPECT_FALSE (sl_part_is_lost (part));
  ASSERT_TRUE (sl_part_reset (part, error.out ()));
  ASSERT_TRUE (write (0, 10));
  EXPECT_EQ (sync (), "0-9");
}

TEST_F (Part, AFileSystemWithoutSyncIsNoFailure)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  for (int err : {EINVAL, ENOSYS, EOPNOTSUPP}) {
    failing = {{"fdatasync", err}, {"fsync", err}};
    EXPECT_EQ (sync (), "0-999");
  }
  failing = {{"fsync", EIO}};
  EXPECT_EQ (seal (), "failed");
}

TEST_F (Part, RestGivesBackWhatIsNotWritten)
{
  open (none, "");
  ASSERT_TRUE (sl_part_reserve (part, 32 * MIB, error.out ()));
  EXPECT_LT (allocated (), MIB);
  ASSERT_TRUE (write (1000, MIB));
  EXPECT_GE (allocated (), 4 * MIB);
  ASSERT_TRUE (write (20 * MIB + 1000, MIB));
  EXPECT_GE (allocated (), 8 * MIB);
  EXPECT_EQ (sync (), "1000-1049575,20972520-22021095");
  EXPECT_EQ (rest (), "1000-1049575,20972520-22021095");
  EXPECT_LT (allocated (), 3 * MIB);
  EXPECT_EQ (synced_stamp.size, 21 * MIB + 1000);
  EXPECT_TRUE (read_file (path ()).substr (1000, MIB) == pattern (1000, MIB));
  EXPECT_TRUE (read_file (path ()).substr (20 * MIB + 1000) == pattern (20 * MIB + 1000, MIB));
  /* and it can be continued, by this or another part */
  ASSERT_TRUE (write (3 * MIB, 10));
  EXPECT_GE (allocated (), 5 * MIB);
  EXPECT_NE (rest (), "failed");
  open (synced_stamp, "1000-1049575,3145728-3145737,20972520-22021095");
  EXPECT_EQ (sl_part_get_written (part), 2 * MIB + 10);
}

TEST_F (Part, ReservationGrowsWithWhatArrives)
{
  guint64 before = 0;

  open (none, "");
  ASSERT_TRUE (sl_part_reserve (part, 200 * MIB, error.out ()));
  for (guint64 n = 0; n < 40; n++) {
    ASSERT_TRUE (write (n * MIB, MIB));
    record ();
    EXPECT_LE (allocated (), MAX (5 * MIB, 2 * (n + 1) * MIB) + MIB);
    /* ext4 counts the blocks of its extent tree too, and frees one when extents become one */
    EXPECT_GE (allocated () + MIB / 4, before);
    before = allocated ();
  }
  EXPECT_GE (allocated (), 60 * MIB);
}

/* Reserving space changes nothing that exists, not even the time of change. */
TEST_F (Part, ReservingTouchesNothing)
{
  const guint64 size = 3072 * MIB;
  SlStamp before = {}, after = {};

  open (none, "");
  ASSERT_TRUE (write (0, 10));
  ASSERT_TRUE (write (size - 10, std::string (10, 'x')));
  EXPECT_NE (rest (), "failed");
  ASSERT_TRUE (sl_stamp_take (&before, AT_FDCWD, path ().c_str ()));
  g_usleep (20000);
  open (synced_stamp, "0-9,3221225462-3221225471");
  EXPECT_EQ (sl_part_get_written (part), 20u);
  ASSERT_TRUE (sl_part_reserve (part, size, error.out ())) << error.text ();
  ASSERT_TRUE (sl_stamp_take (&after, AT_FDCWD, path ().c_str ()));
  EXPECT_EQ (after.changed, before.changed);
  EXPECT_EQ (after.modified, before.modified);
  char last = 0;
  int fd = ::open (path ().c_str (), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ (pread (fd, &last, 1, (off_t)size - 1), 1);
  ::close (fd);
  EXPECT_EQ (last, 'x');
}

/* Neither more than is free, nor more than may be used. */
TEST_F (Part, MinimumFreeIsKept)
{
  open (none, "");
  sl_part_set_minimum_free (part, 10 * MIB);
  failing["f_bavail"] = 20;
  EXPECT_FALSE (sl_part_reserve (part, 11 * MIB, error.out ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NO_SPACE));
  EXPECT_NE (error.text ().find ("MinimumFree"), std::string::npos) << error.text ();
  ASSERT_TRUE (sl_part_reserve (part, 10 * MIB, error.out ())) << error.text ();
  ASSERT_TRUE (write (0, MIB));
  /* others have used space: there is room for this write, but not for a step */
  failing["f_bavail"] = 11;
  ASSERT_TRUE (write (5 * MIB, MIB)) << error.text ();
  EXPECT_LT (allocated (), 6 * MIB);
  failing["f_bavail"] = 10;
  EXPECT_FALSE (write (8 * MIB, MIB));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NO_SPACE));
  /* reserved space is ours */
  EXPECT_TRUE (write (MIB, MIB));
}

TEST_F (Part, MinimumFreeIsKeptWithoutASize)
{
  open (none, "");
  sl_part_set_minimum_free (part, 10 * MIB);
  failing["f_bavail"] = 12;
  ASSERT_TRUE (write (0, 2 * MIB)) << error.text ();
  failing["f_bavail"] = 10;
  EXPECT_FALSE (write (2 * MIB, MIB));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NO_SPACE));
  failing["f_bavail"] = 15;
  EXPECT_TRUE (write (2 * MIB, MIB));
}

/* Small files are counted together. */
TEST_F (Part, MinimumFreeIsKeptBySmallFiles)
{
  int n = 0;

  failing["f_bavail"] = 10;
  for (bool ok = true; ok && n < 100; n += ok) {
    open (none, "");
    sl_part_set_minimum_free (part, 10 * MIB);
    ASSERT_TRUE (sl_part_reserve (part, 512 * KIB, error.out ()));
    ok = write (0, 512 * KIB);
  }
  EXPECT_LE (n, 8);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NO_SPACE));
  failing.clear ();
  EXPECT_TRUE (write (0, 512 * KIB));
}

TEST_F (Part, MinimumFreeByDefaultIsAPart)
{
  open (none, "");
  sl_part_set_minimum_free (part, SL_MINIMUM_FREE_AUTO);
  failing["f_bavail"] = 2;
  EXPECT_FALSE (sl_part_reserve (part, 2 * MIB, error.out ()));
  failing["f_bavail"] = 1027;
  EXPECT_TRUE (sl_part_reserve (part, 2 * MIB, error.out ()));
}

TEST_F (Part, WhatIsNoFileIsReplacedOrRefused)
{
  for (mode_t type : {S_IFIFO, S_IFSOCK, S_IFLNK, S_IFDIR}) {
    SCOPED_TRACE (type);
    g_autoptr (SlRanges) claimed = sl_ranges_new_range (0, 1000);
    open (none, "");
    ASSERT_TRUE (write (0, 1000));
    EXPECT_EQ (rest (), "0-999");
    close ();
    replace (type);
    part = sl_part_open (place, &synced_stamp, claimed, error.out ());
    if (type == S_IFDIR) {
      EXPECT_EQ (part, nullptr);
      EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
      continue;
    }
    ASSERT_NE (part, nullptr) << error.text ();
    EXPECT_EQ (written (), "");
    /* while it's open */
    replace (type);
    ASSERT_TRUE (sl_part_reserve (part, 20 * MIB, error.out ()));
    EXPECT_TRUE (write (0, MIB));
    EXPECT_EQ (sync (), "failed");
    EXPECT_TRUE (sl_part_is_lost (part));
  }
}

TEST_F (Part, ContentThatWasChangedAndItsTimeSetBackHoldsNothing)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  EXPECT_EQ (rest (), "0-999");
  EXPECT_NE (synced_stamp.changed, 0);
  overwrite_and_set_back ("evil");
  open (synced_stamp, "0-999");
  EXPECT_EQ (written (), "");
}

/* Older rows have no such time, and FAT keeps none. */
TEST_F (Part, StampsWithoutATimeOfChange)
{
  SlStamp recorded, found;

  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  EXPECT_EQ (seal (784111777), "none");
  recorded = found = synced_stamp;
  found.changed++;
  EXPECT_FALSE (sl_stamp_is_untouched (&recorded, &found));
  EXPECT_TRUE (sl_stamp_same_content (&recorded, &found));
  recorded.changed = 0;
  EXPECT_TRUE (sl_stamp_is_untouched (&recorded, &found));
  recorded.changed = 1;
  found.changed = found.modified;
  EXPECT_TRUE (sl_stamp_is_untouched (&recorded, &found));
}

TEST_F (Part, ReplacedFileHoldsNothing)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  sync ();
  close ();
  ASSERT_EQ (rename (path ().c_str (), (directory / "old").c_str ()), 0);
  write_file (path (), pattern (0, 1000));
  open (synced_stamp, "0-999");
  EXPECT_EQ (written (), "");
  EXPECT_EQ (read_file (path ()), "");
}

TEST_F (Part, MissingFileHoldsNothing)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  sync ();
  close ();
  ASSERT_EQ (unlink (path ().c_str ()), 0);
  open (synced_stamp, "0-999");
  EXPECT_EQ (written (), "");
}

TEST_F (Part, SealedFileThatWasModifiedHoldsNothing)
{
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  ASSERT_EQ (seal (784111777), "none");
  ASSERT_TRUE (synced_stamp.sealed);
  open (synced_stamp, "0-999");
  EXPECT_EQ (written (), "0-999");
  close ();

  int fd = ::open (path ().c_str (), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ (pwrite (fd, "x", 1, 500), 1);
  ::close (fd);
  open (synced_stamp, "0-999");
  EXPECT_EQ (written (), "");
}

TEST_F (Part, LinkInItsPlaceIsNotFollowed)
{
  std::string victim = directory / "victim";

  write_file (victim, "precious");
  ASSERT_EQ (symlink (victim.c_str (), path ().c_str ()), 0);
  open (none, "");
  ASSERT_TRUE (write (0, 1000));
  EXPECT_EQ (read_file (victim), "precious");

  close ();
  unlink (path ().c_str ());
  ASSERT_EQ (symlink (victim.c_str (), path ().c_str ()), 0);
  SlStamp stamp = {};
  ASSERT_TRUE (sl_stamp_take (&stamp, AT_FDCWD, victim.c_str ()));
  open (stamp, "0-7");
  EXPECT_EQ (written (), "");
  EXPECT_EQ (read_file (victim), "precious");
}

TEST_F (Part, ResetMakesANewFile)
{
  SlStamp before;

  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  ASSERT_TRUE (write (0, 1000));
  EXPECT_EQ (sync (), "0-999");
  before = synced_stamp;
  ASSERT_TRUE (sl_part_reset (part, error.out ())) << error.text ();
  EXPECT_EQ (written (), "");
  EXPECT_EQ (sl_part_get_written (part), 0u);
  EXPECT_EQ (sync (), "");
  EXPECT_FALSE (sl_stamp_same_file (&before, &synced_stamp));
  ASSERT_TRUE (write (0, "abc"));
  /* the digest covers only the new file, and the record of the old one does not apply */
  EXPECT_EQ (seal (), sha256 ("abc"));
  open (before, "0-999");
  EXPECT_EQ (written (), "");
}

TEST_F (Part, ResetAfterTheDigestWasCompleted)
{
  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  ASSERT_TRUE (write (0, "abc"));
  EXPECT_EQ (seal (), sha256 ("abc"));
  ASSERT_TRUE (sl_part_reset (part, error.out ()));
  ASSERT_TRUE (write (0, "xyz"));
  seal ();
  EXPECT_EQ (read_file (path ()), "xyz");
}

TEST_F (Part, NoticesWhenItIsLost)
{
  for (int how = 0; how < 3; how++) {
    SCOPED_TRACE (how);
    open (none, "");
    ASSERT_TRUE (write (0, 1000));
    EXPECT_EQ (sync (), "0-999");
    EXPECT_FALSE (sl_part_is_lost (part));
    if (how == 0) {
      unlink (path ().c_str ());
    } else if (how == 1) {
      unlink (path ().c_str ());
      write_file (path (), pattern (0, 1000));
    } else {
      ASSERT_EQ (truncate (path ().c_str (), 999), 0);
    }
    EXPECT_EQ (sync (), "failed");
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
    EXPECT_TRUE (sl_part_is_lost (part));
    EXPECT_EQ (seal (), "failed");
  }
}

TEST_F (Part, DigestInOrder)
{
  std::string content = pattern (0, 300000);

  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  for (gsize at = 0; at < content.size (); at += 10000)
    ASSERT_TRUE (write (at, content.substr (at, 10000)));
  EXPECT_EQ (seal (), sha256 (content));
}

TEST_F (Part, DigestOutOfOrder)
{
  std::string content = pattern (0, 3 * MIB);

  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  for (guint64 n : {1, 0, 2})
    ASSERT_TRUE (write (n * MIB, content.substr (n * MIB, MIB)));
  EXPECT_EQ (seal (), sha256 (content));
}

TEST_F (Part, DigestOfWhatAnEarlierRunBegan)
{
  std::string content = pattern (0, 200000);

  open (none, "");
  ASSERT_TRUE (write (0, content.substr (0, 100000)));
  sync ();
  open (synced_stamp, "0-99999");
  sl_part_compute_digest (part, "sha256:");
  ASSERT_TRUE (write (100000, content.substr (100000)));
  EXPECT_EQ (seal (), sha256 (content));
}

TEST_F (Part, NoDigestWhenTheBeginningIsMissing)
{
  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  ASSERT_TRUE (write (10, 10));
  EXPECT_EQ (seal (), "none");
}

TEST_F (Part, SealSetsTimeModeAndSize)
{
  mode_t mask = umask (0);
  struct stat stat;

  umask (mask);
  open (none, "");
  ASSERT_TRUE (sl_part_reserve (part, 2 * MIB, error.out ()));
  ASSERT_TRUE (write (0, 1000));
  ASSERT_EQ (seal (784111777), "none") << error.text ();
  ASSERT_EQ (::stat (path ().c_str (), &stat), 0);
  EXPECT_EQ (stat.st_mtim.tv_sec, 784111777);
  EXPECT_EQ (stat.st_mtim.tv_nsec, 0);
  EXPECT_EQ (stat.st_mode & 07777, 0666u & ~mask);
  EXPECT_EQ (stat.st_size, 1000);
  EXPECT_TRUE (synced_stamp.sealed);
  EXPECT_EQ (synced_stamp.size, 1000u);
  EXPECT_EQ (synced_stamp.modified, G_GINT64_CONSTANT (784111777) * 1000000000);
}

TEST_F (Part, SealWithoutATimeLeavesIt)
{
  gint64 before = g_get_real_time () / G_USEC_PER_SEC;

  open (none, "");
  ASSERT_TRUE (write (0, 10));
  seal (0);
  EXPECT_GE (synced_stamp.modified / 1000000000, before - 1);
}

TEST_F (Part, EmptyFileCanBeSealed)
{
  open (none, "");
  sl_part_compute_digest (part, "sha256:");
  EXPECT_EQ (seal (), sha256 (""));
  EXPECT_EQ (synced_stamp.size, 0u);
}
