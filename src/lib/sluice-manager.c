/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SluiceManager: the service as a client sees it, with its last known properties and its signals. */
#include "config.h"

#include "base/error.h"
#include "base/id.h"
#include "sluice-manager-private.h"

#include <sluice-dbus.h>

/**
 * SluiceManager:
 *
 * The download service, as a client sees it.
 *
 * It starts the service if that does not run (D-Bus activation). While the program holds downloads, it
 * also starts the service again if that has ended and is not back after five seconds. It stays valid when
 * the service restarts: all [class@Sluice.Download] objects are read again then.
 * Create and use it in one thread, whose thread-default main context must run.
 *
 * It has a GObject property for every property of the D-Bus interface `org.sluice.Sluice1.Manager` except
 * the version of the interface. Until the service has answered, they are %NULL, 0 or %FALSE.
 *
 * The calls have no time limit. Their errors are those of [error@Sluice.Error], of the bus
 * (%G_DBUS_ERROR), such as %G_DBUS_ERROR_NO_REPLY if the service ended before it replied, and
 * %G_IO_ERROR_CANCELLED. A cancelled call may have been carried out nevertheless.
 */
struct _SluiceManager {
  GObject parent;
  GBusType bus_type;
  SlObject *object; /* (owned) */
  SlBus *bus;       /* (owned) (nullable): NULL until the manager is initialized */
};

/* Properties that the service does not have; those of the service follow. */
enum { PROP_CONNECTED = 1, PROP_BUS_TYPE, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

static void async_initable_init (GAsyncInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SluiceManager,
                               sluice_manager,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, async_initable_init))

enum { DOWNLOAD_ADDED, DOWNLOAD_REMOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
handle_signal (gpointer self, const char *signal, GVariant *args)
{
  const char *path;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(o)")))
    return;
  g_variant_get (args, "(&o)", &path);
  if (g_str_equal (signal, "DownloadAdded"))
    g_signal_emit (self, signals[DOWNLOAD_ADDED], 0, path);
  else if (g_str_equal (signal, "DownloadRemoved"))
    g_signal_emit (self, signals[DOWNLOAD_REMOVED], 0, path);
}

static void
connected_changed (gpointer self)
{
  g_object_notify_by_pspec (self, properties[PROP_CONNECTED]);
}

/* What the XML of the interface does not say about the properties. */
static const SlPropertyNote notes[] = {
    {"InterfaceVersion", .hidden = TRUE},
    {NULL},
};

static SlKind manager_kind = {
    .info = &sluice_dbus_manager_interface,
    .notes = notes,
    .first_id = N_PROPERTIES,
    .handle_signal = handle_signal,
    .connected_changed = connected_changed,
};

SlBus *
sl_lib_manager_get_bus (SluiceManager *manager)
{
  return manager->bus;
}

SlObject *
sl_lib_manager_get_object (SluiceManager *manager)
{
  return manager->object;
}

static void
sluice_manager_dispose (GObject *object)
{
  SluiceManager *manager = SLUICE_MANAGER (object);

  if (manager->bus != NULL)
    sl_bus_remove (manager->bus, manager->object);
  g_clear_pointer (&manager->bus, sl_bus_unref);
  G_OBJECT_CLASS (sluice_manager_parent_class)->dispose (object);
}

static void
sluice_manager_finalize (GObject *object)
{
  SluiceManager *manager = SLUICE_MANAGER (object);

  sl_object_free (manager->object);
  G_OBJECT_CLASS (sluice_manager_parent_class)->finalize (object);
}

static void
sluice_manager_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SluiceManager *manager = SLUICE_MANAGER (object);

  switch (id) {
  case PROP_CONNECTED:
    g_value_set_boolean (value, sluice_manager_get_connected (manager));
    break;
  case PROP_BUS_TYPE:
    g_value_set_enum (value, manager->bus_type);
    break;
  default:
    sl_object_get_property (manager->object, id, value, pspec);
  }
}

static void
sluice_manager_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BUS_TYPE)
    SLUICE_MANAGER (object)->bus_type = g_value_get_enum (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
sluice_manager_class_init (SluiceManagerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sluice_manager_dispose;
  object_class->finalize = sluice_manager_finalize;
  object_class->get_property = sluice_manager_get_property;
  object_class->set_property = sluice_manager_set_property;
  sluice_error_quark ();

  /**
   * SluiceManager:connected:
   *
   * Whether the service is on the bus now. %FALSE until it has appeared, and while it is away.
   */
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * SluiceManager:bus-type:
   *
   * The bus of the service; %G_BUS_TYPE_SESSION by default.
   */
  properties[PROP_BUS_TYPE] =
      g_param_spec_enum ("bus-type", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  sl_kind_install (&manager_kind, object_class);

  /**
   * SluiceManager::download-added:
   * @manager: the manager
   * @path: the object path of the new download
   *
   * This or another client has created a download. The last part of @path is its id, with underscores
   * for dashes. Not emitted for downloads that the service loads when it starts.
   */
  signals[DOWNLOAD_ADDED] = g_signal_new ("download-added", SLUICE_TYPE_MANAGER, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * SluiceManager::download-removed:
   * @manager: the manager
   * @path: the object path of the removed download
   *
   * The service has forgotten a download that had ended, because its
   * [property@Sluice.Download:expiry-time] has come.
   */
  signals[DOWNLOAD_REMOVED] =
      g_signal_new ("download-removed", SLUICE_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sluice_manager_init (SluiceManager *manager)
{
  manager->object = sl_object_new (&manager_kind, manager);
  sl_object_set_path (manager->object, SL_ROOT_PATH);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  SluiceManager *manager = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  if (connection == NULL) {
    g_task_return_error (task, error);
    return;
  }
  manager->bus = sl_bus_new (connection, manager->object);
  g_task_return_boolean (task, TRUE);
}

static void
init_async (GAsyncInitable *initable,
            int priority,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  GTask *task = g_task_new (initable, cancellable, callback, user_data);

  g_task_set_priority (task, priority);
  g_task_set_source_tag (task, init_async);
  g_bus_get (SLUICE_MANAGER (initable)->bus_type, cancellable, on_bus, task);
}

static gboolean
init_finish (GAsyncInitable *initable, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
async_initable_init (GAsyncInitableIface *iface)
{
  iface->init_async = init_async;
  iface->init_finish = init_finish;
}

/**
 * sluice_manager_new_async:
 * @bus: %G_BUS_TYPE_SESSION for the user's service, %G_BUS_TYPE_SYSTEM for the system's
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Connects to the bus, and has it start the service if that does not run. This does not wait for the
 * service: [property@Sluice.Manager:connected] notifies when it is on the bus. Calls made before that
 * wait for the service, or fail with %G_DBUS_ERROR_SERVICE_UNKNOWN if the bus does not know how to start it.
 */
void
sluice_manager_new_async (GBusType bus,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_async_initable_new_async (SLUICE_TYPE_MANAGER, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "bus-type", bus, NULL);
}

/**
 * sluice_manager_new_finish: (constructor)
 * @result: the result
 * @error: return location for an error
 *
 * Ends [func@Sluice.Manager.new_async].
 *
 * Returns: (transfer full): the manager; %NULL with @error if the bus cannot be reached
 */
SluiceManager *
sluice_manager_new_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) source = g_async_result_get_source_object (result);
  GObject *object = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, error);

  return object == NULL ? NULL : SLUICE_MANAGER (object);
}

/**
 * sluice_manager_get_version:
 * @manager: the manager
 *
 * The value of [property@Sluice.Manager:version].
 *
 * Returns: (transfer none) (nullable): the last known version of the service, such as `0.1.0`;
 *   %NULL until it has answered
 */
const char *
sluice_manager_get_version (SluiceManager *manager)
{
  g_return_val_if_fail (SLUICE_IS_MANAGER (manager), NULL);
  return sl_object_peek_string (manager->object, "Version");
}

/**
 * sluice_manager_get_connected:
 * @manager: the manager
 *
 * The value of [property@Sluice.Manager:connected].
 *
 * Returns: %TRUE while the service is on the bus; %FALSE until it has appeared, and while it is
 *   away
 */
gboolean
sluice_manager_get_connected (SluiceManager *manager)
{
  g_return_val_if_fail (SLUICE_IS_MANAGER (manager), FALSE);
  return manager->bus != NULL && sl_bus_is_connected (manager->bus);
}

/**
 * sluice_manager_dup_conditions: (get-property conditions)
 * @manager: the manager
 *
 * The value of [property@Sluice.Manager:conditions]. As last heard; no call is made.
 *
 * Returns: (transfer full) (nullable): the conditions, `a{sv}`; %NULL until the service has answered
 */
GVariant *
sluice_manager_dup_conditions (SluiceManager *manager)
{
  g_return_val_if_fail (SLUICE_IS_MANAGER (manager), NULL);
  return sl_object_dup_value (manager->object, "Conditions");
}

/**
 * sluice_manager_get_suspended: (get-property suspended)
 * @manager: the manager
 *
 * The value of [property@Sluice.Manager:suspended]. As last heard; no call is made.
 *
 * Returns: whether all downloads are stopped; %FALSE until the service has answered
 */
gboolean
sluice_manager_get_suspended (SluiceManager *manager)
{
  GVariant *suspended;

  g_return_val_if_fail (SLUICE_IS_MANAGER (manager), FALSE);
  suspended = sl_object_peek (manager->object, "Suspended");
  return suspended != NULL && g_variant_get_boolean (suspended);
}

/**
 * sluice_manager_dup_config_problems: (get-property config-problems)
 * @manager: the manager
 *
 * The value of [property@Sluice.Manager:config-problems]. As last heard; no call is made.
 *
 * Returns: (transfer full) (nullable): what is wrong with the configuration files; %NULL until the service has
 *   answered
 */
char **
sluice_manager_dup_config_problems (SluiceManager *manager)
{
  GVariant *problems;

  g_return_val_if_fail (SLUICE_IS_MANAGER (manager), NULL);
  problems = sl_object_peek (manager->object, "ConfigProblems");
  return problems != NULL ? g_variant_dup_strv (problems, NULL) : NULL;
}
