/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NoProgressTimeout and its defaults. */
#include "transfer/no-progress.h"

#include "base/error.h"

#define NO_PROGRESS_FOREGROUND 300
#define NO_PROGRESS_BACKGROUND 86400

static guint32
get_no_progress_timeout (const SlRecord *record)
{
  if (record->no_progress_timeout != 0)
    return record->no_progress_timeout;
  return record->priority == SL_PRIORITY_FOREGROUND ? NO_PROGRESS_FOREGROUND
                                                    : NO_PROGRESS_BACKGROUND;
}

gboolean
sl_has_no_progress (const SlRecord *record, GError **error)
{
  guint32 timeout = get_no_progress_timeout (record);

  if (record->progress_at == 0 ||
      g_get_monotonic_time () - record->progress_at < (gint64)timeout * G_USEC_PER_SEC)
    return FALSE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NO_PROGRESS, "No byte arrived for %u seconds%s%s",
               timeout, record->error_message != NULL ? "; the last error was: " : "",
               record->error_message != NULL ? record->error_message : "");
  return TRUE;
}
