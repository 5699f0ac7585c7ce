/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many bytes arrived over each connection. The store keeps a count as the number "used KIND BEGIN UUID". BEGIN is
 * the Unix second at which the month or period began, in 12 digits, so that names sort by time.
 */
#include "queue/usage.h"

#include <string.h>

#define PREFIX "used "
#define NAME   PREFIX "%s %012" G_GINT64_FORMAT " %s"
#define MONTH  "month"
#define PERIOD "period"
/* A count is written when it has grown by this (bytes), so that a crash forgets little. */
#define FLUSH_BYTES (16 * 1024 * 1024)

typedef struct {
  guint64 bytes;
  guint64 written; /* how much of bytes the store has */
} Count;

struct _SlUsage {
  SlStore *store;
  GHashTable *counts; /* (owned) name of the number (owned) → Count (owned) */
  gint64 begin;       /* of the month; Unix s */
  gint64 end;         /* Unix µs */
};

SlUsage *
sl_usage_new (SlStore *store)
{
  SlUsage *usage = g_new0 (SlUsage, 1);

  usage->store = store;
  usage->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return usage;
}

void
sl_usage_free (SlUsage *usage)
{
  sl_usage_flush (usage);
  g_hash_table_unref (usage->counts);
  g_free (usage);
}

/* (transfer full): when the plan's month begins that contains @now, or the one @months later */
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

void
sl_usage_set_time (SlUsage *usage, gint64 now, GTimeZone *zone, guint day)
{
  g_autoptr (GDateTime) begin = get_begin (now, zone, day, 0);
  g_autoptr (GDateTime) end = get_begin (now, zone, day, 1);

  usage->begin = g_date_time_to_unix (begin);
  usage->end = g_date_time_to_unix (end) * G_USEC_PER_SEC;
}

gint64
sl_usage_get_end (SlUsage *usage)
{
  return usage->end;
}

static void
write_count (SlUsage *usage, const char *name, Count *count)
{
  sl_store_set_number (usage->store, name, (gint64)count->bytes, NULL, NULL);
  count->written = count->bytes;
}

void
sl_usage_flush (SlUsage *usage)
{
  GHashTableIter iter;
  gpointer name, count;

  g_hash_table_iter_init (&iter, usage->counts);
  while (g_hash_table_iter_next (&iter, &name, &count)) {
    if (((Count *)count)->bytes != ((Count *)count)->written)
      write_count (usage, name, count);
  }
}

/* How many earlier counts of a connection are kept: the clock may be ahead, and the real month will continue. */
#define KEPT_EARLIER 12

/* Search for counts that a new one replaces. */
typedef struct {
  const char *name;
  gsize kind;     /* length of "used KIND " */
  GPtrArray *old; /* (owned) (element-type utf8) */
} Search;

/*
 * Finds earlier counts of the same kind and connection. Later ones stay: the clock may be wrong now, as on machines
 * without a clock of their own.
 */
static void
find_old (const char *name, gint64 value, gpointer data)
{
  Search *search = data;
  const char *connection = search->name + search->kind + 12;

  if (strncmp (name, search->name, search->kind) == 0 && g_str_has_suffix (name, connection) &&
      strlen (name) == strlen (search->name) && strcmp (name, search->name) < 0)
    g_ptr_array_add (search->old, g_strdup (name));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
drop_old (SlUsage *usage, const char *name)
{
  Search search = {name, (gsize)(strchr (name + strlen (PREFIX), ' ') + 1 - name), NULL};
  GHashTableIter iter;
  gpointer counted;

  search.old = g_ptr_array_new_with_free_func (g_free);
  sl_store_foreach_number (usage->store, find_old, &search);
  /* also counts that have not been written yet */
  g_hash_table_iter_init (&iter, usage->counts);
  while (g_hash_table_iter_next (&iter, &counted, NULL))
    find_old (counted, 0, &search);
  g_ptr_array_sort (search.old, compare_names);
  for (guint i = 0; i + KEPT_EARLIER < search.old->len; i++) {
    g_hash_table_remove (usage->counts, search.old->pdata[i]);
    sl_store_set_number (usage->store, search.old->pdata[i], 0, NULL, NULL);
  }
  g_ptr_array_unref (search.old);
}

/* (transfer none): the count from the store, or a new one */
static Count *
find_count (SlUsage *usage, const char *name)
{
  Count *count = g_hash_table_lookup (usage->counts, name);

  if (count == NULL) {
    count = g_new0 (Count, 1);
    count->bytes = count->written = (guint64)sl_store_get_number (usage->store, name);
    g_hash_table_insert (usage->counts, g_strdup (name), count);
  }
  return count;
}

static void
add (SlUsage *usage, const char *kind, gint64 begin, const char *connection, guint64 bytes)
{
  g_autofree char *name = g_strdup_printf (NAME, kind, begin, connection);
  Count *count = find_count (usage, name);

  if (count->bytes == 0)
    drop_old (usage, name);
  count->bytes += bytes;
  if (count->bytes - count->written >= FLUSH_BYTES)
    write_count (usage, name, count);
}

void
sl_usage_add (SlUsage *usage, const char *connection, gint64 period, guint64 bytes)
{
  add (usage, MONTH, usage->begin, connection, bytes);
  if (period != 0)
    add (usage, PERIOD, period / G_USEC_PER_SEC, connection, bytes);
}

static guint64
get (SlUsage *usage, const char *kind, gint64 begin, const char *connection)
{
  g_autofree char *name = g_strdup_printf (NAME, kind, begin, connection);

  return find_count (usage, name)->bytes;
}

guint64
sl_usage_get_month (SlUsage *usage, const char *connection)
{
  return get (usage, MONTH, usage->begin, connection);
}

guint64
sl_usage_get_period (SlUsage *usage, const char *connection, gint64 period)
{
  return get (usage, PERIOD, period / G_USEC_PER_SEC, connection);
}
