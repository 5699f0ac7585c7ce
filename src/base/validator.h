/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validators: what tells one version of a remote file from another (RFC 9110, section 8.8). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of a version of a file. */
typedef struct {
  char *etag;          /* (owned) (nullable) as sent, quotes and all */
  char *last_modified; /* (owned) (nullable) as sent */
  gboolean weak_date;  /* another version could have the same last_modified */
  guint64 size;        /* G_MAXUINT64 when unknown */
} SlValidator;

/* What a response says of the version that its body is of. */
typedef enum {
  SL_VERSION_SAME,     /* proven */
  SL_VERSION_OTHER,    /* proven */
  SL_VERSION_UNPROVEN, /* what the proof needs is missing */
} SlVersion;

void sl_validator_clear (SlValidator *validator);
void sl_validator_copy (SlValidator *to, const SlValidator *from);

/* Whether @etag is well-formed and strong: W/ is not, nor is what lacks its quotes, nor what has nothing in them. */
gboolean sl_etag_is_strong (const char *etag);
/* Whether @etag is well-formed, weak or strong. */
gboolean sl_etag_is_valid (const char *etag);

/* Whether a range of this version can be asked for with a condition; if not, only the whole file can. */
gboolean sl_validator_can_resume (const SlValidator *validator);
/* (transfer none) (nullable): the value of If-Range: the strong ETag, else Last-Modified */
const char *sl_validator_get_if_range (const SlValidator *validator);

/*
 * What @found, from a response, proves about being the version @known; the only place that decides (RFC 9110, sections 8.8
 * and 15.3.7.3). What both have must agree; and the one that If-Range was made of must be there, so that a server that
 * ignores conditions is found out.
 */
SlVersion sl_validator_compare (const SlValidator *known, const SlValidator *found);
/*
 * Whether a Last-Modified of @modified, in a response that was made at @date, may be that of another version too: the file
 * may have changed again within that second (RFC 9110, section 8.8.2.2). Unix seconds; @date is 0 when the response has
 * none, and @now counts then, by our own clock, which may differ from the server's by a minute.
 */
gboolean sl_validator_is_weak_date (gint64 modified, gint64 date, gint64 now);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlValidator, sl_validator_clear)

G_END_DECLS
