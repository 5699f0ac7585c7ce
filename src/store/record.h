/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download: what was asked for, and how far it has come. A row of the database. */
#pragma once

#include "base/enums.h"
#include "base/id.h"
#include "base/ranges.h"
#include "base/stamp.h"

G_BEGIN_DECLS

#define SL_NO_ERROR (-1)

typedef struct {
  SlId id;
  gint64 seq; /* rises with every creation */
  guint32 owner;

  /* what was asked for */
  char *uri;          /* (owned) */
  char *content_id;   /* (owned) (nullable) */
  char *display_name; /* (owned) (nullable) */
  char *correlation;  /* (owned) (nullable) */
  char *local_path;   /* (owned) (nullable) ends in a slash while the name is open */
  char *digest;       /* (owned) (nullable) in normal form */
  GVariant *headers;  /* (owned) (nullable) a{ss} */
  SlRanges *wanted;   /* (owned) (nullable) NULL is the whole file */
  SlPriority priority;
  SlRedirectPolicy redirect_policy;
  SlSecurityFlags security;
  SlCostPolicy cost_policy;
  gboolean disallow_on_cellular;
  gboolean only_when_idle;
  gboolean only_on_external_power;
  gboolean ignore_conditions; /* its owner wants it now, whatever it costs */
  gint64 deadline;            /* Unix µs; 0: none */
  gboolean overwrite;
  gboolean auto_start;
  gboolean auto_finalize;
  gboolean headers_write_only;
  gboolean insecure_redirect;
  gboolean dynamic;
  gboolean persistent;
  guint64 max_size;
  guint64 max_rate;            /* bytes a second; 0: no limit */
  guint32 no_progress_timeout; /* s */
  guint32 minimum_retry_delay; /* s */
  guint32 maximum_time;        /* s */
  guint32 progress_interval;   /* s */
  guint32 progress_percent;

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
  guint64 fetched;     /* body bytes read in all */
  gint64 active_time;  /* µs spent transferring */
  gint64 progress_at;  /* Unix µs of the last byte, or of the start */
  gint32 error;        /* a SluiceError, or SL_NO_ERROR */
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
} SlRecord;

/* (transfer full): a record in state created with the documented defaults */
SlRecord *sl_record_new (void);
/* (transfer full) */
SlRecord *sl_record_copy (const SlRecord *record);
void sl_record_free (SlRecord *record);
/* What is recorded of the part file, its digest too, holds no more. */
void sl_record_forget_content (SlRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRecord, sl_record_free)

G_END_DECLS
