/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base: ranges, ids, digests, the error table, the enumerations' names. */
#include "unit.h"

#include "base/address.h"
#include "base/digest.h"
#include "base/enums.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/id.h"
#include "base/ranges.h"
#include "base/text.h"

#include <cerrno>
#include <fcntl.h>
#include <gio/gio.h>
#include <random>
#include <set>

namespace
{

using Ranges = std::unique_ptr<SlRanges, decltype (&sl_ranges_unref)>;

Ranges
own (SlRanges *ranges)
{
  return Ranges (ranges, sl_ranges_unref);
}

Ranges
parse (const char *text)
{
  return own (sl_ranges_from_string (text));
}

std::string
print (const Ranges &ranges)
{
  return take (sl_ranges_to_string (ranges.get ()));
}

} // namespace

TEST (Ranges, EmptySet)
{
  Ranges set = own (sl_ranges_new ());

  EXPECT_EQ (sl_ranges_count (set.get ()), 0u);
  EXPECT_EQ (sl_ranges_total (set.get ()), 0u);
  EXPECT_EQ (sl_ranges_end (set.get ()), 0u);
  EXPECT_EQ (print (set), "");
  EXPECT_TRUE (sl_ranges_contains (set.get (), 5, 5));
  EXPECT_FALSE (sl_ranges_contains (set.get (), 5, 6));
  EXPECT_FALSE (sl_ranges_overlaps (set.get (), 0, SL_SIZE_UNKNOWN));
}

TEST (Ranges, AddMergesOverlappingAndAdjacent)
{
  Ranges set = own (sl_ranges_new_range (10, 20));

  sl_ranges_add (set.get (), 30, 40);
  EXPECT_EQ (print (set), "10-19,30-39");
  sl_ranges_add (set.get (), 20, 25);
  EXPECT_EQ (print (set), "10-24,30-39");
  sl_ranges_add (set.get (), 0, 1);
  EXPECT_EQ (print (set), "0-0,10-24,30-39");
  sl_ranges_add (set.get (), 24, 31);
  EXPECT_EQ (print (set), "0-0,10-39");
  sl_ranges_add (set.get (), 1, 10);
  EXPECT_EQ (print (set), "0-39");
  sl_ranges_add (set.get (), 50, 50);
  EXPECT_EQ (print (set), "0-39");
  sl_ranges_add (set.get (), 60, 50);
  EXPECT_EQ (print (set), "0-39");
}

TEST (Ranges, RemoveCutsAndSplits)
{
  Ranges set = own (sl_ranges_new_range (0, 100));

  sl_ranges_remove (set.get (), 40, 60);
  EXPECT_EQ (print (set), "0-39,60-99");
  sl_ranges_remove (set.get (), 39, 61);
  EXPECT_EQ (print (set), "0-38,61-99");
  sl_ranges_remove (set.get (), 38, 38);
  EXPECT_EQ (print (set), "0-38,61-99");
  sl_ranges_remove (set.get (), 0, 5);
  sl_ranges_remove (set.get (), 90, SL_SIZE_UNKNOWN);
  EXPECT_EQ (print (set), "5-38,61-89");
  sl_ranges_remove (set.get (), 0, SL_SIZE_UNKNOWN);
  EXPECT_EQ (print (set), "");
}

TEST (Ranges, ReachesToTheEndOfAllNumbers)
{
  Ranges set = own (sl_ranges_new_range (0, SL_SIZE_UNKNOWN));
  Ranges back = own (nullptr);

  EXPECT_TRUE (sl_ranges_contains (set.get (), G_MAXUINT64 - 2, G_MAXUINT64));
  EXPECT_EQ (sl_ranges_total (set.get ()), G_MAXUINT64);
  back = parse (print (set).c_str ());
  ASSERT_TRUE (back);
  EXPECT_TRUE (sl_ranges_equal (set.get (), back.get ()));
  sl_ranges_remove (set.get (), 1, G_MAXUINT64 - 1);
  EXPECT_EQ (print (set), "0-0,18446744073709551614-18446744073709551614");
}

TEST (Ranges, OverlapsAndContainsAtTheEdges)
{
  Ranges set = parse ("10-19,30-39");

  EXPECT_FALSE (sl_ranges_overlaps (set.get (), 0, 10));
  EXPECT_TRUE (sl_ranges_overlaps (set.get (), 0, 11));
  EXPECT_FALSE (sl_ranges_overlaps (set.get (), 20, 30));
  EXPECT_TRUE (sl_ranges_overlaps (set.get (), 20, 31));
  EXPECT_TRUE (sl_ranges_overlaps (set.get (), 19, 20));
  EXPECT_FALSE (sl_ranges_overlaps (set.get (), 40, 100));
  EXPECT_FALSE (sl_ranges_overlaps (set.get (), 15, 15));
  EXPECT_TRUE (sl_ranges_contains (set.get (), 10, 20));
  EXPECT_FALSE (sl_ranges_contains (set.get (), 10, 21));
  EXPECT_FALSE (sl_ranges_contains (set.get (), 9, 20));
  EXPECT_FALSE (sl_ranges_contains (set.get (), 15, 35));
}

TEST (Ranges, WholeSetsAddAndRemove)
{
  Ranges a = parse ("0-9,20-29"), b = parse ("5-24,40-49");
  Ranges sum = own (sl_ranges_copy (a.get ())), difference = own (sl_ranges_copy (a.get ()));

  sl_ranges_add_all (sum.get (), b.get ());
  sl_ranges_remove_all (difference.get (), b.get ());
  EXPECT_EQ (print (sum), "0-29,40-49");
  EXPECT_EQ (print (difference), "0-4,25-29");
  EXPECT_EQ (print (a), "0-9,20-29");
  EXPECT_EQ (sl_ranges_get (sum.get (), 1)->start, 40u);
  EXPECT_EQ (sl_ranges_get (sum.get (), 1)->end, 50u);
  EXPECT_FALSE (sl_ranges_equal (a.get (), b.get ()));
  sl_ranges_clear (sum.get ());
  EXPECT_EQ (sl_ranges_count (sum.get ()), 0u);
}

TEST (Ranges, BadTextIsRefused)
{
  for (const char *text : {"1", "1-", "-1", "5-4", "a-b", "0-1,", ",0-1", "0-1 ", " 0-1", "0x1-2",
                           "1-2-3", "0-18446744073709551615", "0-99999999999999999999", "+1-2"})
    EXPECT_FALSE (parse (text)) << text;
}

/* Random operations, compared with a simple set. */
TEST (Ranges, SameAsAPlainSet)
{
  std::mt19937 random (20261120);
  const int n = 64;

  for (int round = 0; round < 100; round++) {
    Ranges set = own (sl_ranges_new ());
    std::set<int> model;

    for (int step = 0; step < 60; step++) {
      int start = (int)(random () % n), end = start + (int)(random () % 12);
      bool add = random () % 2 == 0, inside = true, touched = false;

      for (int i = start; i < end; i++) {
        inside = inside && model.count (i) > 0;
        touched = touched || model.count (i) > 0;
      }
      ASSERT_EQ (sl_ranges_contains (set.get (), start, end), inside)
          << print (set) << " contains " << start << ".." << end;
      ASSERT_EQ (sl_ranges_overlaps (set.get (), start, end), touched)
          << print (set) << " overlaps " << start << ".." << end;
      Ranges window = own (sl_ranges_new ());
      sl_ranges_add (window.get (), start, end);
      sl_ranges_add (window.get (), 60, 63);
      guint64 common = 0;
      for (int i : model)
        common += (i >= start && i < end) || (i >= 60 && i < 63);
      ASSERT_EQ (sl_ranges_total_within (set.get (), window.get ()), common);
      ASSERT_EQ (sl_ranges_total_within (window.get (), set.get ()), common);
      ASSERT_EQ (sl_ranges_total_within (set.get (), nullptr), model.size ());
      if (add)
        sl_ranges_add (set.get (), start, end);
      else
        sl_ranges_remove (set.get (), start, end);
      for (int i = start; i < end; i++)
        add ? (void)model.insert (i) : (void)model.erase (i);

      std::set<int> found;
      for (guint i = 0; i < sl_ranges_count (set.get ()); i++) {
        const SlRange *range = sl_ranges_get (set.get (), i);
        ASSERT_LT (range->start, range->end);
        ASSERT_TRUE (i == 0 || sl_ranges_get (set.get (), i - 1)->end < range->start)
            << print (set);
        for (guint64 byte = range->start; byte < range->end; byte++)
          found.insert ((int)byte);
      }
      ASSERT_EQ (found, model) << print (set);
      ASSERT_EQ (sl_ranges_total (set.get ()), model.size ());
      ASSERT_EQ (sl_ranges_end (set.get ()), model.empty () ? 0u : (guint64)*model.rbegin () + 1);
      Ranges back = parse (print (set).c_str ());
      ASSERT_TRUE (back && sl_ranges_equal (back.get (), set.get ())) << print (set);
    }
  }
}

TEST (Id, RandomOnesDifferAndRoundTrip)
{
  SlId a, b, back;

  sl_id_init_random (&a);
  sl_id_init_random (&b);
  EXPECT_STRNE (a.text, b.text);
  ASSERT_TRUE (sl_id_parse (&back, a.text));
  EXPECT_STREQ (back.text, a.text);
  ASSERT_TRUE (sl_id_parse_path (&back, take (sl_id_to_path (&b)).c_str ()));
  EXPECT_STREQ (back.text, b.text);
  ASSERT_TRUE (sl_id_parse_node (&back, take (sl_id_to_node (&a)).c_str ()));
  EXPECT_STREQ (back.text, a.text);
}

TEST (Id, PathIsAnObjectPath)
{
  SlId id;

  ASSERT_TRUE (sl_id_parse (&id, "0f8fad5b-d9cb-469f-a165-70867728950e"));
  EXPECT_EQ (take (sl_id_to_path (&id)),
             "/org/sluice/Sluice1/download/0f8fad5b_d9cb_469f_a165_70867728950e");
  EXPECT_TRUE (g_variant_is_object_path (take (sl_id_to_path (&id)).c_str ()));
}

TEST (Id, WhatIsNoneIsRefused)
{
  SlId id;

  for (const char *text :
       {"", "0f8fad5b", "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "0f8fad5b_d9cb_469f_a165_70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950g",
        "0f8fad5b-d9cb-469f-a165-70867728950e0", "../../../../../../../../etc/passwd/.."})
    EXPECT_FALSE (sl_id_parse (&id, text)) << text;
  EXPECT_FALSE (sl_id_parse_node (&id, "0f8fad5b-d9cb-469f-a165-70867728950e"));
  EXPECT_FALSE (sl_id_parse_path (&id, "/org/sluice/Sluice1/download"));
  EXPECT_FALSE (sl_id_parse_path (&id, "/org/sluice/Sluice1/download/"));
  EXPECT_FALSE (sl_id_parse_path (&id, "/org/other/download/0f8fad5b_d9cb_469f_a165_70867728950e"));
}

static std::string
digest_of (const char *algorithm, const std::vector<std::string> &pieces)
{
  g_autoptr (SlDigest) digest = sl_digest_new (algorithm);

  for (const std::string &piece : pieces)
    sl_digest_update (digest, piece.data (), piece.size ());
  return take (sl_digest_finish (digest));
}

/* FIPS 180-4's examples. */
TEST (Digest, KnownVectors)
{
  EXPECT_EQ (digest_of ("sha256:", {"abc"}),
             "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ (digest_of ("sha256:", {}),
             "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ (digest_of ("sha256:",
                        {"abcdbcdecdefdefgefghfghi", "", "ghijhijkijkljklmklmnlmnomnopnopq"}),
             "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ (digest_of ("sha512:", {"a", "bc"}),
             "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
             "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST (Digest, RenewForgetsWhatWasGiven)
{
  g_autoptr (SlDigest) digest = sl_digest_new ("sha256:");
  g_autoptr (SlDigest) fresh = nullptr;

  sl_digest_update (digest, "spoilt", 6);
  fresh = sl_digest_renew (digest);
  sl_digest_update (fresh, "abc", 3);
  EXPECT_EQ (take (sl_digest_finish (fresh)), digest_of ("sha256:", {"abc"}));
}

/* Like a segment that computes while bytes arrive, and reads back what arrived out of order. */
TEST (Digest, GoesOnInAFileWhereItIs)
{
  Directory directory;
  g_autoptr (SlDigest) digest = sl_digest_new ("sha256:");
  const std::string content (3 * 1024 * 1024 + 7, 'x');

  write_file (directory / "file", content);
  g_auto (SlFd) fd = open ((directory / "file").c_str (), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ (sl_digest_get_position (digest), 0u);
  sl_digest_update (digest, content.data (), 100);
  EXPECT_EQ (sl_digest_get_position (digest), 100u);
  EXPECT_TRUE (sl_digest_read (digest, fd, 1024 * 1024 + 1));
  EXPECT_EQ (sl_digest_get_position (digest), 1024u * 1024 + 1);
  EXPECT_TRUE (sl_digest_read (digest, fd, G_MAXUINT64));
  EXPECT_EQ (sl_digest_get_position (digest), content.size ());
  EXPECT_EQ (take (sl_digest_finish (digest)), digest_of ("sha256:", {content}));
}

TEST (Digest, AnErrorOfReadingIsTold)
{
  Directory directory;
  g_autoptr (SlDigest) digest = sl_digest_new ("sha256:");
  g_auto (SlFd) fd = open (directory.c_str (), O_RDONLY | O_CLOEXEC);

  EXPECT_FALSE (sl_digest_read (digest, fd, 1));
  EXPECT_EQ (errno, EISDIR);
}

TEST (Digest, TextIsMadeLowerCase)
{
  std::string hex (64, 'A'), long_hex (128, 'f');
  Error error;

  EXPECT_EQ (take (sl_digest_normalize (("SHA256:" + hex).c_str (), error.out ())),
             "sha256:" + std::string (64, 'a'));
  EXPECT_EQ (take (sl_digest_normalize (("sha512:" + long_hex).c_str (), error.out ())),
             "sha512:" + long_hex);
}

TEST (Digest, BadTextIsRefused)
{
  std::string hex (64, 'a');

  for (const std::string &text :
       {std::string (), hex, "sha256" + hex, "sha256:" + hex.substr (1), "sha256:" + hex + "a",
        "sha256:" + hex.substr (1) + "g", "sha512:" + hex, "md5:" + hex.substr (32),
        " sha256:" + hex, "sha256: " + hex.substr (1), "sha256:" + hex + " "}) {
    Error error;
    EXPECT_EQ (take (sl_digest_normalize (text.c_str (), error.out ())), "(null)") << text;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << text;
  }
}

TEST (ErrorTable, NamesDifferAndRoundTrip)
{
  std::set<std::string> names;

  for (int i = 0; i < SLUICE_N_ERRORS; i++) {
    std::string name = take (sl_error_dbus_name ((SluiceError)i));
    SluiceError back;

    EXPECT_TRUE (names.insert (name).second) << name;
    EXPECT_TRUE (g_dbus_is_interface_name (name.c_str ())) << name;
    ASSERT_TRUE (sl_error_from_dbus_name (name.c_str (), &back)) << name;
    EXPECT_EQ (back, i);
    EXPECT_STRNE (sl_error_text ((SluiceError)i), "");
    EXPECT_STRNE (sl_error_context_to_string (sl_error_info ((SluiceError)i)->context), "") << name;
  }
}

TEST (ErrorTable, StrangeNamesAndCodes)
{
  SluiceError code;

  EXPECT_FALSE (sl_error_from_dbus_name ("org.sluice.Sluice1.Error.", &code));
  EXPECT_FALSE (sl_error_from_dbus_name ("org.sluice.Sluice1.Error.Nothing", &code));
  EXPECT_FALSE (sl_error_from_dbus_name ("org.freedesktop.DBus.Error.Failed", &code));
  EXPECT_FALSE (sl_error_from_dbus_name ("Timeout", &code));
  EXPECT_EQ (sl_error_info ((SluiceError)SLUICE_N_ERRORS), sl_error_info (SLUICE_ERROR_INTERNAL));
  EXPECT_EQ (sl_error_info ((SluiceError)-1), sl_error_info (SLUICE_ERROR_INTERNAL));
}

TEST (ErrorTable, GDBusMapsBothWays)
{
  for (int i = 0; i < SLUICE_N_ERRORS; i++) {
    g_autoptr (GError) error = g_error_new_literal (SLUICE_ERROR, i, "text");
    std::string name = take (g_dbus_error_encode_gerror (error));
    g_autoptr (GError) back = g_dbus_error_new_for_dbus_error (name.c_str (), "text");

    EXPECT_EQ (name, take (sl_error_dbus_name ((SluiceError)i)));
    EXPECT_TRUE (g_error_matches (back, SLUICE_ERROR, i)) << name;
  }
}

TEST (ErrorTable, ErrnoIsFullOrLocal)
{
  Error error;

  for (int full : {ENOSPC, EDQUOT}) {
    sl_error_set_errno (error.out (), full, "write", "/a/b");
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_NO_SPACE)) << full;
  }
  sl_error_set_errno (error.out (), EACCES, "write", "/a/b");
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
  EXPECT_NE (error.text ().find ("/a/b"), std::string::npos);
  EXPECT_TRUE (sl_error_info (SLUICE_ERROR_NO_SPACE)->transient);
  EXPECT_FALSE (sl_error_info (SLUICE_ERROR_LOCAL_FILE)->transient);
}

TEST (Address, ServersAreKnownByHostAndPort)
{
  const char *const rows[][2] = {
      {"http://A.example/b", "a.example"},
      {"https://a.example:8443?q=/", "a.example:8443"},
      {"http://[::1]:80/x#y", "[::1]:80"},
      {"http://a.example", "a.example"},
  };

  for (const auto &row : rows)
    EXPECT_EQ (take (sl_address_dup_server (row[0])), row[1]) << row[0];
}

/* Each value has a name of its own, and the name gives the value. */
static void
check_names (const SlWords &words, guint n)
{
  std::set<std::string> names;
  guint back;

  ASSERT_EQ (words.n, n);
  for (guint i = 0; i < n; i++) {
    const char *name = words.words[i];
    EXPECT_TRUE (names.insert (name).second) << name;
    ASSERT_TRUE (sl_words_find (&words, name, &back)) << name;
    EXPECT_EQ (back, i);
  }
  back = 1;
  for (const char *wrong : {"", "nothing", " queued", "NORMAL", "Allow"})
    EXPECT_FALSE (sl_words_find (&words, wrong, &back)) << wrong;
  EXPECT_EQ (back, 1u);
}

TEST (Enums, StateNames)
{
  check_names (sl_state_words, SL_N_STATES);
  for (guint i = 0; i < SL_N_STATES; i++)
    EXPECT_STREQ (sl_state_to_string ((SlState)i), sl_state_words.words[i]);
}

TEST (Enums, PriorityNames)
{
  check_names (sl_priority_words, SL_N_PRIORITIES);
  EXPECT_LT (SL_PRIORITY_FOREGROUND, SL_PRIORITY_LOW);
}

TEST (Enums, RedirectPolicyNames)
{
  check_names (sl_redirect_policy_words, SL_REDIRECT_REFUSE + 1);
}

TEST (Enums, SetsOfFlags)
{
  for (int set = 0; set < 8; set++) {
    g_autofree const char **names = sl_words_to_strv (&sl_security_words, (guint)set);
    guint back = 0xff;

    ASSERT_TRUE (sl_words_from_strv (&sl_security_words, names, &back));
    EXPECT_EQ ((int)back, set);
    EXPECT_EQ ((int)g_strv_length ((char **)names), __builtin_popcount ((unsigned)set));
  }
  const char *const wrong[] = {"ignore-date", "ignore-everything", nullptr};
  guint untouched = SL_SECURITY_IGNORE_UNKNOWN_CA;
  EXPECT_FALSE (sl_words_from_strv (&sl_security_words, wrong, &untouched));
  EXPECT_EQ (untouched, (guint)SL_SECURITY_IGNORE_UNKNOWN_CA);
}

TEST (Enums, ReasonNames)
{
  g_autofree const char **none = sl_reasons_to_strv (SL_REASON_NONE);
  g_autofree const char **two =
      sl_reasons_to_strv ((SlReasons)(SL_REASON_DISK_FULL | SL_REASON_NO_NETWORK));

  EXPECT_EQ (none[0], nullptr);
  EXPECT_STREQ (two[0], "no-network");
  EXPECT_STREQ (two[1], "disk-full");
  EXPECT_EQ (two[2], nullptr);
}

TEST (Error, TooManyOpenFilesPass)
{
  for (int err : {EMFILE, ENFILE}) {
    g_autoptr (GError) error = nullptr;
    sl_error_set_errno (&error, err, "open", "/a\nb");
    EXPECT_TRUE (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED));
    EXPECT_TRUE (sl_error_info ((SluiceError)error->code)->transient);
    EXPECT_NE (std::string (error->message).find ("/a\\nb"), std::string::npos) << error->message;
    EXPECT_TRUE (sl_error_is_descriptors (err));
  }
  EXPECT_FALSE (sl_error_is_descriptors (ENOSPC));
}

/* The sets are compared with bits, and with adding one range at a time. */
TEST (Ranges, WholeSetsAreAddedAndRemovedRight)
{
  std::mt19937 random (7);

  for (int round = 0; round < 300; round++) {
    Ranges a = own (sl_ranges_new ()), b = own (sl_ranges_new ());
    std::vector<bool> in_a (200), in_b (200);
    for (int i = 0; i < 12; i++) {
      for (auto *set : {&in_a, &in_b}) {
        guint64 start = random () % 190, end = start + 1 + random () % 10;
        sl_ranges_add (set == &in_a ? a.get () : b.get (), start, end);
        std::fill (set->begin () + (long)start, set->begin () + (long)end, true);
      }
    }
    Ranges sum = own (sl_ranges_copy (a.get ()));
    sl_ranges_add_all (sum.get (), b.get ());
    Ranges difference = own (sl_ranges_copy (a.get ()));
    sl_ranges_remove_all (difference.get (), b.get ());
    for (guint64 i = 0; i < 200; i++) {
      EXPECT_EQ (sl_ranges_contains (sum.get (), i, i + 1), in_a[i] || in_b[i]);
      EXPECT_EQ (sl_ranges_contains (difference.get (), i, i + 1), in_a[i] && !in_b[i]);
    }
    for (const Ranges *set : {&sum, &difference}) {
      EXPECT_TRUE (sl_ranges_equal (parse (print (*set).c_str ()).get (), set->get ()));
      for (guint i = 1; i < sl_ranges_count (set->get ()); i++)
        EXPECT_GT (sl_ranges_get (set->get (), i)->start, sl_ranges_get (set->get (), i - 1)->end);
    }
  }
}

TEST (Ranges, FirstStretchOutside)
{
  g_autoptr (SlRanges) written = sl_ranges_from_string ("0-9,20-29");
  g_autoptr (SlRanges) taken = sl_ranges_from_string ("10-14");
  g_autoptr (SlRanges) wanted = sl_ranges_from_string ("5-24,90-199");
  SlRange missing;

  ASSERT_TRUE (sl_ranges_find_outside (nullptr, 100, written, nullptr, &missing));
  EXPECT_EQ (missing.start, 10u);
  EXPECT_EQ (missing.end, 20u);
  ASSERT_TRUE (sl_ranges_find_outside (nullptr, 100, written, taken, &missing));
  EXPECT_EQ (missing.start, 15u);
  EXPECT_EQ (missing.end, 20u);
  sl_ranges_add (taken, 15, 20);
  ASSERT_TRUE (sl_ranges_find_outside (nullptr, SL_SIZE_UNKNOWN, written, taken, &missing));
  EXPECT_EQ (missing.start, 30u);
  EXPECT_EQ (missing.end, SL_SIZE_UNKNOWN);
  /* what was wanted behind the end can't be had */
  ASSERT_TRUE (sl_ranges_find_outside (wanted, 100, written, taken, &missing));
  EXPECT_EQ (missing.start, 90u);
  EXPECT_EQ (missing.end, 100u);
  EXPECT_FALSE (sl_ranges_find_outside (wanted, 50, written, taken, &missing));
}

/* Filling what is missing, one by one, brings everything and nothing twice. */
TEST (Ranges, FillingWhatIsMissingComesToAnEnd)
{
  std::mt19937 random (7);

  for (int round = 0; round < 200; round++) {
    g_autoptr (SlRanges) written = sl_ranges_new ();
    guint64 size = random () % 500;
    SlRange missing;

    for (int i = 0; i < 5; i++) {
      guint64 start = random () % 500;
      sl_ranges_add (written, start, start + random () % 50);
    }
    sl_ranges_remove (written, size, SL_SIZE_UNKNOWN);
    for (int n = 0; sl_ranges_find_outside (nullptr, size, written, nullptr, &missing); n++) {
      ASSERT_LT (n, 20);
      ASSERT_LT (missing.start, missing.end);
      ASSERT_FALSE (sl_ranges_overlaps (written, missing.start, missing.end));
      sl_ranges_add (written, missing.start, missing.end);
    }
    EXPECT_TRUE (sl_ranges_contains (written, 0, size));
    EXPECT_EQ (sl_ranges_end (written), size);
  }
}

/* Adding tells how much was new, and the first stretch outside is what bits say. */
TEST (Ranges, FirstStretchOutsideOfTwoSets)
{
  std::mt19937 random (7);

  for (int round = 0; round < 500; round++) {
    std::vector<Ranges> sets;
    std::vector<std::vector<bool>> in (3, std::vector<bool> (200));
    for (auto &bits : in) {
      Ranges set = own (sl_ranges_new ());
      for (int i = 0; i < 15; i++) {
        guint64 start = random () % 190, end = start + 1 + random () % 10;
        auto was = std::count (bits.begin (), bits.end (), true);
        guint64 added = sl_ranges_add (set.get (), start, end);
        std::fill (bits.begin () + (long)start, bits.begin () + (long)end, true);
        EXPECT_EQ (added, std::count (bits.begin (), bits.end (), true) - was);
      }
      sets.push_back (std::move (set));
    }
    guint64 size = random () % 220;
    const SlRanges *wanted = round % 3 ? sets[0].get () : nullptr;
    const SlRanges *taken = round % 2 ? sets[2].get () : nullptr;
    auto is_outside = [&] (guint64 i) {
      return i < std::min<guint64> (size, 200) && (wanted == nullptr || in[0][i]) && !in[1][i] &&
             (taken == nullptr || !in[2][i]);
    };
    guint64 start = 0, end;
    while (start < 200 && !is_outside (start))
      start++;
    for (end = start; is_outside (end); end++)
      ;
    SlRange found;
    bool any = sl_ranges_find_outside (wanted, std::min<guint64> (size, 200), sets[1].get (), taken,
                                       &found);
    ASSERT_EQ (any, start < 200) << round;
    if (any) {
      EXPECT_EQ (found.start, start);
      EXPECT_EQ (found.end, end);
    }
  }
}

/* Half a million ranges in each: time in proportion to their product would be hours. */
TEST (Ranges, VeryManyTakeNoTime)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (SlRange));
  const guint n = 500000;

  for (guint i = n; i > 0; i--) {
    SlRange range = {i * 10, i * 10 + 3};
    g_array_append_val (array, range);
  }
  Ranges all = own (sl_ranges_new_sorted (array)), others = own (sl_ranges_new ());
  EXPECT_EQ (sl_ranges_count (all.get ()), n);
  for (guint i = 1; i <= n; i++)
    sl_ranges_add (others.get (), i * 10 + 1, i * 10 + 2);
  sl_ranges_remove_all (all.get (), others.get ());
  EXPECT_EQ (sl_ranges_count (all.get ()), 2 * n);
  sl_ranges_add_all (all.get (), others.get ());
  EXPECT_EQ (sl_ranges_count (all.get ()), n);
  EXPECT_EQ (sl_ranges_total (all.get ()), 3u * n);
  SlRange outside;
  sl_ranges_remove (all.get (), n * 10 + 2, n * 10 + 3);
  Ranges wanted = own (sl_ranges_copy (all.get ()));
  sl_ranges_add (wanted.get (), n * 10 + 2, n * 10 + 3);
  ASSERT_TRUE (
      sl_ranges_find_outside (wanted.get (), SL_SIZE_UNKNOWN, all.get (), others.get (), &outside));
  EXPECT_EQ (outside.start, n * 10 + 2);
  EXPECT_EQ (outside.end, n * 10 + 3);
}

TEST (Ranges, OfAnyOrderButNotOverlapping)
{
  auto sorted = [] (std::vector<SlRange> list) {
    g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (SlRange));
    g_array_append_vals (array, list.data (), (guint)list.size ());
    SlRanges *ranges = sl_ranges_new_sorted (array);
    std::string text = ranges != nullptr ? take (sl_ranges_to_string (ranges)) : "overlap";
    g_clear_pointer (&ranges, sl_ranges_unref);
    return text;
  };

  EXPECT_EQ (sorted ({{30, 40}, {10, 20}, {20, 25}}), "10-24,30-39");
  EXPECT_EQ (sorted ({{30, SL_SIZE_UNKNOWN}, {10, 20}}), "10-19,30-18446744073709551614");
  EXPECT_EQ (sorted ({{30, 40}, {39, 50}}), "overlap");
  EXPECT_EQ (sorted ({{30, 40}, {30, 40}}), "overlap");
  EXPECT_EQ (sorted ({{1, SL_SIZE_UNKNOWN}, {30, 40}}), "overlap");
}

TEST (Text, CleanTextStaysAsItIs)
{
  EXPECT_EQ (take (sl_text_clean ("Not Found – né “日本” 😀", 100)), "Not Found – né “日本” 😀");
  EXPECT_EQ (take (sl_text_clean ("", 100)), "");
  EXPECT_EQ (take (sl_text_clean (nullptr, 100)), "");
  EXPECT_TRUE (sl_text_is_clean ("Not Found – 日本", 100));
}

TEST (Text, WhatIsInvalidOrActsOnAScreenIsReplaced)
{
  const char *const unsafe[] = {
      "\xff",   "\xc3",         "\xed\xa0\x80", "\n",           "\r",           "\t",
      "\x1b",   "\x7f",         "\xc2\x9b",     "\xe2\x80\x8b", "\xe2\x80\x8f", "\xe2\x80\xa8",
      "\u2029", "\xe2\x80\xae", "\u2066",       "\ufeff",       "\U000e0041",
  };

  for (const char *text : unsafe) {
    std::string whole = std::string ("a") + text + "b";
    std::string clean = take (sl_text_clean (whole.c_str (), 100));
    EXPECT_TRUE (g_utf8_validate (clean.c_str (), -1, nullptr));
    EXPECT_EQ (clean.substr (0, 4), "a\ufffd") << clean;
    EXPECT_EQ (clean.back (), 'b');
    EXPECT_TRUE (sl_text_is_clean (clean.c_str (), 100));
    EXPECT_FALSE (sl_text_is_clean (whole.c_str (), 100));
  }
}

TEST (Text, WhatIsTooLongIsCutBetweenCharacters)
{
  std::string bytes (60000, '\xff');

  EXPECT_EQ (take (sl_text_clean ("0123456789", 10)), "0123456789");
  EXPECT_EQ (take (sl_text_clean ("0123456789x", 10)), "0123456…");
  EXPECT_EQ (take (sl_text_clean ("01234é6789x", 10)), "01234é…");
  EXPECT_EQ (take (sl_text_clean ("012345é789x", 10)), "012345…");
  EXPECT_EQ (take (sl_text_clean ("abcd", 2)), "");
  for (gsize max = 0; max < 40; max++)
    EXPECT_LE (take (sl_text_clean (bytes.c_str (), max)).size (), max);
  EXPECT_FALSE (sl_text_is_clean ("0123456789x", 10));
}

TEST (Text, AnAddressIsShownWithoutWhatMayBeSecret)
{
  EXPECT_EQ (take (sl_text_address ("https://a.example/f?sig=S1")), "https://a.example/f");
  EXPECT_EQ (take (sl_text_address ("https://a.example/f#S1")), "https://a.example/f");
  EXPECT_EQ (take (sl_text_address ("https://u:S1@a.example/f")), "https://a.example/f");
  EXPECT_EQ (take (sl_text_address ("https://u:S1@S2@a.example")), "https://a.example");
  EXPECT_EQ (take (sl_text_address ("//u:S1@a.example/a@b")), "//a.example/a@b");
  EXPECT_EQ (take (sl_text_address ("/f?S1")), "/f");
  EXPECT_EQ (take (sl_text_address ("https://a.example/\n\xff")), "https://a.example/\ufffd\ufffd");
  EXPECT_LE (take (sl_text_address (std::string (9000, 'a').c_str ())).size (), 256u);
}

TEST (Text, APathIsShownOnOneLine)
{
  EXPECT_EQ (take (sl_text_path ("/home/né/a b")), "/home/né/a b");
  EXPECT_EQ (take (sl_text_path ("/a\nsluiced: b\\")), "/a\\nsluiced: b\\\\");
  EXPECT_EQ (take (sl_text_path ("/\x1b\xff")), "/\\033\\377");
  EXPECT_EQ (take (sl_text_path ("/\u202e\U000e0041")), "/\\u202e\\U000e0041");
}

TEST (Fd, ClosesItselfAndLeavesErrno)
{
  int number, stolen;

  {
    g_auto (SlFd) fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    g_auto (SlFd) kept = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    g_auto (SlFd) G_GNUC_UNUSED none = -1;
    number = fd;
    stolen = sl_fd_steal (&kept);
    EXPECT_EQ (kept, -1);
    errno = ENOSPC;
  }
  EXPECT_EQ (errno, ENOSPC);
  EXPECT_EQ (fcntl (number, F_GETFD), -1);
  EXPECT_EQ (close (stolen), 0);
}
