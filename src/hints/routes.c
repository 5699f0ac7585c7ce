/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the interface that a transfer from a host uses. */
#include "hints/routes.h"

#include "hints/route.h"

#include <net/if.h>
#include <string.h>

/* Each look-up takes a thread, and many seconds if the resolver is dead. */
#define MAX_LOOKUPS 8
/* Bounds the memory. */
#define MAX_REMEMBERED 1000

typedef struct {
  SlRouteFound found;
  gpointer user_data;
} Waiter;

typedef struct {
  SlRoutes *routes; /* dangling after the look-up was cancelled */
  char *host;       /* (owned) */
  GArray *waiters;  /* (owned) (element-type Waiter) */
} Lookup;

struct _SlRoutes {
  GHashTable *known;   /* (owned) host → index, GUINT_TO_POINTER */
  GHashTable *lookups; /* (owned) host → Lookup (unowned): running and waiting ones */
  GQueue waiting;      /* (element-type Lookup) (owned) */
  Lookup *answered;    /* (unowned) (nullable): whose waiters are being called */
  guint under_way;
  GCancellable *cancellable; /* (owned) */
};

static void
lookup_free (Lookup *lookup)
{
  g_free (lookup->host);
  g_array_unref (lookup->waiters);
  g_free (lookup);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lookup, lookup_free)

SlRoutes *
sl_routes_new (void)
{
  SlRoutes *routes = g_new0 (SlRoutes, 1);

  routes->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  routes->lookups = g_hash_table_new (g_str_hash, g_str_equal);
  routes->cancellable = g_cancellable_new ();
  return routes;
}

/* The first address that has a route: a connection would try them in that order, too. */
static guint
find_first (GList *addresses)
{
  guint index = 0;

  for (GList *link = addresses; link != NULL && index == 0; link = link->next)
    index = sl_route_lookup (link->data);
  return index;
}

/* One at a time, because a callback may cancel other waiters or free everything. */
static void
call_waiters (Lookup *lookup, guint index)
{
  lookup->routes->answered = lookup;
  while (lookup->waiters->len > 0) {
    Waiter waiter = g_array_index (lookup->waiters, Waiter, 0);
    g_array_remove_index (lookup->waiters, 0);
    waiter.found (index, waiter.user_data);
  }
  if (lookup->routes != NULL)
    lookup->routes->answered = NULL;
}

static void begin_next (SlRoutes *routes);

static void
on_resolved (GObject *resolver, GAsyncResult *result, gpointer data)
{
  g_autoptr (Lookup) lookup = data;
  SlRoutes *routes = lookup->routes;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  guint index = find_first (addresses);

  g_resolver_free_addresses (addresses);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_hash_table_size (routes->known) >= MAX_REMEMBERED)
    g_hash_table_remove_all (routes->known);
  if (index != 0)
    g_hash_table_insert (routes->known, g_strdup (lookup->host), GUINT_TO_POINTER (index));
  g_hash_table_remove (routes->lookups, lookup->host);
  routes->under_way--;
  begin_next (routes);
  call_waiters (lookup, index);
}

static void
begin_next (SlRoutes *routes)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  while (routes->under_way < MAX_LOOKUPS && !g_queue_is_empty (&routes->waiting)) {
    Lookup *lookup = g_queue_pop_head (&routes->waiting);
    routes->under_way++;
    g_resolver_lookup_by_name_async (resolver, lookup->host, routes->cancellable, on_resolved,
                                     lookup);
  }
}

/* Answers what needs no resolver. */
static gboolean
find_at_once (SlRoutes *routes, const char *host, guint *index)
{
  const char *scope = strchr (host, '%');
  g_autoptr (GInetAddress) address = NULL;
  gpointer known;

  if (g_hash_table_lookup_extended (routes->known, host, NULL, &known)) {
    *index = GPOINTER_TO_UINT (known);
    return TRUE;
  }
  if (g_ascii_strcasecmp (host, "localhost") == 0) {
    *index = SL_ROUTE_LOOPBACK;
    return TRUE;
  }
  if (scope != NULL) {
    *index = if_nametoindex (scope + 1);
    return TRUE;
  }
  address = g_inet_address_new_from_string (host);
  if (address != NULL)
    *index = sl_route_lookup (address);
  return address != NULL;
}

/* (transfer full): without the brackets that URIs have around IPv6 addresses */
static char *
strip_brackets (const char *host)
{
  gsize length = strlen (host);

  if (length > 2 && host[0] == '[' && host[length - 1] == ']')
    return g_strndup (host + 1, length - 2);
  return g_strdup (host);
}

void
sl_routes_find (SlRoutes *routes, const char *host, SlRouteFound found, gpointer user_data)
{
  g_autofree char *name = strip_brackets (host);
  Waiter waiter = {found, user_data};
  Lookup *lookup;
  guint index = 0;

  if (find_at_once (routes, name, &index)) {
    found (index, user_data);
    return;
  }
  lookup = g_hash_table_lookup (routes->lookups, name);
  if (lookup == NULL) {
    lookup = g_new0 (Lookup, 1);
    lookup->routes = routes;
    lookup->host = g_steal_pointer (&name);
    lookup->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
    g_hash_table_insert (routes->lookups, lookup->host, lookup);
    g_queue_push_tail (&routes->waiting, lookup);
  }
  g_array_append_val (lookup->waiters, waiter);
  begin_next (routes);
}

static void
remove_waiter (Lookup *lookup, gpointer user_data)
{
  for (guint i = lookup->waiters->len; i > 0; i--) {
    if (g_array_index (lookup->waiters, Waiter, i - 1).user_data == user_data)
      g_array_remove_index (lookup->waiters, i - 1);
  }
}

/* The look-up goes on, and its result is remembered. */
void
sl_routes_cancel (SlRoutes *routes, gpointer user_data)
{
  GHashTableIter iter;
  gpointer lookup;

  g_hash_table_iter_init (&iter, routes->lookups);
  while (g_hash_table_iter_next (&iter, NULL, &lookup))
    remove_waiter (lookup, user_data);
  if (routes->answered != NULL)
    remove_waiter (routes->answered, user_data);
}

/* Look-ups in progress ask for the route after resolving, so they see the new network. */
void
sl_routes_forget_all (SlRoutes *routes)
{
  g_hash_table_remove_all (routes->known);
}

void
sl_routes_free (SlRoutes *routes)
{
  if (routes->answered != NULL) {
    g_array_set_size (routes->answered->waiters, 0);
    routes->answered->routes = NULL;
  }
  g_cancellable_cancel (routes->cancellable);
  g_clear_object (&routes->cancellable);
  g_queue_clear_full (&routes->waiting, (GDestroyNotify)lookup_free);
  g_hash_table_unref (routes->lookups);
  g_hash_table_unref (routes->known);
  g_free (routes);
}
