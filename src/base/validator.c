/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validators. */
#include "base/validator.h"

#include <string.h>

/* How far a server's clock may differ from ours (s). */
#define CLOCKS_DIFFER 60

void
sl_validator_clear (SlValidator *validator)
{
  g_clear_pointer (&validator->etag, g_free);
  g_clear_pointer (&validator->last_modified, g_free);
  validator->size = G_MAXUINT64;
}

void
sl_validator_copy (SlValidator *to, const SlValidator *from)
{
  to->etag = g_strdup (from->etag);
  to->last_modified = g_strdup (from->last_modified);
  to->weak_date = from->weak_date;
  to->size = from->size;
}

/* entity-tag without W/: DQUOTE *etagc DQUOTE */
static gboolean
is_opaque_tag (const char *text)
{
  gsize length = strlen (text);

  if (length < 2 || text[0] != '"' || text[length - 1] != '"')
    return FALSE;
  for (gsize i = 1; i < length - 1; i++) {
    guchar c = (guchar)text[i];
    if (c == '"' || c <= ' ' || c == 0x7f)
      return FALSE;
  }
  return TRUE;
}

/* An empty tag is well-formed, but servers that send it send it for every file. */
gboolean
sl_etag_is_strong (const char *etag)
{
  return is_opaque_tag (etag) && strlen (etag) > 2;
}

gboolean
sl_etag_is_valid (const char *etag)
{
  return is_opaque_tag (etag) || (g_str_has_prefix (etag, "W/") && is_opaque_tag (etag + 2));
}

const char *
sl_validator_get_if_range (const SlValidator *validator)
{
  if (validator->etag != NULL && sl_etag_is_strong (validator->etag))
    return validator->etag;
  /* a date alone proves too little: the size must agree, too */
  if (validator->last_modified != NULL && !validator->weak_date && validator->size != G_MAXUINT64)
    return validator->last_modified;
  return NULL;
}

gboolean
sl_validator_can_resume (const SlValidator *validator)
{
  return sl_validator_get_if_range (validator) != NULL;
}

static gboolean
differ (const char *a, const char *b)
{
  return a != NULL && b != NULL && strcmp (a, b) != 0;
}

SlVersion
sl_validator_compare (const SlValidator *known, const SlValidator *found)
{
  const char *if_range = sl_validator_get_if_range (known);
  gboolean there;

  if (differ (known->etag, found->etag) || differ (known->last_modified, found->last_modified))
    return SL_VERSION_OTHER;
  if (known->size != G_MAXUINT64 && found->size != G_MAXUINT64 && known->size != found->size)
    return SL_VERSION_OTHER;
  if (if_range == NULL)
    return SL_VERSION_UNPROVEN;
  there = if_range == known->etag ? found->etag != NULL : found->last_modified != NULL;
  return there ? SL_VERSION_SAME : SL_VERSION_UNPROVEN;
}

gboolean
sl_validator_is_weak_date (gint64 modified, gint64 date, gint64 now)
{
  return date != 0 ? date - modified < 1 : now - modified < CLOCKS_DIFFER;
}
