/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download: what was asked for, and how far it has come. A row of the database. */
#pragma once

#include "base/enums.h"
#include "base/id.h"
#include "base/options.h"
#include "base/ranges.h"
#include "base/stamp.h"
#include "base/validator.h"

G_BEGIN_DECLS

#define SL_NO_ERROR (-1)

/* Bytes that are kept of foreign text. */
#define SL_RECORD_MESSAGE_MAX     1024
#define SL_RECORD_HEADERS_MAX     16384
#define SL_RECORD_HEADERS_AT_REST 256

/* What is read of a download and not written by callers; a set. Each is the property of that name, or two that change together. */
typedef enum {
  SL_FACT_STATE = 1 << 0,   /* State, ExpiryTime */
  SL_FACT_REASONS = 1 << 1, /* StateReasons, HeldSince */
  SL_FACT_SIZE = 1 << 2,    /* BytesTotal */
  SL_FACT_ERROR = 1 << 3,   /* Error, ErrorContext */
  SL_FACT_ERROR_MESSAGE = 1 << 4,
  SL_FACT_ERROR_COUNT = 1 << 5,
  SL_FACT_RESTART_COUNT = 1 << 6,
  SL_FACT_RETRY_AT = 1 << 7,
  SL_FACT_HTTP_STATUS = 1 << 8,
  SL_FACT_RESPONSE_HEADERS = 1 << 9,
  SL_FACT_EFFECTIVE_URI = 1 << 10,
  SL_FACT_COMPLETED = 1 << 11, /* TransferCompletionTime */
} SlFacts;

/* What every sync changes. The database has it saved by itself. */
typedef struct {
  SlRanges *
      done; /* (owned) on disk and synced; those who hold a reference share it and don't change it */
  SlStamp stamp;      /* of the part file */
  char *computed;     /* (owned) (nullable) digest of the sealed content */
  guint64 fetched;    /* body bytes read in all */
  gint64 active_time; /* µs spent transferring */
} SlProgress;

/* What has come of a download: what is here of the remote file, what was learned of it, how it went. */
typedef struct {
  SlProgress progress;
  SlValidator version;     /* that is being fetched, and its size */
  gboolean no_ranges;      /* the server has been seen not to honour ranges */
  gboolean one_connection; /* further connections have been seen to be of no use */
  guint32 restart_count;
  guint32 vain_restarts; /* since the last Start */
  guint64 vain_bytes;    /* fetched and dropped since the last Start */
  guint32 http_status;
  GVariant *response_headers; /* (owned) (nullable) a{ss} */
  char *effective_uri;        /* (owned) (nullable) NULL is as uri */
  guint32 error_count;
  guint32 failures; /* in a row, without a byte between them */
  gint64 retry_at;  /* Unix µs, as those below */
  gint64 completed;
  gint64 expiry;
} SlContent;

typedef struct {
  /* which download it is */
  SlId id;
  guint32 owner;
  gint64 seq;     /* rises with every creation */
  gint64 created; /* Unix µs */

  /* what was asked for */
  SlOptions asked;
  SlRanges *wanted; /* (owned) (nullable) of the file; NULL is all of it */

  /* where its life has come to */
  SlState state;
  gint32 error;        /* a SluiceError, or SL_NO_ERROR */
  char *error_message; /* (owned) (nullable) */
  gint64 moved_at; /* monotonic µs of the last byte, or of the start; of this run of the service */
  gint64 started;  /* Unix µs, as those below; of the last Start */
  gint64 modified; /* of the last change, or progress */
  gint64 touched;  /* µs of SlAge, when the service or a caller last changed it */

  /*
   * What has come of it. Most of a long queue have nothing yet: these share one that is empty. It's written through
   * sl_record_edit_content ().
   */
  const SlContent *content; /* (owned) */

  gboolean disk_full;

  /* not in the database */
  guint16 untold;    /* a set of SlFacts, which changed since they were last told */
  guint unsaved : 1; /* more than the progress changed since it was last saved */
  guint wipe : 1;    /* something secret was taken out, and is to leave no trace in the database */
  guint unreadable : 1; /* part of the row can't be read; the row stays until an Abort */
} SlRecord;

/* (transfer full): a record in state created with the documented defaults */
SlRecord *sl_record_new (void);
/* (transfer full) */
SlRecord *sl_record_copy (const SlRecord *record);
void sl_record_free (SlRecord *record);
/* (transfer none): its content, to be changed */
SlContent *sl_record_edit_content (SlRecord *record);
/* Frees the content if it says nothing. */
void sl_record_shrink (SlRecord *record);
/* Whoever changes something besides the progress says so: @facts were changed, or, if 0, what nobody is told. */
void sl_record_note (SlRecord *record, SlFacts facts);
/* Forgets what is recorded of the part file, and its digest. */
void sl_record_forget_content (SlRecord *record);
/* The server doesn't honour ranges; or further connections to it are of no use. */
void sl_record_set_no_ranges (SlRecord *record, gboolean no_ranges);
void sl_record_set_one_connection (SlRecord *record, gboolean one_connection);
/* @copy: uninitialized; it is (transfer full), and shares the ranges */
void sl_progress_copy (SlProgress *copy, const SlProgress *progress);
void sl_progress_clear (SlProgress *progress);

/*
 * Foreign text comes into a record by these functions alone, so that what is in a record is valid, harmless on a screen, and
 * short: a hundred thousand records are in memory. They note which facts have changed. @message may be NULL.
 */
void sl_record_set_error (SlRecord *record, gint32 code, const char *message);
void sl_record_clear_error (SlRecord *record);
/* Takes a copy of @version. A validator that can't be kept as it was sent is dropped: a changed one would be another one. */
void sl_record_set_version (SlRecord *record, const SlValidator *version);
/* @size: of the version; SL_SIZE_UNKNOWN */
void sl_record_set_size (SlRecord *record, guint64 size);
void sl_record_set_http_status (SlRecord *record, guint32 status);
void sl_record_set_effective_uri (SlRecord *record, const char *uri);
/* @headers: a{ss} (nullable); kept in one piece of memory, without what is not clean or has no room */
void sl_record_set_response_headers (SlRecord *record, GVariant *headers);
/* Of those, keeps what fits SL_RECORD_HEADERS_AT_REST: it doesn't move any more, and there may be very many like it. */
void sl_record_trim_response_headers (SlRecord *record);
/* Forgets the request's headers, if nobody may read them, so that no trace is left when the record has been saved. */
void sl_record_wipe_headers (SlRecord *record);
/* After loading: all of this, for what an earlier version, or somebody else, has written. */
void sl_record_clean (SlRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRecord, sl_record_free)

G_END_DECLS
