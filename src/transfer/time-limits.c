/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NoProgressTimeout and MaximumDownloadTime, and their defaults (s). */
#include "transfer/time-limits.h"

#include "base/error.h"

#define NO_PROGRESS_FOREGROUND 300
#define NO_PROGRESS_BACKGROUND 86400
#define MAXIMUM_TIME           (90 * G_GINT64_CONSTANT (86400))

static guint32
get_no_progress_timeout (const SlRecord *record)
{
  if (record->asked.no_progress_timeout != 0)
    return record->asked.no_progress_timeout;
  return sl_class_of (record->asked.priority) == SL_CLASS_FOREGROUND ? NO_PROGRESS_FOREGROUND
                                                                     : NO_PROGRESS_BACKGROUND;
}

gboolean
sl_time_limits_no_progress (const SlRecord *record, gint64 now, GError **error)
{
  guint32 timeout = get_no_progress_timeout (record);

  if (record->moved_at == 0 || now - record->moved_at < (gint64)timeout * G_USEC_PER_SEC)
    return FALSE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NO_PROGRESS, "No byte arrived for %u seconds%s%s",
               timeout, record->error_message != NULL ? "; the last error was: " : "",
               record->error_message != NULL ? record->error_message : "");
  return TRUE;
}

gboolean
sl_time_limits_too_long (const SlRecord *record, gint64 active_time, GError **error)
{
  gint64 maximum = record->asked.maximum_time != 0 ? record->asked.maximum_time : MAXIMUM_TIME;

  if (active_time <= maximum * G_USEC_PER_SEC)
    return FALSE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_MAXIMUM_TIME,
               "The download has been transferring for longer than the %" G_GINT64_FORMAT
               " seconds that MaximumDownloadTime allows",
               maximum);
  return TRUE;
}
