/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validators: what tells one version of a remote file from another (RFC 9110, section 8.8). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of a version of a file. */
typedef struct {
  char *etag;          /* (owned) (nullable) as sent, quotes and all */
  char *last_modified; /* (owned) (nullable) as sent */
  guint64 size;        /* G_MAXUINT64 when unknown */
} SlValidator;

void sl_validator_clear (SlValidator *validator);
void sl_validator_copy (SlValidator *to, const SlValidator *from);

/* Whether @etag is well-formed and strong: W/ is not, nor is what lacks its quotes. */
gboolean sl_etag_is_strong (const char *etag);
/* Whether @etag is well-formed, weak or strong. */
gboolean sl_etag_is_valid (const char *etag);

/* Whether a range of this version can be asked for with a condition; if not, only the whole file can. */
gboolean sl_validator_can_resume (const SlValidator *validator);
/* (transfer none) (nullable): the value of If-Range: the strong ETag, else Last-Modified */
const char *sl_validator_get_if_range (const SlValidator *validator);

/*
 * Whether @found, from a response, is the same version as @known. What both have must agree; and the
 * one that If-Range was made of must be there, so that a server that ignores conditions is found out.
 */
gboolean sl_validator_matches (const SlValidator *known, const SlValidator *found);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlValidator, sl_validator_clear)

G_END_DECLS
