/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validators: they tell versions of a remote file apart (RFC 9110, section 8.8). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A version of a file, as far as it is known. */
typedef struct {
  char *etag;          /* (owned) (nullable) as sent, quotes and all */
  char *last_modified; /* (owned) (nullable) as sent */
  gboolean weak_date;  /* another version may have the same last_modified */
  guint64 size;        /* G_MAXUINT64 when unknown */
} SlValidator;

/* Whether the body of a response is of the known version. */
typedef enum {
  SL_VERSION_SAME,     /* proven */
  SL_VERSION_OTHER,    /* proven */
  SL_VERSION_UNPROVEN, /* the response lacks the proof */
} SlVersion;

void sl_validator_clear (SlValidator *validator);
void sl_validator_copy (SlValidator *to, const SlValidator *from);

/* Whether @etag is well-formed and strong: without W/, and with something between its quotes. */
gboolean sl_etag_is_strong (const char *etag);
/* Whether @etag is well-formed, weak or strong. */
gboolean sl_etag_is_valid (const char *etag);

/*
 * Whether a conditional request for a range of this version is possible; if not, only the whole file can be
 * requested.
 */
gboolean sl_validator_can_resume (const SlValidator *validator);
/* (transfer none) (nullable): the value of If-Range: the strong ETag, else Last-Modified */
const char *sl_validator_get_if_range (const SlValidator *validator);

/*
 * Whether @found, from a response, proves that it is the version @known; this is the only place that decides (RFC
 * 9110, sections 8.8 and 15.3.7.3). What both have must be equal. The validator that If-Range was made of must be
 * there, because that exposes a server that ignores conditions.
 */
SlVersion sl_validator_compare (const SlValidator *known, const SlValidator *found);
/*
 * Whether another version may have the same Last-Modified @modified, because the file may have changed again within
 * that second (RFC 9110, section 8.8.2.2). Unix seconds. @date: when the response was made; 0: unknown. Then @now
 * counts, by our own clock, which may differ from the server's by a minute.
 */
gboolean sl_validator_is_weak_date (gint64 modified, gint64 date, gint64 now);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlValidator, sl_validator_clear)

G_END_DECLS
