/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers hosts to which further connections were useless: a table with an expiry. */
#include "transfer/single-connection.h"

/* How long a host is remembered. */
#define KEEP_TIME G_TIME_SPAN_HOUR
/* How many hosts are remembered. When full, expired ones are forgotten; if none are expired, all are. */
#define HOSTS_MAX 1000

static GHashTable
    *hosts; /* (owned) scheme, host and port → when it was added (gint64, monotonic) (owned) */

/* (transfer full): the part of @uri before its path */
static char *
dup_host (const char *uri)
{
  const char *authority = g_strstr_len (uri, -1, "://");
  gsize length = authority != NULL ? (gsize)(authority + 3 - uri) : 0;

  while (uri[length] != '\0' && uri[length] != '/' && uri[length] != '?')
    length++;
  return g_ascii_strdown (uri, (gssize)length);
}

static gboolean
is_over (gpointer key, gpointer value, gpointer now)
{
  return *(gint64 *)now - *(gint64 *)value >= KEEP_TIME;
}

void
sl_single_connection_add (const char *uri)
{
  gint64 now = g_get_monotonic_time ();

  if (hosts == NULL)
    hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (g_hash_table_size (hosts) >= HOSTS_MAX)
    g_hash_table_foreach_remove (hosts, is_over, &now);
  if (g_hash_table_size (hosts) >= HOSTS_MAX)
    g_hash_table_remove_all (hosts);
  g_hash_table_replace (hosts, dup_host (uri), g_memdup2 (&now, sizeof now));
}

gboolean
sl_single_connection_has (const char *uri)
{
  g_autofree char *host = dup_host (uri);
  gint64 *since = hosts != NULL ? g_hash_table_lookup (hosts, host) : NULL;

  return since != NULL && g_get_monotonic_time () - *since < KEEP_TIME;
}
