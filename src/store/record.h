/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download: its options, its state, and its content. A row of the database. */
#pragma once

#include "base/enums.h"
#include "base/id.h"
#include "base/options.h"
#include "base/ranges.h"
#include "base/stamp.h"
#include "base/validator.h"

G_BEGIN_DECLS

#define SL_NO_ERROR (-1)

/* How many bytes are kept of foreign text. */
#define SL_RECORD_MESSAGE_MAX     1024
#define SL_RECORD_HEADERS_MAX     16384
#define SL_RECORD_HEADERS_AT_REST 256

/*
 * The properties that callers can only read; a set. Each bit is the property of that name, or two that change together.
 */
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

/* What each sync changes. It can be saved apart from the rest of the record. */
typedef struct {
  const SlRanges
      *done;          /* (owned) on disk and synced; shared, so it is never changed but replaced */
  SlStamp stamp;      /* of the part file */
  char *computed;     /* (owned) (nullable) digest of the sealed content */
  guint64 fetched;    /* body bytes read, in all transfers */
  gint64 active_time; /* µs spent transferring */
} SlProgress;

/* What has come of a download: what is here of the remote file, what is known about that file and its server, how it went. */
typedef struct {
  SlProgress progress;
  SlValidator version;     /* the version that is being fetched, with its size */
  gboolean no_ranges;      /* the server was found not to honour ranges */
  gboolean one_connection; /* further connections were found to be useless */
  guint32 restart_count;
  guint32 vain_restarts; /* restarts since the last Start */
  guint64 vain_bytes;    /* bytes fetched and dropped since the last Start */
  guint32 http_status;
  GVariant *response_headers; /* (owned) (nullable) a{ss} */
  char *effective_uri;        /* (owned) (nullable) NULL: the same as Uri */
  guint32 error_count;
  guint32 failures; /* in a row, without progress between them */
  gint64 retry_at;  /* Unix µs, like those below */
  gint64 completed;
  gint64 expiry;
} SlContent;

typedef struct {
  /* which download it is */
  SlId id;
  guint32 owner;
  gint64 seq;     /* grows with each new download */
  gint64 created; /* Unix µs */

  /* what the caller asks for */
  SlOptions asked;
  SlRanges *wanted; /* (owned) (nullable) ranges of the file; NULL: the whole file */

  /* its state */
  SlState state;
  gint32 error;        /* a SluiceError, or SL_NO_ERROR */
  char *error_message; /* (owned) (nullable) */
  gint64 moved_at;     /* when the last byte arrived, or waiting for one began; monotonic µs */
  gint64 started;      /* the last Start; Unix µs, like those below */
  gint64 modified;     /* the last change or progress */
  gint64 touched;      /* when the service or a caller last changed it; µs of SlAge */

  /*
   * Most downloads of a long queue have no content yet: they share an empty one. So change it only through
   * sl_record_edit_content ().
   */
  const SlContent *content; /* (owned) */

  gboolean disk_full;

  /* not in the database */
  guint16 untold;       /* a set of SlFacts: those that changed since they were last reported */
  guint unsaved : 1;    /* more than the progress changed since the last save */
  guint wipe : 1;       /* a secret was removed, and must leave no trace in the database */
  guint unreadable : 1; /* part of the row can't be read; the row is not written until an Abort */
} SlRecord;

/* (transfer full): a record in state created with the documented defaults */
SlRecord *sl_record_new (void);
/* (transfer full) */
SlRecord *sl_record_copy (const SlRecord *record);
void sl_record_free (SlRecord *record);
/* (transfer none): its content, for changes */
SlContent *sl_record_edit_content (SlRecord *record);
/*
 * Call it after each change of anything but the progress. @facts: those that changed; 0: something that is not reported
 */
void sl_record_note (SlRecord *record, SlFacts facts);
/* Forgets the progress: ranges, stamp and digest of the part file. */
void sl_record_forget_content (SlRecord *record);
/* The server does not honour ranges; further connections to it are useless. */
void sl_record_set_no_ranges (SlRecord *record, gboolean no_ranges);
void sl_record_set_one_connection (SlRecord *record, gboolean one_connection);
/* @copy: (out): uninitialized; free it with sl_progress_clear (). It shares the ranges. */
void sl_progress_copy (SlProgress *copy, const SlProgress *progress);
void sl_progress_clear (SlProgress *progress);

/*
 * Only these functions put foreign text into a record. They make it valid, harmless on a terminal, and short, because a
 * hundred thousand records may be in memory. They note which facts changed. @message: (nullable)
 */
void sl_record_set_error (SlRecord *record, gint32 code, const char *message);
void sl_record_clear_error (SlRecord *record);
/*
 * Copies @version. Drops a validator that can't be kept exactly as sent: a cleaned one would not be that of the server.
 */
void sl_record_set_version (SlRecord *record, const SlValidator *version);
/* @size: of the version; SL_SIZE_UNKNOWN */
void sl_record_set_size (SlRecord *record, guint64 size);
void sl_record_set_http_status (SlRecord *record, guint32 status);
void sl_record_set_effective_uri (SlRecord *record, const char *uri);
/* @headers: (nullable): a{ss}; kept in one piece of memory, cleaned, and as many as there is room for */
void sl_record_set_response_headers (SlRecord *record, GVariant *headers);
/* Keeps only SL_RECORD_HEADERS_AT_REST bytes of the response headers, because very many downloads may be at rest. */
void sl_record_trim_response_headers (SlRecord *record);
/* Unsets the secrets that nobody may read; once the record is saved, no trace of them is left in the database. */
void sl_record_wipe_secrets (SlRecord *record);
/* Call it after loading: cleans all text, because an earlier version or another program may have written the row. */
void sl_record_clean (SlRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRecord, sl_record_free)

G_END_DECLS
