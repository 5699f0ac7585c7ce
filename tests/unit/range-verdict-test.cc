/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http/range-verdict: the verdict on a response to a request for a file or a range of it. */
#include "unit.h"

#include "base/error.h"
#include "http/content-range.h"
#include "http/range-verdict.h"

namespace
{

const guint64 UNKNOWN = SL_SIZE_UNKNOWN;
const char A[] = "\"a\"", B[] = "\"b\"", WEAK[] = "W/\"a\"";
const char MONDAY[] = "Mon, 01 Jan 2024 00:00:00 GMT";
const char TUESDAY[] = "Tue, 02 Jan 2024 00:00:00 GMT";

/* A version of a file; nullptr: unknown. */
struct Version {
  const char *etag, *modified;
  guint64 size;

  SlValidator
  validator () const
  {
    return {const_cast<char *> (etag), const_cast<char *> (modified), FALSE, size};
  }
};

/* Requests for the whole of any version, a range of any, and a range of the version of 10 bytes with the tag A. */
const Version known_version = {A, nullptr, 10};
const SlValidator known = known_version.validator ();
const SlRangeAsked whole = {};
const SlRangeAsked middle = {TRUE, 2, 5, nullptr};
const SlRangeAsked middle_of_known = {TRUE, 2, 5, &known};
const SlRangeAsked rest_of_known = {TRUE, 2, UNKNOWN, &known};

struct Facts {
  guint status;
  const char *content_range;
  guint64 length;
  const char *etag = nullptr, *modified = nullptr;
  bool has_parts = false;
  bool unchecked = false;

  SlResponse
  response () const
  {
    SlResponse made = {};

    made.status = status;
    made.reason = const_cast<char *> ("Reason");
    made.host = const_cast<char *> ("h");
    made.checked = !unchecked;
    made.length = length;
    made.has_parts = has_parts;
    made.content_range = const_cast<char *> (content_range);
    made.validator = Version{etag, modified, UNKNOWN}.validator ();
    return made;
  }
};

struct Row {
  int line;
  SlRangeAsked asked;
  Facts facts;
  SlVerdict verdict;
  SlRangeFault fault;
};

/* Each rule once, in the order of the header file. */
const Row rules[] = {
    {__LINE__, middle, {206, "bytes 2-4/10", 3, A}, SL_VERDICT_RANGE, SL_FAULT_NONE},
    {__LINE__, middle_of_known, {206, "bytes 2-4/10", 3, A}, SL_VERDICT_RANGE, SL_FAULT_NONE},
    {__LINE__,
     middle_of_known,
     {206, "bytes 2-4/10", 3, A, nullptr, true},
     SL_VERDICT_BAD_RANGE,
     SL_FAULT_SEVERAL_PARTS},
    {__LINE__,
     whole,
     {206, "bytes 0-9/10", 10, A, nullptr, true},
     SL_VERDICT_ERROR,
     SL_FAULT_SEVERAL_PARTS},
    {__LINE__, middle, {206, nullptr, 3, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_NO_PLACE},
    {__LINE__, middle, {206, "bytes 2-4", 3, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_NO_PLACE},
    {__LINE__, whole, {206, nullptr, 3, A}, SL_VERDICT_ERROR, SL_FAULT_NO_PLACE},
    {__LINE__, whole, {206, "bytes 0-9/10", 10, A}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, whole, {206, "bytes 0-9/10", UNKNOWN, A}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, whole, {206, "bytes 0-4/10", 5, A}, SL_VERDICT_ERROR, SL_FAULT_PART_FOR_WHOLE},
    {__LINE__, whole, {206, "bytes 0-4/*", 5, A}, SL_VERDICT_ERROR, SL_FAULT_PART_FOR_WHOLE},
    {__LINE__, whole, {206, "bytes 5-9/10", 5, A}, SL_VERDICT_ERROR, SL_FAULT_PART_FOR_WHOLE},
    {__LINE__, whole, {206, "bytes 0-9/10", 9, A}, SL_VERDICT_ERROR, SL_FAULT_PART_FOR_WHOLE},
    {__LINE__, middle, {206, "bytes 3-4/10", 2, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_OTHER_PART},
    {__LINE__, middle, {206, "bytes 2-5/10", 4, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_OTHER_PART},
    {__LINE__, middle, {206, "bytes 2-4/10", 2, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_OTHER_PART},
    {__LINE__, middle, {206, "bytes 2-3/10", 2, A}, SL_VERDICT_RANGE, SL_FAULT_NONE},
    {__LINE__, rest_of_known, {206, "bytes 2-9/10", 8, A}, SL_VERDICT_RANGE, SL_FAULT_NONE},
    {__LINE__, rest_of_known, {206, "bytes 2-9/*", UNKNOWN, A}, SL_VERDICT_RANGE, SL_FAULT_NONE},
    {__LINE__,
     middle_of_known,
     {206, "bytes 2-4/10", 3, B},
     SL_VERDICT_CHANGED,
     SL_FAULT_OTHER_VERSION},
    {__LINE__,
     middle_of_known,
     {206, "bytes 2-4/11", 3, A},
     SL_VERDICT_CHANGED,
     SL_FAULT_OTHER_VERSION},
    {__LINE__,
     middle_of_known,
     {206, "bytes 2-4/10", 3, nullptr, MONDAY},
     SL_VERDICT_UNPROVEN,
     SL_FAULT_UNKNOWN_VERSION},
    {__LINE__, whole, {200, nullptr, 10}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, whole, {200, nullptr, UNKNOWN}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle_of_known, {200, nullptr, 10, A}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle_of_known, {200, nullptr, 9, B}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle_of_known, {200, nullptr, 9, WEAK}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle_of_known, {200, nullptr, 9, A}, SL_VERDICT_BAD_RANGE, SL_FAULT_OTHER_SIZE},
    {__LINE__, middle, {200, "bytes 0-9/10", 10}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle, {200, "nonsense", 10}, SL_VERDICT_WHOLE, SL_FAULT_NONE},
    {__LINE__, middle, {200, "bytes 2-4/10", 3}, SL_VERDICT_BAD_RANGE, SL_FAULT_PART_AS_WHOLE},
    {__LINE__, middle, {200, "bytes 0-9/10", 9}, SL_VERDICT_BAD_RANGE, SL_FAULT_PART_AS_WHOLE},
    {__LINE__, whole, {200, "bytes 0-4/10", 5}, SL_VERDICT_ERROR, SL_FAULT_PART_AS_WHOLE},
    {__LINE__, middle_of_known, {416, "bytes */5", 0}, SL_VERDICT_CHANGED, SL_FAULT_BEHIND_END},
    {__LINE__, middle, {416, "bytes */5", 0}, SL_VERDICT_ERROR, SL_FAULT_STATUS},
    {__LINE__, middle_of_known, {204, nullptr, 0}, SL_VERDICT_ERROR, SL_FAULT_NO_FILE},
    {__LINE__, middle_of_known, {304, nullptr, 10, A}, SL_VERDICT_ERROR, SL_FAULT_NO_FILE},
    {__LINE__, whole, {300, nullptr, 0}, SL_VERDICT_ERROR, SL_FAULT_STATUS},
    {__LINE__, whole, {407, nullptr, 0}, SL_VERDICT_ERROR, SL_FAULT_PROXY_WANTS_NAME},
    {__LINE__, middle, {404, "bytes 2-4/10", 3}, SL_VERDICT_ERROR, SL_FAULT_STATUS},
    {__LINE__, middle_of_known, {503, nullptr, 3, A}, SL_VERDICT_ERROR, SL_FAULT_STATUS},
    {__LINE__,
     whole,
     {200, nullptr, 10, A, nullptr, false, true},
     SL_VERDICT_ERROR,
     SL_FAULT_UNCHECKED},
    {__LINE__,
     middle_of_known,
     {206, "bytes 2-4/10", 3, A, nullptr, false, true},
     SL_VERDICT_ERROR,
     SL_FAULT_UNCHECKED},
    {__LINE__,
     middle_of_known,
     {416, nullptr, 0, nullptr, nullptr, false, true},
     SL_VERDICT_ERROR,
     SL_FAULT_UNCHECKED},
    {__LINE__,
     whole,
     {407, nullptr, 0, nullptr, nullptr, false, true},
     SL_VERDICT_ERROR,
     SL_FAULT_PROXY_WANTS_NAME},
};

/* What a person would say about any response, independent of the rules. */
void
expect_sound (const SlRangeAsked &asked, const Facts &facts)
{
  SlResponse response = facts.response ();
  SlRangeVerdict verdict = sl_range_verdict_reach (&asked, &response);
  SlContentRange place = {};
  bool placed =
      facts.content_range != nullptr && sl_content_range_parse (facts.content_range, &place);
  bool usable = verdict.verdict == SL_VERDICT_RANGE || verdict.verdict == SL_VERDICT_WHOLE;
  bool tags_differ = asked.known != nullptr && asked.known->etag != nullptr &&
                     facts.etag != nullptr && strcmp (asked.known->etag, facts.etag) != 0;
  bool proven = asked.known != nullptr && asked.known->etag != nullptr ? facts.etag != nullptr
                                                                       : facts.modified != nullptr;

  ASSERT_EQ (usable, verdict.fault == SL_FAULT_NONE);
  if (usable) {
    EXPECT_TRUE (facts.status == 200 || facts.status == 206);
    EXPECT_FALSE (facts.unchecked);
    /* the body is as long as announced */
    if (facts.length != UNKNOWN) {
      EXPECT_EQ (verdict.end - verdict.start, facts.length);
    }
    if (placed) {
      EXPECT_TRUE (verdict.start == place.start && verdict.end == place.end);
    }
    if (verdict.size != UNKNOWN && verdict.end != UNKNOWN) {
      EXPECT_LE (verdict.end, verdict.size);
    }
    if (tags_differ) {
      EXPECT_EQ (verdict.version, SL_VERSION_OTHER);
    }
    EXPECT_FALSE (verdict.transient);
  }
  if (verdict.verdict == SL_VERDICT_RANGE) {
    EXPECT_EQ (facts.status, 206u);
    EXPECT_TRUE (asked.ranged && placed && !facts.has_parts);
    EXPECT_TRUE (verdict.start == asked.start && verdict.end <= asked.end);
    if (asked.known != nullptr) {
      EXPECT_FALSE (tags_differ);
      EXPECT_TRUE (proven);
      EXPECT_EQ (verdict.version, SL_VERSION_SAME);
      if (place.total != UNKNOWN && asked.known->size != UNKNOWN) {
        EXPECT_EQ (place.total, asked.known->size);
      }
    }
  }
  if (verdict.verdict == SL_VERDICT_WHOLE) {
    EXPECT_EQ (verdict.start, 0u);
    EXPECT_EQ (verdict.end, verdict.size);
    EXPECT_TRUE (!asked.ranged || facts.status == 200);
  }
  /* these are about a version, so one must be known; a range can be bad only if one was requested */
  if (verdict.verdict == SL_VERDICT_CHANGED || verdict.verdict == SL_VERDICT_UNPROVEN) {
    EXPECT_NE (asked.known, nullptr);
  }
  if (verdict.verdict == SL_VERDICT_BAD_RANGE) {
    EXPECT_TRUE (asked.ranged);
  }
  if (verdict.transient) {
    EXPECT_EQ (verdict.verdict, SL_VERDICT_ERROR);
  }
}

} // namespace

TEST (RangeVerdict, EachRule)
{
  bool seen[SL_N_FAULTS] = {};

  for (const Row &row : rules) {
    SlResponse response = row.facts.response ();
    SlRangeVerdict verdict = sl_range_verdict_reach (&row.asked, &response);
    EXPECT_EQ (verdict.verdict, row.verdict) << "line " << row.line;
    EXPECT_EQ (verdict.fault, row.fault) << "line " << row.line;
    seen[row.fault] = true;
  }
  for (int fault = 0; fault < SL_N_FAULTS; fault++)
    EXPECT_TRUE (seen[fault]) << fault << " has no row";
}

TEST (RangeVerdict, SoundForWhateverComes)
{
  const Version dated = {nullptr, MONDAY, 10}, both = {A, MONDAY, 10},
                sizeless = {A, nullptr, UNKNOWN};
  const SlValidator versions[] = {known, dated.validator (), both.validator (),
                                  sizeless.validator ()};
  std::vector<SlRangeAsked> asked = {whole, middle, {TRUE, 0, UNKNOWN, nullptr}};
  gsize n = 0;

  for (const SlValidator &version : versions)
    for (guint64 start : {0, 2})
      for (guint64 end : {guint64{5}, guint64{10}, UNKNOWN})
        asked.push_back ({TRUE, start, end, &version});
  for (const SlRangeAsked &one : asked)
    for (guint status : {200, 203, 204, 206, 300, 304, 400, 404, 407, 408, 416, 429, 500, 503, 600})
      for (const char *place : {(const char *)nullptr, "nonsense", "bytes */10", "bytes 0-9/10",
                                "bytes 0-4/10", "bytes 0-9/*", "bytes 2-4/10", "bytes 2-4/*",
                                "bytes 2-9/10", "bytes 2-9/11", "bytes 2-10/11", "bytes 3-4/10"})
        for (guint64 length : {UNKNOWN, guint64{0}, guint64{3}, guint64{8}, guint64{10}})
          for (const char *etag : {(const char *)nullptr, A, B, WEAK})
            for (const char *modified : {(const char *)nullptr, MONDAY, TUESDAY})
              for (int flags = 0; flags < 4; flags++, n++) {
                expect_sound (one, {status, place, length, etag, modified, (flags & 1) != 0,
                                    (flags & 2) != 0});
                ASSERT_FALSE (HasFailure ())
                    << status << ", " << (place != nullptr ? place : "-") << ", " << length << ", "
                    << (etag != nullptr ? etag : "-") << ", flags " << flags << ", asked from "
                    << one.start;
              }
  EXPECT_GT (n, 500000u);
}

/* The known size still holds if the server does not state it. */
TEST (RangeVerdict, SizeOfTheFile)
{
  const struct {
    SlRangeAsked asked;
    Facts facts;
    guint64 size;
  } rows[] = {
      {whole, {200, nullptr, 10}, 10},
      {whole, {200, nullptr, UNKNOWN}, UNKNOWN},
      {whole, {200, "bytes 0-9/10", UNKNOWN}, 10},
      {middle, {206, "bytes 2-4/10", 3}, 10},
      {middle, {206, "bytes 2-4/*", 3}, UNKNOWN},
      {middle_of_known, {206, "bytes 2-4/*", 3, A}, 10},
      {middle_of_known, {200, nullptr, 12, B}, 12},
  };

  for (const auto &row : rows) {
    SlResponse response = row.facts.response ();
    EXPECT_EQ (sl_range_verdict_reach (&row.asked, &response).size, row.size);
  }
}

/* A whole file instead of a range: the version changed, or the server does not support ranges. */
TEST (RangeVerdict, VersionOfAWhole)
{
  const struct {
    SlRangeAsked asked;
    Facts facts;
    SlVersion version;
  } rows[] = {
      {middle_of_known, {200, nullptr, 10, A}, SL_VERSION_SAME},
      {middle_of_known, {200, nullptr, UNKNOWN, A}, SL_VERSION_SAME},
      {middle_of_known, {200, nullptr, 10, B}, SL_VERSION_OTHER},
      {middle_of_known, {200, nullptr, 10, nullptr, MONDAY}, SL_VERSION_UNPROVEN},
      {middle_of_known, {200, nullptr, 11, nullptr, MONDAY}, SL_VERSION_OTHER},
      {middle, {200, nullptr, 10, A}, SL_VERSION_UNPROVEN},
      {whole, {200, nullptr, 10, A}, SL_VERSION_UNPROVEN},
  };

  for (const auto &row : rows) {
    SlResponse response = row.facts.response ();
    SlRangeVerdict verdict = sl_range_verdict_reach (&row.asked, &response);
    EXPECT_EQ (verdict.verdict, SL_VERDICT_WHOLE);
    EXPECT_EQ (verdict.version, row.version);
  }
}

TEST (RangeVerdict, EachFaultInWords)
{
  const struct {
    SlRangeFault fault;
    SluiceError code;
    const char *words;
  } rows[] = {
      {SL_FAULT_SEVERAL_PARTS, SLUICE_ERROR_INVALID_RESPONSE, "several parts"},
      {SL_FAULT_NO_PLACE, SLUICE_ERROR_INVALID_RESPONSE, "(Content-Range: x\uFFFDy)"},
      {SL_FAULT_PART_FOR_WHOLE, SLUICE_ERROR_INVALID_RESPONSE, "although the whole"},
      {SL_FAULT_OTHER_PART, SLUICE_ERROR_INVALID_RESPONSE, "a different part"},
      {SL_FAULT_OTHER_VERSION, SLUICE_ERROR_REMOTE_FILE_CHANGED, "changed"},
      {SL_FAULT_UNKNOWN_VERSION, SLUICE_ERROR_REMOTE_FILE_CHANGED, "which version"},
      {SL_FAULT_OTHER_SIZE, SLUICE_ERROR_INVALID_RESPONSE, "a different size"},
      {SL_FAULT_PART_AS_WHOLE, SLUICE_ERROR_INVALID_RESPONSE, "as if it were"},
      {SL_FAULT_BEHIND_END, SLUICE_ERROR_REMOTE_FILE_CHANGED, "shorter"},
      {SL_FAULT_NO_FILE, SLUICE_ERROR_INVALID_RESPONSE, "“404 Reason”, which brings no file"},
      {SL_FAULT_PROXY_WANTS_NAME, SLUICE_ERROR_PROXY, "password"},
      {SL_FAULT_STATUS, SLUICE_ERROR_HTTP_STATUS, "h answered “404 Reason”"},
      {SL_FAULT_UNCHECKED, SLUICE_ERROR_INTERNAL, "checked"},
  };
  SlResponse response = Facts{404, "x\ny", 3}.response ();

  for (const auto &row : rows) {
    SlRangeVerdict verdict = {};
    verdict.fault = row.fault;
    g_autoptr (GError) error = sl_range_verdict_dup_error (&verdict, &response);
    ASSERT_NE (error, nullptr) << row.words;
    EXPECT_TRUE (g_error_matches (error, SLUICE_ERROR, row.code)) << error->message;
    EXPECT_NE (strstr (error->message, row.words), nullptr) << error->message;
  }
  SlRangeVerdict good = {};
  EXPECT_EQ (sl_range_verdict_dup_error (&good, &response), nullptr);
  EXPECT_EQ (G_N_ELEMENTS (rows) + 1, (gsize)SL_N_FAULTS);
}
