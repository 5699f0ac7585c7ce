/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Follows NetworkManager. After any change one call reads all of its objects again; the settings of each connection
 * in use are read once. That is simpler than following each object by its signals, and can't get out of step.
 */
#include "hints/network-manager.h"

#include "hints/network-objects.h"

#include <net/if.h>

#define SERVICE          "org.freedesktop.NetworkManager"
#define SETTINGS         "org.freedesktop.NetworkManager.Settings.Connection"
#define PROPERTIES       "org.freedesktop.DBus.Properties"
#define SETTINGS_TIMEOUT 2000 /* ms; links are reported only after it */
/* Changes come in bursts: after the first we read at once, then at most once in this interval (µs). */
#define READ_INTERVAL (50 * 1000)

/* The signals that matter. Not those of access points: signal strengths change all the time. */
static const struct {
  const char *interface, *member, *arg0;
} signals[] = {
    {PROPERTIES, "PropertiesChanged", SERVICE},
    {PROPERTIES, "PropertiesChanged", SERVICE ".Device"},
    {PROPERTIES, "PropertiesChanged", SERVICE ".Connection.Active"},
    {SERVICE, "DeviceAdded", NULL},
    {SERVICE, "DeviceRemoved", NULL},
    {SETTINGS, "Updated", NULL},
    {SETTINGS, "Removed", NULL},
};

struct _SlNetworkManager {
  GDBusConnection *bus; /* (owned) (nullable) */
  SlSourceChanged changed;
  gpointer user_data;
  guint watch_id;
  guint subscriptions[G_N_ELEMENTS (signals)];

  /* Of the running instance; NULL when there is none. */
  char *owner;               /* (owned) (nullable) unique name */
  GCancellable *cancellable; /* (owned) (nullable) of all calls to it */
  gboolean reading;
  gboolean stale;           /* something changed while reading */
  gint64 read_time;         /* when the last read began */
  guint read_id;            /* timer of the next read; 0: none */
  GHashTable *settings;     /* (owned) path → user data a{ss} (owned) (nullable) */
  guint pending;            /* pending calls for settings */
  SlConditions *latest;     /* (owned) (nullable) still without settings */
  GPtrArray *latest_paths;  /* (owned) (nullable) of the settings of latest's links */
  SlConditions *conditions; /* (owned) (nullable) as reported */
};

/* A call for the settings of one connection. */
typedef struct {
  SlNetworkManager *manager; /* dangling once the call was cancelled */
  char *path;                /* (owned) */
} Call;

static void read_objects (SlNetworkManager *manager);

static void
call_free (Call *call)
{
  g_free (call->path);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
variant_clear (gpointer data)
{
  g_clear_pointer ((GVariant **)&data, g_variant_unref);
}

static void
drop_latest (SlNetworkManager *manager)
{
  g_clear_pointer (&manager->latest, sl_conditions_free);
  g_clear_pointer (&manager->latest_paths, g_ptr_array_unref);
}

/* @conditions: (transfer full): reported from now on; NULL: unknown */
static void
report (SlNetworkManager *manager, SlConditions *conditions)
{
  g_autoptr (SlConditions) old = manager->conditions;

  manager->conditions = conditions;
  if (old == conditions ||
      (old != NULL && conditions != NULL && sl_conditions_equal (old, conditions)))
    return;
  manager->changed (manager->user_data);
}

/* Reports the latest conditions once the settings of all links have arrived. */
static void
report_latest (SlNetworkManager *manager)
{
  if (manager->latest == NULL || manager->pending > 0)
    return;
  for (guint i = 0; i < manager->latest->links->len; i++) {
    SlLink *link = manager->latest->links->pdata[i];
    GVariant *user_data = g_hash_table_lookup (manager->settings, manager->latest_paths->pdata[i]);
    link->user_data = user_data != NULL ? g_variant_ref (user_data) : NULL;
  }
  g_clear_pointer (&manager->latest_paths, g_ptr_array_unref);
  report (manager, g_steal_pointer (&manager->latest));
}

/* Settings. */

/* (transfer full) (nullable): the a{ss} of the setting "user" in @reply, (a{sa{sv}}) */
static GVariant *
get_user_data (GVariant *reply)
{
  g_autoptr (GVariant) all = g_variant_get_child_value (reply, 0);
  g_autoptr (GVariant) user = g_variant_lookup_value (all, "user", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) data = NULL;

  if (user != NULL)
    data = g_variant_lookup_value (user, "data", G_VARIANT_TYPE ("a{ss}"));
  return data != NULL && g_variant_n_children (data) > 0 ? g_steal_pointer (&data) : NULL;
}

static void
on_settings (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  SlNetworkManager *manager = call->manager;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  /* settings that we must not read count as empty, until they change */
  if (reply == NULL)
    g_debug ("%s: %s", call->path, error->message);
  g_hash_table_insert (manager->settings, g_steal_pointer (&call->path),
                       reply != NULL ? get_user_data (reply) : NULL);
  manager->pending--;
  report_latest (manager);
}

static void
read_settings (SlNetworkManager *manager, const char *path)
{
  Call *call = g_new (Call, 1);

  call->manager = manager;
  call->path = g_strdup (path);
  manager->pending++;
  g_dbus_connection_call (manager->bus, manager->owner, path, SETTINGS, "GetSettings", NULL,
                          G_VARIANT_TYPE ("(a{sa{sv}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          SETTINGS_TIMEOUT, manager->cancellable, on_settings, call);
}

static gboolean
is_unused (gpointer path, gpointer user_data, gpointer paths)
{
  return !g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL);
}

/* Reads the settings of new connections, and forgets those of unused ones. */
static void
complete_settings (SlNetworkManager *manager)
{
  GPtrArray *paths = manager->latest_paths;

  g_hash_table_foreach_remove (manager->settings, is_unused, paths);
  for (guint i = 0; i < paths->len; i++) {
    if (g_variant_is_object_path (paths->pdata[i]) &&
        !g_hash_table_contains (manager->settings, paths->pdata[i]))
      read_settings (manager, paths->pdata[i]);
  }
}

/* Objects. */

static gboolean
on_read_time (gpointer data)
{
  SlNetworkManager *manager = data;

  manager->read_id = 0;
  read_objects (manager);
  return G_SOURCE_REMOVE;
}

/* After something has changed. */
static void
read_soon (SlNetworkManager *manager)
{
  gint64 wait = manager->read_time + READ_INTERVAL - g_get_monotonic_time ();

  if (manager->reading)
    manager->stale = TRUE;
  else if (manager->read_id != 0)
    return;
  else if (wait > 0)
    manager->read_id = g_timeout_add ((guint)(wait / 1000) + 1, on_read_time, manager);
  else
    read_objects (manager);
}

static void
take_objects (SlNetworkManager *manager, GVariant *reply)
{
  g_autoptr (GVariant) objects = g_variant_get_child_value (reply, 0);

  drop_latest (manager);
  manager->latest = sl_conditions_new ();
  manager->latest_paths = sl_network_objects_read (objects, manager->latest);
  for (guint i = 0; i < manager->latest->links->len; i++) {
    SlLink *link = manager->latest->links->pdata[i];
    link->index = if_nametoindex (link->interface);
  }
  complete_settings (manager);
  report_latest (manager);
}

static void
on_objects (GObject *bus, GAsyncResult *result, gpointer data)
{
  SlNetworkManager *manager = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  manager->reading = FALSE;
  if (manager->stale)
    read_soon (manager);
  if (reply != NULL) {
    take_objects (manager, reply);
    return;
  }
  g_debug ("NetworkManager: %s", error->message);
  drop_latest (manager);
  report (manager, NULL);
}

/* Calls the unique name: another instance would describe other objects. */
static void
read_objects (SlNetworkManager *manager)
{
  manager->reading = TRUE;
  manager->stale = FALSE;
  manager->read_time = g_get_monotonic_time ();
  g_dbus_connection_call (manager->bus, manager->owner, "/org/freedesktop",
                          "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          manager->cancellable, on_objects, manager);
}

/* Signals. */

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *member,
           GVariant *args,
           gpointer data)
{
  SlNetworkManager *manager = data;

  if (g_strcmp0 (sender, manager->owner) != 0)
    return;
  if (g_str_equal (interface, SETTINGS)) {
    /* connections that are not in use don't matter */
    if (!g_hash_table_contains (manager->settings, path))
      return;
    if (g_str_equal (member, "Updated"))
      read_settings (manager, path);
  }
  read_soon (manager);
}

static void
forget_owner (SlNetworkManager *manager)
{
  if (manager->cancellable != NULL)
    g_cancellable_cancel (manager->cancellable);
  g_clear_object (&manager->cancellable);
  g_clear_pointer (&manager->owner, g_free);
  g_clear_handle_id (&manager->read_id, g_source_remove);
  g_hash_table_remove_all (manager->settings);
  drop_latest (manager);
  manager->reading = FALSE;
  manager->stale = FALSE;
  manager->pending = 0;
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  SlNetworkManager *manager = data;

  forget_owner (manager);
  report (manager, NULL);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  SlNetworkManager *manager = data;

  forget_owner (manager);
  manager->owner = g_strdup (owner);
  manager->cancellable = g_cancellable_new ();
  read_objects (manager);
}

SlNetworkManager *
sl_network_manager_new (GDBusConnection *bus, SlSourceChanged changed, gpointer user_data)
{
  SlNetworkManager *manager = g_new0 (SlNetworkManager, 1);

  manager->changed = changed;
  manager->user_data = user_data;
  manager->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, variant_clear);
  if (bus == NULL)
    return manager;
  manager->bus = g_object_ref (bus);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++) {
    manager->subscriptions[i] =
        g_dbus_connection_signal_subscribe (bus, SERVICE, signals[i].interface, signals[i].member,
                                            NULL, signals[i].arg0, G_DBUS_SIGNAL_FLAGS_NONE,
                                            on_signal, manager, NULL);
  }
  manager->watch_id = g_bus_watch_name_on_connection (bus, SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                      on_appeared, on_vanished, manager, NULL);
  return manager;
}

void
sl_network_manager_fold (SlNetworkManager *manager, SlConditions *conditions)
{
  static const SlHint hints[] = {SL_HINT_METERED, SL_HINT_CELLULAR, SL_HINT_VPN};
  const SlConditions *own = manager->conditions;

  if (own == NULL)
    return;
  if (own->connectivity > SL_CONNECTIVITY_NONE ||
      conditions->connectivity <= SL_CONNECTIVITY_NONE) {
    conditions->connectivity = own->connectivity;
    conditions->sources[SL_HINT_CONNECTIVITY] = "NetworkManager";
  }
  for (guint i = 0; i < G_N_ELEMENTS (hints); i++)
    conditions->sources[hints[i]] = "NetworkManager";
  conditions->vpn = own->vpn;
  if (own->links->len > 0)
    g_ptr_array_set_size (conditions->links, 0);
  for (guint i = 0; i < own->links->len; i++)
    g_ptr_array_add (conditions->links, sl_link_copy (own->links->pdata[i]));
}

void
sl_network_manager_free (SlNetworkManager *manager)
{
  g_clear_handle_id (&manager->watch_id, g_bus_unwatch_name);
  for (guint i = 0; manager->bus != NULL && i < G_N_ELEMENTS (signals); i++)
    g_dbus_connection_signal_unsubscribe (manager->bus, manager->subscriptions[i]);
  forget_owner (manager);
  g_clear_pointer (&manager->conditions, sl_conditions_free);
  g_hash_table_unref (manager->settings);
  g_clear_object (&manager->bus);
  g_free (manager);
}
