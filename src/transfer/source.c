/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a file comes from. */
#include "transfer/source.h"

#include "base/address.h"

SlSource *
sl_source_new (const SlRecord *record)
{
  SlSource *source = g_new0 (SlSource, 1);

  g_atomic_ref_count_init (&source->ref_count);
  source->address = g_strdup (record->asked.uri);
  source->host = sl_address_dup_server (record->asked.uri);
  sl_validator_copy (&source->version, &record->content->version);
  return source;
}

SlSource *
sl_source_ref (SlSource *source)
{
  g_atomic_ref_count_inc (&source->ref_count);
  return source;
}

void
sl_source_unref (SlSource *source)
{
  if (!g_atomic_ref_count_dec (&source->ref_count))
    return;
  g_free (source->address);
  g_free (source->host);
  sl_validator_clear (&source->version);
  g_free (source);
}
