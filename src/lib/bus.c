/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service on the bus: watches its name, receives its signals, and sends calls to its objects. */
#include "config.h"

#include "bus.h"

#include "base/error.h"

#define BUS_NAME        "org.sluice.Sluice1"
#define PROPERTIES      "org.freedesktop.DBus.Properties"
#define REVIVAL_SECONDS 5

struct _SlBus {
  GDBusConnection *connection; /* (owned) */
  guint subscription;
  guint watch;
  GSource *revival; /* (owned) (nullable): the timer after which the service is started again */
  gboolean connected;
  SlObject *manager; /* (unowned) (nullable): it removes itself */
  GHashTable *
      objects; /* (owned) path → SlObject (both unowned): all but the manager; they remove themselves */
};

/* Objects */

SlObject *
sl_bus_lookup (SlBus *bus, const char *path)
{
  if (bus->manager != NULL && g_str_equal (path, sl_object_get_path (bus->manager)))
    return bus->manager;
  return g_hash_table_lookup (bus->objects, path);
}

void
sl_bus_add (SlBus *bus, SlObject *object)
{
  g_hash_table_replace (bus->objects, (gpointer)sl_object_get_path (object), object);
}

void
sl_bus_remove (SlBus *bus, SlObject *object)
{
  const char *path = sl_object_get_path (object);

  if (bus->manager == object)
    bus->manager = NULL;
  else if (g_hash_table_lookup (bus->objects, path) == object)
    g_hash_table_remove (bus->objects, path);
}

/* Calls */

/* (transfer full) (nullable): the reply to a call */
static GVariant *
finish_call (GObject *connection, GAsyncResult *result, GError **error)
{
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, error);

  if (reply == NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply;
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  GError *error = NULL;
  GVariant *reply = finish_call (source, result, &error);

  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, reply, (GDestroyNotify)g_variant_unref);
}

void
sl_bus_call (SlBus *bus, SlObject *object, const char *method, GVariant *args, GTask *task)
{
  g_return_if_fail (bus != NULL);
  g_dbus_connection_call (bus->connection, BUS_NAME, sl_object_get_path (object),
                          sl_object_get_interface (object), method, args, NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), on_reply,
                          task);
}

void
sl_bus_set (SlBus *bus, SlObject *object, const char *name, GVariant *value, GTask *task)
{
  g_return_if_fail (bus != NULL);
  g_dbus_connection_call (bus->connection, BUS_NAME, sl_object_get_path (object), PROPERTIES, "Set",
                          g_variant_new ("(ssv)", sl_object_get_interface (object), name, value),
                          NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task),
                          on_reply, task);
}

/* Whether the service runs but does not have the object. */
static gboolean
means_gone (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  SlObject *object = g_task_get_task_data (task);
  const SlKind *kind = sl_object_get_kind (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = finish_call (source, result, &error);

  if (reply == NULL && kind->set_gone != NULL) {
    if (means_gone (error)) {
      g_clear_error (&error);
      g_set_error_literal (&error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND,
                           sl_error_text (SLUICE_ERROR_NOT_FOUND));
    }
    if (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND))
      kind->set_gone (sl_object_get_self (object));
  }
  if (reply == NULL) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})"))) {
    g_autoptr (GVariant) values = g_variant_get_child_value (reply, 0);
    sl_object_store_all (object, values);
  }
  g_task_return_pointer (task, g_steal_pointer (&reply), (GDestroyNotify)g_variant_unref);
}

void
sl_bus_read (SlBus *bus, SlObject *object, GTask *task)
{
  g_return_if_fail (bus != NULL);
  /* no reference is needed: the task owns the GObject, which owns its SlObject */
  g_task_set_task_data (task, object, NULL);
  g_dbus_connection_call (bus->connection, BUS_NAME, sl_object_get_path (object), PROPERTIES,
                          "GetAll", g_variant_new ("(s)", sl_object_get_interface (object)), NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), on_read,
                          task);
}

/* Signals */

static void
on_properties_changed (SlObject *object, GVariant *args)
{
  g_autoptr (GVariant) values = NULL;
  const char *interface;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (args, "(&s@a{sv}as)", &interface, &values, NULL);
  if (g_str_equal (interface, sl_object_get_interface (object)))
    sl_object_store_all (object, values);
}

static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *args,
           gpointer data)
{
  SlObject *object = sl_bus_lookup (data, path);
  g_autoptr (GObject) self = NULL; /* kept because a signal handler may drop the last reference */

  if (object == NULL)
    return;
  self = g_object_ref (sl_object_get_self (object));
  if (g_str_equal (interface, sl_object_get_interface (object)))
    sl_object_get_kind (object)->handle_signal (self, signal, args);
  else if (g_str_equal (interface, PROPERTIES) && g_str_equal (signal, "PropertiesChanged"))
    on_properties_changed (object, args);
}

/* The name */

/* No caller waits for the result. */
static void
read_unasked (SlBus *bus, SlObject *object)
{
  sl_bus_read (bus, object, g_task_new (sl_object_get_self (object), NULL, NULL, NULL));
}

static void
set_connected (SlBus *bus, gboolean connected)
{
  if (bus->connected == connected)
    return;
  bus->connected = connected;
  if (bus->manager != NULL)
    sl_object_get_kind (bus->manager)->connected_changed (sl_object_get_self (bus->manager));
}

static gboolean
on_revival (gpointer data)
{
  SlBus *bus = data;

  g_clear_pointer (&bus->revival, g_source_unref);
  /* on any call the bus starts the service, if it knows how */
  if (bus->manager != NULL)
    read_unasked (bus, bus->manager);
  return G_SOURCE_REMOVE;
}

static void
drop_revival (SlBus *bus)
{
  if (bus->revival != NULL)
    g_source_destroy (bus->revival);
  g_clear_pointer (&bus->revival, g_source_unref);
}

/*
 * The service has gone while the program holds objects. Its supervisor, such as systemd, gets some time to start it
 * again; then a call has the bus start it.
 */
static void
plan_revival (SlBus *bus)
{
  drop_revival (bus);
  if (!bus->connected || g_hash_table_size (bus->objects) == 0)
    return;
  bus->revival = g_timeout_source_new_seconds (REVIVAL_SECONDS);
  g_source_set_callback (bus->revival, on_revival, bus, NULL);
  g_source_attach (bus->revival, g_main_context_get_thread_default ());
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer data)
{
  SlBus *bus = data;
  GHashTableIter iter;
  gpointer object;

  drop_revival (bus);
  if (bus->manager != NULL) {
    sl_bus_call (bus, bus->manager, "Subscribe", NULL,
                 g_task_new (sl_object_get_self (bus->manager), NULL, NULL, NULL));
    read_unasked (bus, bus->manager);
  }
  g_hash_table_iter_init (&iter, bus->objects);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    read_unasked (bus, object);
  set_connected (bus, TRUE);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer data)
{
  plan_revival (data);
  set_connected (data, FALSE);
}

gboolean
sl_bus_is_connected (SlBus *bus)
{
  return bus->connected;
}

/* Life */

SlBus *
sl_bus_new (GDBusConnection *connection, SlObject *manager)
{
  SlBus *bus = g_atomic_rc_box_new0 (SlBus);

  bus->connection = g_object_ref (connection);
  bus->manager = manager;
  bus->objects = g_hash_table_new (g_str_hash, g_str_equal);
  /* one match rule for all objects */
  bus->subscription =
      g_dbus_connection_signal_subscribe (connection, BUS_NAME, NULL, NULL, NULL, NULL,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_signal, bus, NULL);
  bus->watch =
      g_bus_watch_name_on_connection (connection, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_AUTO_START,
                                      on_appeared, on_vanished, bus, NULL);
  return bus;
}

SlBus *
sl_bus_ref (SlBus *bus)
{
  return g_atomic_rc_box_acquire (bus);
}

static void
clear (gpointer data)
{
  SlBus *bus = data;

  drop_revival (bus);
  g_bus_unwatch_name (bus->watch);
  g_dbus_connection_signal_unsubscribe (bus->connection, bus->subscription);
  g_object_unref (bus->connection);
  g_hash_table_unref (bus->objects);
}

void
sl_bus_unref (SlBus *bus)
{
  g_atomic_rc_box_release_full (bus, clear);
}
