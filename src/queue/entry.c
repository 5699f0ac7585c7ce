/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the queue keeps about one download, besides its record. */
#include "queue/entry.h"

SlEntry *
sl_entry_new (SlDownload *download)
{
  SlEntry *entry = g_new0 (SlEntry, 1);
  const SlRecord *record = sl_download_get_record (download);

  entry->download = download;
  entry->owner = record->owner;
  entry->counted = record->content->progress.fetched;
  entry->all.data = entry;
  entry->waiting.data = entry;
  entry->in_class.data = entry;
  sl_download_set_entry (download, entry);
  return entry;
}

void
sl_entry_free (SlEntry *entry)
{
  sl_download_set_entry (entry->download, NULL);
  sl_download_unref (entry->download);
  g_free (entry);
}

SlEntry *
sl_entry_of (SlDownload *download)
{
  return sl_download_get_entry (download);
}
