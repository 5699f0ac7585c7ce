/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transfer: the states of a download, with a fake transfer and a fake queue. A table says what each call does in each
 * state. It must hold however the state was reached, and for calls that wait for each other.
 */
#include "store.h"

#include "base/error.h"
#include "content/part.h"
#include "content/place.h"
#include "transfer/download.h"
#include "transfer/worker.h"

#include <map>

namespace
{

const int NO_ERROR = SL_NO_ERROR;
const std::string CONTENT = "what was fetched";
const gint64 SECOND = G_USEC_PER_SEC;

/* A transfer that does nothing until the test says so. */
struct Fake {
  SlTransferTask task;
  GError *failure = nullptr; /* (owned) (nullable) by fail () */
  guint end_id = 0;
  bool stopping = false;

  void
  end (SlTransferOutcome outcome, const GError *error = nullptr, gboolean transient = FALSE)
  {
    SlTransferEnd told = {outcome, error, transient, 0};
    task.events->ended (&told, task.user_data);
    g_clear_handle_id (&end_id, g_source_remove);
    g_clear_error (&failure);
    delete this;
  }
};

Fake *
fake (SlTransfer *transfer)
{
  return reinterpret_cast<Fake *> (transfer);
}

std::vector<Fake *> started; /* since the test last checked */

SlTransfer *
fake_start (const SlTransferTask *task)
{
  Fake *transfer = new Fake{*task};

  started.push_back (transfer);
  return reinterpret_cast<SlTransfer *> (transfer);
}

gboolean
on_end (gpointer data)
{
  Fake *transfer = (Fake *)data;

  transfer->end_id = 0;
  if (transfer->failure != nullptr)
    transfer->end (SL_TRANSFER_FAILED, transfer->failure);
  else
    transfer->end (SL_TRANSFER_STOPPED);
  return G_SOURCE_REMOVE;
}

void
fake_stop (SlTransfer *transfer)
{
  fake (transfer)->stopping = true;
  if (fake (transfer)->end_id == 0)
    fake (transfer)->end_id = g_idle_add (on_end, transfer);
}

void
fake_fail (SlTransfer *transfer, const GError *error)
{
  if (fake (transfer)->failure == nullptr)
    fake (transfer)->failure = g_error_copy (error);
  fake_stop (transfer);
}

const SlTransferKind fake_kind = {
    fake_start,
    fake_stop,
    fake_fail,
    [] (SlTransfer *, gint64) {},
    [] (SlTransfer *) { return guint64 (0); },
    [] (SlTransfer *) { return guint64 (7); },
    [] (SlTransfer *, gint64) { return gint64 (0); },
    [] (SlTransfer *) { return guint64 (9); },
};

/* What the queue and the observer have heard about one download. */
struct Heard {
  bool queued = false;
  bool has_slot = false;
  bool retries = false;
  bool suspended = false; /* by the test */
  int ended = 0;
  int ranges = 0;
  std::vector<SlState> states; /* reported states, each once */
};

Heard *
heard (gpointer user_data, SlDownload *download)
{
  return &(*(std::map<SlDownload *, Heard> *)user_data)[download];
}

const SlDownloadObserver fake_observer = {
    [] (SlDownload *, SlChanges, gpointer) {},
    [] (SlDownload *download, int, gpointer user_data) {
      std::vector<SlState> &states = heard (user_data, download)->states;
      SlState state = sl_download_get_record (download)->state;
      if (states.empty () || states.back () != state)
        states.push_back (state);
    },
    [] (SlDownload *download, guint64, guint64, gpointer user_data) {
      heard (user_data, download)->ranges++;
    },
};

const SlDownloadHost fake_host = {
    [] (SlDownload *download, gpointer user_data) { heard (user_data, download)->queued = true; },
    [] (SlDownload *download, gpointer user_data) { heard (user_data, download)->queued = false; },
    [] (SlDownload *download, gpointer user_data) {
      heard (user_data, download)->has_slot = false;
    },
    [] (SlDownload *download, gint64 delay, gpointer user_data) {
      heard (user_data, download)->retries = delay >= 0;
    },
    [] (SlDownload *, const char *, gpointer) -> gboolean { return TRUE; },
    [] (SlDownload *, const char *, gpointer) {},
    [] (SlDownload *, gint64 *, gpointer) -> SlReasons { return SL_REASON_NONE; },
    [] (gpointer) -> gboolean { return FALSE; },
};

const SlDownloadPaths fake_paths = {
    [] (SlDownload *, const char *, gpointer) -> char * { return nullptr; },
    [] (SlDownload *, gpointer) {},
    [] (SlDownload *download, gpointer user_data) { heard (user_data, download)->ended++; },
};

/* Inputs of a download: the calls, and what the queue and the service do. */
enum Input { START, PAUSE, ABORT, FINALIZE, EDIT, RUN, RETRY, YIELD, TICK, SUSPEND, N_INPUTS };
const Input CALLS[] = {START, PAUSE, ABORT, FINALIZE};
const char *const INPUT_NAMES[] = {"Start", "Pause", "Abort", "Finalize", "edit",
                                   "run",   "retry", "yield", "tick",     "suspend"};

/* The answer to a call: SL_NO_ERROR, or a SluiceError; none yet. */
struct Answer {
  bool came = false;
  int error = NO_ERROR;
};

void
on_answer (const GError *error, gpointer data)
{
  Answer *answer = (Answer *)data;

  EXPECT_FALSE (answer->came) << "answered twice";
  answer->came = true;
  answer->error = error == nullptr                ? NO_ERROR
                  : error->domain == SLUICE_ERROR ? error->code
                                                  : (int)SLUICE_ERROR_INTERNAL;
}

class DownloadTest : public testing::Test
{
protected:
  Directory state, target;
  SlStore *store = nullptr;
  SlAge *age = nullptr;
  SlSettings settings = SL_SETTINGS_DEFAULT;
  SlDownloadContext context = {};
  std::map<SlDownload *, Heard> hears;
  std::map<gint64, SlState> rows; /* the expected rows of the database, by seq */
  gint64 next_seq = 1;

  void
  SetUp () override
  {
    Error error;
    store = sl_store_open (
        state.c_str (), [] (SlRecord *record, gpointer) { sl_record_free (record); }, nullptr,
        error.out ());
    ASSERT_NE (store, nullptr) << error.text ();
    age = sl_age_new (store);
    context.store = store;
    context.age = age;
    context.settings = &settings;
    context.kind = &fake_kind;
    context.observer = &fake_observer;
    context.host = &fake_host;
    context.paths = &fake_paths;
    context.observer_data = context.host_data = context.paths_data = &hears;
    started.clear ();
  }
  void
  TearDown () override
  {
    sl_worker_shutdown ();
    while (g_main_context_iteration (nullptr, FALSE))
      ;
    g_clear_pointer (&age, sl_age_free);
    g_clear_pointer (&store, sl_store_close);
    check_rows ();
  }

  /* Checks that everything acknowledged is on disk. */
  void
  check_rows ()
  {
    std::map<gint64, SlState> found;
    SlStore *again = sl_store_open (
        state.c_str (),
        [] (SlRecord *record, gpointer data) {
          (*(std::map<gint64, SlState> *)data)[record->seq] = record->state;
          sl_record_free (record);
        },
        &found, nullptr);
    sl_store_close (again);
    for (const auto &row : rows) {
      /* the end of the wait for a retry needs no commit */
      if (row.second == SL_STATE_QUEUED && found[row.first] == SL_STATE_RETRYING)
        continue;
      EXPECT_EQ (found[row.first], row.second) << "row " << row.first;
    }
  }

  static void
  set (SlRecord *record, SlOptionNumber option, GVariant *value)
  {
    g_autoptr (GVariant) owned = g_variant_ref_sink (value);
    Error error;

    ASSERT_TRUE (sl_options_set (&record->asked, sl_option_get (option), owned, error.out ()))
        << error.text ();
  }

  SlDownload *
  create (SlState loaded = SL_STATE_CREATED)
  {
    SlRecord *record = sl_record_new ();
    std::string name = "file-" + std::to_string (next_seq);

    sl_id_init_random (&record->id);
    record->seq = next_seq++;
    set (record, SL_OPTION_URI, g_variant_new_string ("http://127.0.0.1/file"));
    set (record, SL_OPTION_LOCAL_PATH, g_variant_new_string ((target / name).c_str ()));
    record->state = loaded;
    SlDownload *download = sl_download_new (record, &context);
    sl_download_set_entry (download, this); /* admitted */
    hears[download] = Heard ();
    if (loaded != SL_STATE_CREATED)
      sl_download_resume (download);
    return download;
  }

  /* Sets what a real transfer would have recorded. */
  static SlRecord *
  edit (SlDownload *download)
  {
    return const_cast<SlRecord *> (sl_download_get_record (download));
  }
  static SlState
  get_state (SlDownload *download)
  {
    return sl_download_get_record (download)->state;
  }

  void
  run (SlDownload *download)
  {
    hears[download].has_slot = true;
    sl_download_run (download);
  }

  /*
   * Lets everything finish, except transfers that are not being stopped: at most a commit, a publication, and another
   * commit.
   */
  void
  settle ()
  {
    for (int round = 0; round < 2; round++) {
      Answer barrier;
      sl_worker_shutdown ();
      while (g_main_context_iteration (nullptr, FALSE))
        ;
      sl_store_set_number (store, "barrier", round + 1, on_answer, &barrier);
      while (!barrier.came)
        g_main_context_iteration (nullptr, TRUE);
    }
  }

  /* Makes the part file of a download, sealed as after a transfer; the record says so. */
  void
  make_part (SlRecord *record)
  {
    g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
    g_autoptr (SlRanges) nothing = sl_ranges_new ();
    g_auto (SlSynced) synced = {};
    g_autofree char *digest = nullptr;
    SlStamp stamp = {};
    Error error;
    g_autoptr (SlPart) part = sl_part_open (place, &stamp, nothing, error.out ());

    ASSERT_NE (part, nullptr) << error.text ();
    ASSERT_TRUE (sl_part_write (part, 0, CONTENT.data (), CONTENT.size (), nullptr, error.out ()));
    ASSERT_TRUE (sl_part_seal (part, 0, &synced, &digest, error.out ())) << error.text ();
    SlProgress *progress = &sl_record_edit_content (record)->progress;
    sl_ranges_unref (progress->done);
    progress->done = g_steal_pointer (&synced.ranges);
    progress->stamp = synced.stamp;
    sl_record_set_size (record, CONTENT.size ());
  }

  void
  fail (Fake *transfer, gboolean transient)
  {
    g_autoptr (GError) error =
        g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_CONNECT, "by the test");
    transfer->end (SL_TRANSFER_FAILED, error, transient);
  }

  /* (transfer full): a download that will be in state @wanted, reached in the usual way, once it has settled */
  SlDownload *
  bring (SlState wanted)
  {
    SlDownload *download = create ();

    sl_store_save (store, edit (download), nullptr, nullptr);
    if (wanted == SL_STATE_CREATED)
      return download;
    sl_download_start (download, nullptr, nullptr, nullptr);
    if (wanted == SL_STATE_PAUSED || wanted == SL_STATE_ABORTED)
      sl_download_pause (download, nullptr, nullptr);
    if (wanted == SL_STATE_ABORTED)
      sl_download_abort (download, nullptr, nullptr);
    if (wanted == SL_STATE_QUEUED || wanted == SL_STATE_PAUSED || wanted == SL_STATE_ABORTED)
      return download;
    run (download);
    if (wanted == SL_STATE_RETRYING || wanted == SL_STATE_FAILED)
      fail (started.back (), wanted == SL_STATE_RETRYING);
    if (wanted == SL_STATE_TRANSFERRED || wanted == SL_STATE_FINALIZED) {
      make_part (edit (download));
      started.back ()->end (SL_TRANSFER_COMPLETE);
    }
    if (wanted == SL_STATE_FINALIZED)
      sl_download_finalize (download, nullptr, nullptr);
    return download;
  }
  /* The same, and settles it. */
  SlDownload *
  bring_to_rest (SlState wanted)
  {
    SlDownload *download = bring (wanted);

    settle ();
    EXPECT_EQ (get_state (download), wanted);
    return download;
  }

  void
  put (SlDownload *download, Input input, Answer *answer)
  {
    switch (input) {
    case START:
      sl_download_start (download, nullptr, on_answer, answer);
      return;
    case PAUSE:
      sl_download_pause (download, on_answer, answer);
      return;
    case ABORT:
      sl_download_abort (download, on_answer, answer);
      return;
    case FINALIZE:
      sl_download_finalize (download, on_answer, answer);
      return;
    case EDIT:
      sl_download_edit (
          download,
          [] (SlRecord *record, gpointer, guint64 *options, GError **) -> gboolean {
            set (record, SL_OPTION_MAX_BYTES_PER_SECOND, g_variant_new_uint64 (1000));
            *options = SL_OPTION_BIT (SL_OPTION_MAX_BYTES_PER_SECOND);
            return TRUE;
          },
          nullptr, on_answer, answer);
      return;
    case SUSPEND:
      hears[download].suspended = true;
      sl_download_suspend (download, on_answer, answer);
      return;
    case RUN: /* the queue gives slots only to downloads that wait for one */
      if (hears[download].queued)
        run (download);
      break;
    case RETRY:
      sl_download_retry (download);
      break;
    case YIELD:
      sl_download_yield (download);
      break;
    case TICK:
      sl_download_tick (download, g_get_monotonic_time ());
      break;
    case N_INPUTS:
      g_assert_not_reached ();
    }
    answer->came = true;
  }

  /* Checks what must hold in every state when nothing is pending. */
  void
  check (SlDownload *download, const std::string &what)
  {
    const Heard &heard = hears[download];
    const SlRecord *record = sl_download_get_record (download);
    SlState now = record->state;

    EXPECT_EQ (heard.queued, now == SL_STATE_QUEUED) << what;
    EXPECT_EQ (heard.has_slot, now == SL_STATE_TRANSFERRING) << what;
    EXPECT_EQ (heard.retries, now == SL_STATE_RETRYING) << what;
    EXPECT_EQ (record->content->retry_at != 0, now == SL_STATE_RETRYING) << what;
    EXPECT_EQ (heard.ended, now == SL_STATE_FINALIZED || now == SL_STATE_ABORTED) << what;
    EXPECT_EQ (record->content->expiry != 0, heard.ended > 0) << what;
    EXPECT_EQ (sl_download_get_rate (download), now == SL_STATE_TRANSFERRING ? 7u : 0u) << what;
    EXPECT_EQ (sl_download_get_reasons (download) != SL_REASON_NONE,
               now == SL_STATE_QUEUED || now == SL_STATE_RETRYING)
        << what;
    EXPECT_FALSE (sl_download_is_stopping (download)) << what;
    /* when the service ends, nothing is reported any more */
    if (!heard.states.empty () && !heard.suspended) {
      EXPECT_EQ (heard.states.back (), now) << what << ": told last";
    }
    if (now == SL_STATE_FINALIZED) {
      EXPECT_EQ (read_file (record->asked.local_path), CONTENT) << what;
    } else {
      EXPECT_FALSE (g_file_test (record->asked.local_path, G_FILE_TEST_EXISTS)) << what;
    }
    rows[record->seq] = now;
  }

  /* Stops running transfers, and frees the downloads. */
  void
  drop (const std::vector<SlDownload *> &downloads)
  {
    for (SlDownload *download : downloads) {
      if (get_state (download) != SL_STATE_TRANSFERRING)
        continue;
      sl_download_yield (download);
      rows[sl_download_get_record (download)->seq] = SL_STATE_QUEUED;
    }
    settle ();
    for (SlDownload *download : downloads) {
      hears.erase (download);
      sl_download_unref (download);
    }
  }
};

const SlState STATES[] = {SL_STATE_CREATED,     SL_STATE_QUEUED,    SL_STATE_TRANSFERRING,
                          SL_STATE_PAUSED,      SL_STATE_RETRYING,  SL_STATE_FAILED,
                          SL_STATE_TRANSFERRED, SL_STATE_FINALIZED, SL_STATE_ABORTED};

/* The outcome of an input. */
struct Outcome {
  SlState state;
  int error;
};

const Outcome REFUSED = {SL_STATE_CREATED, SLUICE_ERROR_INVALID_STATE}; /* the state stays */

/* The table: the outcome of each call in each state. */
const struct {
  SlState state;
  Outcome start, pause, abort, finalize;
} TABLE[] = {
    {SL_STATE_CREATED, {SL_STATE_QUEUED, NO_ERROR}, REFUSED, {SL_STATE_ABORTED, NO_ERROR}, REFUSED},
    {SL_STATE_QUEUED,
     {SL_STATE_QUEUED, NO_ERROR},
     {SL_STATE_PAUSED, NO_ERROR},
     {SL_STATE_ABORTED, NO_ERROR},
     REFUSED},
    {SL_STATE_TRANSFERRING,
     {SL_STATE_TRANSFERRING, NO_ERROR},
     {SL_STATE_PAUSED, NO_ERROR},
     {SL_STATE_ABORTED, NO_ERROR},
     REFUSED},
    {SL_STATE_PAUSED,
     {SL_STATE_QUEUED, NO_ERROR},
     {SL_STATE_PAUSED, NO_ERROR},
     {SL_STATE_ABORTED, NO_ERROR},
     REFUSED},
    {SL_STATE_RETRYING,
     {SL_STATE_QUEUED, NO_ERROR},
     {SL_STATE_PAUSED, NO_ERROR},
     {SL_STATE_ABORTED, NO_ERROR},
     REFUSED},
    {SL_STATE_FAILED, {SL_STATE_QUEUED, NO_ERROR}, REFUSED, {SL_STATE_ABORTED, NO_ERROR}, REFUSED},
    {SL_STATE_TRANSFERRED,
     {SL_STATE_TRANSFERRED, NO_ERROR},
     REFUSED,
     {SL_STATE_ABORTED, NO_ERROR},
     {SL_STATE_FINALIZED, NO_ERROR}},
    {SL_STATE_FINALIZED, REFUSED, REFUSED, REFUSED, {SL_STATE_FINALIZED, NO_ERROR}},
    {SL_STATE_ABORTED, REFUSED, REFUSED, {SL_STATE_ABORTED, NO_ERROR}, REFUSED},
};

Outcome
expect (SlState from, Input input)
{
  Outcome outcome = {from, NO_ERROR};

  for (const auto &row : TABLE) {
    if (row.state != from)
      continue;
    const Outcome calls[] = {row.start, row.pause, row.abort, row.finalize};
    if (input <= FINALIZE)
      outcome = calls[input];
  }
  if (outcome.error != NO_ERROR)
    outcome.state = from;
  if (input == RUN && from == SL_STATE_QUEUED)
    outcome.state = SL_STATE_TRANSFERRING;
  if (input == RETRY && from == SL_STATE_RETRYING)
    outcome.state = SL_STATE_QUEUED;
  if ((input == YIELD || input == SUSPEND) && from == SL_STATE_TRANSFERRING)
    outcome.state = SL_STATE_QUEUED;
  return outcome;
}

/* A download that is brought to a state, and the inputs that follow. */
struct Case {
  SlState from;
  std::vector<Input> inputs;
  SlDownload *download = nullptr;
  std::vector<Answer> answers;

  Case (SlState state, std::vector<Input> put) : from (state), inputs (put), answers (put.size ())
  {
  }
  std::string
  name () const
  {
    std::string text = sl_state_to_string (from);
    for (Input input : inputs)
      text += std::string (", ") + INPUT_NAMES[input];
    return text;
  }
};

class DownloadCases : public DownloadTest
{
protected:
  /*
   * Runs all @cases at the same time, so that they share commits. Each case gets its inputs one by one, each when
   * everything has settled, or (@at_once) all at once. In both ways the result must be what the table says for one by
   * one.
   */
  void
  run_all (std::vector<Case> &cases, bool at_once = false)
  {
    std::vector<SlDownload *> downloads;

    for (Case &one : cases)
      downloads.push_back (one.download = bring (one.from));
    settle ();
    for (size_t i = 0; i < cases.front ().inputs.size (); i++) {
      for (Case &one : cases)
        put (one.download, one.inputs[i], &one.answers[i]);
      if (!at_once)
        settle ();
    }
    settle ();
    for (const Case &one : cases)
      check_outcome (one);
    drop (downloads);
  }

private:
  void
  check_outcome (const Case &one)
  {
    SlState expected = one.from;

    for (size_t i = 0; i < one.inputs.size (); i++) {
      Outcome outcome = expect (expected, one.inputs[i]);
      EXPECT_TRUE (one.answers[i].came) << one.name ();
      EXPECT_EQ (one.answers[i].error, outcome.error) << one.name () << ": answer " << i;
      expected = outcome.state;
    }
    EXPECT_EQ (get_state (one.download), expected) << one.name ();
    check (one.download, one.name ());
  }
};

} // namespace

TEST_F (DownloadCases, EveryInputInEveryState)
{
  std::vector<Case> cases;

  for (SlState from : STATES) {
    for (int i = 0; i < N_INPUTS; i++)
      cases.push_back (Case (from, {(Input)i}));
  }
  run_all (cases);
}

/* Each input after each other one: it makes no difference how a state was reached. */
TEST_F (DownloadCases, EveryInputAfterEveryInput)
{
  std::vector<Case> cases;

  for (SlState from : STATES) {
    for (int i = 0; i < SUSPEND; i++) {
      for (int j = 0; j < N_INPUTS; j++)
        cases.push_back (Case (from, {(Input)i, (Input)j}));
    }
  }
  run_all (cases);
}

/* Calls while a transfer is being stopped, during a commit or during a publication take effect afterwards. */
TEST_F (DownloadCases, CallsOnTopOfEachOtherAreDoneInOrder)
{
  std::vector<Case> cases;

  for (SlState from : STATES) {
    for (Input first : CALLS) {
      for (Input second : CALLS) {
        for (Input third : CALLS)
          cases.push_back (Case (from, {first, second, third}));
      }
    }
  }
  run_all (cases, true);
}

/* A download that yields its slot is queued again, and calls meanwhile take effect in that state. */
TEST_F (DownloadCases, CallsWhileItGivesWay)
{
  std::vector<Case> cases;

  for (Input input : CALLS)
    cases.push_back (Case (SL_STATE_TRANSFERRING, {YIELD, input}));
  run_all (cases, true);
}

/* When the service ends, calls are answered, and the end is reported when everything is on disk. */
TEST_F (DownloadCases, SuspendedWhileItStopsOrPublishes)
{
  std::vector<Case> cases;

  for (SlState from : {SL_STATE_TRANSFERRING, SL_STATE_TRANSFERRED}) {
    for (Input input : CALLS)
      cases.push_back (Case (from, {input, SUSPEND}));
  }
  run_all (cases, true);
}

/* A file gets its name only after its seal is recorded, and calls wait for that. */
TEST_F (DownloadTest, FinalizeWaitsForTheCommit)
{
  for (Input input : CALLS) {
    Outcome expected = expect (SL_STATE_FINALIZED, input);
    SlDownload *download = bring_to_rest (SL_STATE_TRANSFERRING);
    Answer finalized, answer;

    make_part (edit (download));
    sl_store_hold (store);
    started.back ()->end (SL_TRANSFER_COMPLETE);
    EXPECT_EQ (get_state (download), SL_STATE_TRANSFERRED);
    put (download, FINALIZE, &finalized);
    put (download, input, &answer);
    for (int i = 0; i < 20; i++)
      g_main_context_iteration (nullptr, FALSE);
    sl_worker_shutdown ();
    EXPECT_FALSE (finalized.came);
    EXPECT_FALSE (
        g_file_test (sl_download_get_record (download)->asked.local_path, G_FILE_TEST_EXISTS));
    sl_store_release (store);
    settle ();
    EXPECT_TRUE (finalized.came && answer.came) << INPUT_NAMES[input];
    EXPECT_EQ (finalized.error, NO_ERROR);
    EXPECT_EQ (answer.error, expected.error) << INPUT_NAMES[input];
    EXPECT_EQ (get_state (download), SL_STATE_FINALIZED);
    check (download, INPUT_NAMES[input]);
    drop ({download});
  }
}

TEST_F (DownloadTest, WhatCouldNotBeCommittedIsInTheNextCommit)
{
  SlDownload *download = bring_to_rest (SL_STATE_PAUSED);
  const SlRecord *record = sl_download_get_record (download);
  Answer failed, aborted;

  edit (download)->wipe = TRUE;
  Sql (state).run ("CREATE TRIGGER refuse BEFORE INSERT ON download "
                   "BEGIN SELECT RAISE (ABORT, 'no'); END");
  put (download, START, &failed);
  settle ();
  EXPECT_TRUE (failed.came);
  EXPECT_NE (failed.error, NO_ERROR);
  EXPECT_TRUE (record->unsaved);
  EXPECT_TRUE (record->wipe);
  Sql (state).run ("DROP TRIGGER refuse");
  put (download, ABORT, &aborted);
  settle ();
  EXPECT_EQ (aborted.error, NO_ERROR);
  EXPECT_FALSE (record->unsaved);
  EXPECT_FALSE (record->wipe);
  drop ({download});
}

TEST_F (DownloadTest, PartFileThatIsNotTheSealedOneIsFetchedAgain)
{
  SlDownload *download = bring_to_rest (SL_STATE_TRANSFERRED);
  const SlRecord *record = sl_download_get_record (download);
  g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
  Answer answer;

  write_file (target / place->part_name, "by somebody else");
  put (download, FINALIZE, &answer);
  settle ();
  EXPECT_TRUE (answer.came);
  EXPECT_NE (answer.error, NO_ERROR);
  EXPECT_EQ (get_state (download), SL_STATE_QUEUED);
  EXPECT_EQ (record->content->restart_count, 1u);
  check (download, "changed");
  drop ({download});
}

/* The caller hears that the name is taken, and can try again; without a caller, the download fails. */
TEST_F (DownloadTest, NameThatIsTakenIsToldToWhoCallsOrFails)
{
  for (bool automatic : {false, true}) {
    SlDownload *download = bring_to_rest (SL_STATE_TRANSFERRING);
    SlRecord *record = edit (download);
    Answer answer;

    record->asked.auto_finalize = automatic;
    make_part (record);
    write_file (record->asked.local_path, "somebody else's");
    started.back ()->end (SL_TRANSFER_COMPLETE);
    settle ();
    if (!automatic) {
      put (download, FINALIZE, &answer);
      settle ();
      EXPECT_EQ (answer.error, SLUICE_ERROR_FILE_EXISTS);
    }
    EXPECT_EQ (get_state (download), automatic ? SL_STATE_FAILED : SL_STATE_TRANSFERRED);
    EXPECT_EQ (read_file (record->asked.local_path), "somebody else's");
    g_remove (record->asked.local_path);
    check (download, automatic ? "automatic" : "called");
    drop ({download});
  }
}

TEST_F (DownloadTest, AutoFinalizePublishesByItselfAndTellsTheRange)
{
  SlDownload *download = bring_to_rest (SL_STATE_TRANSFERRING);

  edit (download)->asked.auto_finalize = TRUE;
  make_part (edit (download));
  started.back ()->end (SL_TRANSFER_COMPLETE);
  settle ();
  EXPECT_EQ (get_state (download), SL_STATE_FINALIZED);
  EXPECT_EQ (hears[download].ranges, 1);
  EXPECT_EQ (hears[download].states,
             std::vector<SlState> ({SL_STATE_QUEUED, SL_STATE_TRANSFERRING, SL_STATE_TRANSFERRED,
                                    SL_STATE_FINALIZED}));
  check (download, "automatic");
  drop ({download});
}

/* A transfer that has been without progress for too long is ended. */
TEST_F (DownloadTest, TickEndsATransferWithoutProgress)
{
  SlDownload *download = bring_to_rest (SL_STATE_TRANSFERRING);

  edit (download)->asked.no_progress_timeout = 60;
  edit (download)->moved_at = g_get_monotonic_time () - 59 * SECOND;
  sl_download_tick (download, g_get_monotonic_time ());
  EXPECT_FALSE (started.back ()->stopping);
  edit (download)->moved_at = g_get_monotonic_time () - 61 * SECOND;
  sl_download_tick (download, g_get_monotonic_time ());
  settle ();
  EXPECT_EQ (get_state (download), SL_STATE_FAILED);
  EXPECT_EQ (sl_download_get_record (download)->error, SLUICE_ERROR_NO_PROGRESS);
  check (download, "silence");
  drop ({download});
}

/* After loading, what was in progress continues, and the rest stays as it was. */
TEST_F (DownloadTest, EveryStateAfterLoading)
{
  for (SlState from : STATES) {
    SlDownload *download = create (from);

    EXPECT_EQ (get_state (download), from == SL_STATE_TRANSFERRING ? SL_STATE_QUEUED : from);
    EXPECT_EQ (hears[download].queued, from == SL_STATE_TRANSFERRING || from == SL_STATE_QUEUED);
    EXPECT_EQ (hears[download].retries, from == SL_STATE_RETRYING);
    EXPECT_EQ (hears[download].ended, 0);
    drop ({download});
  }
}
