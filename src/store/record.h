/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download: what was asked for, and how far it has come. A row of the database. */
#pragma once

#include "base/enums.h"
#include "base/id.h"
#include "base/options.h"
#include "base/ranges.h"
#include "base/stamp.h"

G_BEGIN_DECLS

#define SL_NO_ERROR (-1)

/* Bytes that are kept of foreign text. */
#define SL_RECORD_MESSAGE_MAX     1024
#define SL_RECORD_HEADERS_MAX     16384
#define SL_RECORD_HEADERS_AT_REST 256

typedef struct {
  SlId id;
  gint64 seq; /* rises with every creation */
  guint32 owner;

  SlOptions asked;  /* what was asked for */
  SlRanges *wanted; /* (owned) (nullable) of the file; NULL is all of it */

  /* how far it has come */
  SlState state;
  guint64 size;        /* of the remote file; SL_SIZE_UNKNOWN */
  SlRanges *done;      /* (owned) on disk and synced */
  char *etag;          /* (owned) (nullable) as the server sent it */
  char *last_modified; /* (owned) (nullable) as the server sent it */
  gboolean weak_date;  /* last_modified may be that of another version too (RFC 9110, 8.8.2.2) */
  gboolean no_ranges;  /* the server has been seen not to honour ranges */
  gboolean one_connection; /* further connections have been seen to be of no use */
  char *computed;          /* (owned) (nullable) digest of the sealed content */
  SlStamp stamp;
  guint64 fetched;    /* body bytes read in all */
  gint64 active_time; /* µs spent transferring */
  gint64
      progress_at; /* monotonic µs of the last byte, or of the start; of this run of the service */
  gint32 error;    /* a SluiceError, or SL_NO_ERROR */
  char *error_message; /* (owned) (nullable) */
  guint32 error_count;
  guint32 restart_count;
  guint64 vain_bytes;    /* fetched and dropped since the last Start */
  guint32 vain_restarts; /* since the last Start */
  guint32 failures;      /* in a row, without a byte between them */
  gint64 retry_at;       /* Unix µs */
  gboolean disk_full;
  guint32 http_status;
  GVariant *response_headers; /* (owned) (nullable) a{ss} */
  char *effective_uri;        /* (owned) (nullable) NULL is as uri */
  gint64 started;             /* Unix µs, of the last Start */
  gint64 created;             /* Unix µs, as those below */
  gint64 modified;
  gint64 completed;
  gint64 expiry;
  gint64 touched; /* µs of SlAge, when the service or a caller last changed it */

  gboolean
      wipe; /* not saved: something secret was taken out, and is to leave no trace in the database */
  gboolean unreadable; /* not saved: part of the row can't be read; the row stays until an Abort */
} SlRecord;

/* (transfer full): a record in state created with the documented defaults */
SlRecord *sl_record_new (void);
/* (transfer full) */
SlRecord *sl_record_copy (const SlRecord *record);
void sl_record_free (SlRecord *record);
/* What is recorded of the part file, its digest too, holds no more. */
void sl_record_forget_content (SlRecord *record);

/*
 * Foreign text. It comes into a record by these alone, so that what is in one is valid, harmless on a screen, and short:
 * a hundred thousand records are in memory. @message, @etag and the like may be NULL.
 */
void sl_record_set_error (SlRecord *record, gint32 code, const char *message);
void sl_record_clear_error (SlRecord *record);
/* What can't be kept as it was sent is dropped: a validator that was changed would be another one. */
void sl_record_set_validator (SlRecord *record, const char *etag, const char *last_modified);
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
