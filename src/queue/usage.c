/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many bytes have come over each connection in this month: numbers "used MONTH UUID" of the store. */
#include "queue/usage.h"

#include <string.h>

#define PREFIX "used "
/* Written at the latest when so much is not (bytes), so that a crash forgets little. */
#define FLUSH_BYTES (16 * 1024 * 1024)

typedef struct {
  guint64 bytes;
  guint64 written; /* of bytes, given to the store */
} Count;

struct _SlUsage {
  SlStore *store;
  GHashTable *counts; /* (owned) uuid (owned) → Count (owned) */
  char *month;        /* (owned) its first day, as "2026-11-01" */
  gint64 end;
};

SlUsage *
sl_usage_new (SlStore *store)
{
  SlUsage *usage = g_new0 (SlUsage, 1);

  usage->store = store;
  usage->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  usage->month = g_strdup ("");
  return usage;
}

void
sl_usage_free (SlUsage *usage)
{
  sl_usage_flush (usage);
  g_hash_table_unref (usage->counts);
  g_free (usage->month);
  g_free (usage);
}

/* (transfer full): the first moment of the month of the plan that @now is in; @months later */
static GDateTime *
get_begin (gint64 now, GTimeZone *zone, guint day, int months)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
  g_autoptr (GDateTime) first = g_date_time_new (zone, g_date_time_get_year (local),
                                                 g_date_time_get_month (local), (gint)day, 0, 0, 0);

  if (g_date_time_get_day_of_month (local) < (gint)day)
    months--;
  return g_date_time_add_months (first, months);
}

static Count *
find_count (SlUsage *usage, const char *connection)
{
  Count *count = g_hash_table_lookup (usage->counts, connection);

  if (count == NULL) {
    count = g_new0 (Count, 1);
    g_hash_table_insert (usage->counts, g_strdup (connection), count);
  }
  return count;
}

typedef struct {
  SlUsage *usage;
  GPtrArray *old; /* (owned) (element-type utf8) names of numbers of earlier months */
} Loading;

static void
load_number (const char *name, gint64 value, gpointer data)
{
  Loading *loading = data;
  gsize length = strlen (loading->usage->month);
  const char *rest;
  Count *count;
  int order;

  if (!g_str_has_prefix (name, PREFIX))
    return;
  rest = name + strlen (PREFIX);
  order = strncmp (rest, loading->usage->month, length);
  /* a later month stays: the clock may be wrong now, as on machines that start without one */
  if (order < 0)
    g_ptr_array_add (loading->old, g_strdup (name));
  if (order != 0 || rest[length] != ' ')
    return;
  count = find_count (loading->usage, rest + length + 1);
  count->bytes = count->written = (guint64)value;
}

gboolean
sl_usage_set_time (SlUsage *usage, gint64 now, GTimeZone *zone, guint day)
{
  g_autoptr (GDateTime) begin = get_begin (now, zone, day, 0);
  g_autoptr (GDateTime) end = get_begin (now, zone, day, 1);
  g_autofree char *month = g_date_time_format (begin, "%Y-%m-%d");
  Loading loading = {usage, NULL};

  usage->end = g_date_time_to_unix (end) * G_USEC_PER_SEC;
  if (g_str_equal (month, usage->month))
    return FALSE;
  sl_usage_flush (usage);
  g_free (usage->month);
  usage->month = g_steal_pointer (&month);
  g_hash_table_remove_all (usage->counts);
  loading.old = g_ptr_array_new_with_free_func (g_free);
  sl_store_foreach_number (usage->store, load_number, &loading);
  for (guint i = 0; i < loading.old->len; i++)
    sl_store_set_number (usage->store, loading.old->pdata[i], 0, NULL, NULL);
  g_ptr_array_unref (loading.old);
  return TRUE;
}

gint64
sl_usage_get_end (SlUsage *usage)
{
  return usage->end;
}

static void
write_count (SlUsage *usage, const char *connection, Count *count)
{
  g_autofree char *name = g_strdup_printf (PREFIX "%s %s", usage->month, connection);

  sl_store_set_number (usage->store, name, (gint64)count->bytes, NULL, NULL);
  count->written = count->bytes;
}

void
sl_usage_add (SlUsage *usage, const char *connection, guint64 bytes)
{
  Count *count = find_count (usage, connection);

  count->bytes += bytes;
  if (count->bytes - count->written >= FLUSH_BYTES)
    write_count (usage, connection, count);
}

guint64
sl_usage_get (SlUsage *usage, const char *connection)
{
  const Count *count = g_hash_table_lookup (usage->counts, connection);

  return count != NULL ? count->bytes : 0;
}

void
sl_usage_flush (SlUsage *usage)
{
  GHashTableIter iter;
  gpointer connection, count;

  g_hash_table_iter_init (&iter, usage->counts);
  while (g_hash_table_iter_next (&iter, &connection, &count)) {
    if (((Count *)count)->bytes != ((Count *)count)->written)
      write_count (usage, connection, count);
  }
}
