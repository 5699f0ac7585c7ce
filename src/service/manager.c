/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manager object: the table of its interface, the handlers that are short, and its signals. */
#define G_LOG_DOMAIN "sluice-service"

#include "config.h"

#include "service/manager.h"

#include "service/answer.h"
#include "service/create.h"
#include "service/list.h"
#include "service/signals.h"

#include <sluice-dbus.h>

#define INTERFACE "org.sluice.Sluice1.Manager"

struct _SlManager {
  GDBusConnection *connection; /* (owned) */
  SlManagerSubjects subjects;
  SlDoor *door; /* (owned) */
  guint registration;
  char **problems; /* (owned): ConfigProblems as it was signalled last */
};

static SlScheduler *
get_scheduler (const SlManager *manager)
{
  return sl_queue_get_scheduler (manager->subjects.queue);
}

/* Signals. */

/* Sends it at once, so that a caller receives the signal before the answer. */
static void
emit_changed (SlManager *manager, const char *property, GVariant *value)
{
  static const SlSignalSource source = {SL_SIGNAL_FOR_ALL, SL_ROOT_PATH, INTERFACE};
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_variant_builder_add (&values, "{sv}", property, value);
  sl_signals_emit_changed (manager->connection, &source, g_variant_builder_end (&values));
}

static void
emit_of (SlManager *manager, SlDownload *download, const char *signal)
{
  const SlRecord *record = sl_download_get_record (download);
  SlSignalSource source = {record->owner, SL_ROOT_PATH, INTERFACE};
  g_autofree char *path = sl_id_to_path (&record->id);

  sl_signals_emit (manager->connection, &source, signal, g_variant_new ("(o)", path));
}

void
sl_manager_added (SlManager *manager, SlDownload *download)
{
  emit_of (manager, download, "DownloadAdded");
}

void
sl_manager_removed (SlManager *manager, SlDownload *download)
{
  emit_of (manager, download, "DownloadRemoved");
}

void
sl_manager_config_changed (SlManager *manager)
{
  g_auto (GStrv) problems = sl_configuration_dup_problems (manager->subjects.configuration);

  if (g_strv_equal ((const char *const *)problems, (const char *const *)manager->problems))
    return;
  emit_changed (manager, "ConfigProblems", g_variant_new_strv ((const char *const *)problems, -1));
  g_strfreev (manager->problems);
  manager->problems = g_steal_pointer (&problems);
}

void
sl_manager_conditions_changed (SlManager *manager)
{
  emit_changed (manager, "Conditions", sl_environment_describe (manager->subjects.environment));
}

/* Methods. */

static void
handle_create_download (const SlCall *call)
{
  const SlManager *manager = call->server;

  sl_create_download (manager->subjects.queue, call);
}

static void
handle_create_downloads (const SlCall *call)
{
  const SlManager *manager = call->server;

  sl_create_downloads (manager->subjects.queue, call);
}

static void
handle_list_downloads (const SlCall *call)
{
  const SlManager *manager = call->server;

  sl_list_downloads (manager->subjects.queue, call);
}

static void
handle_get_download (const SlCall *call)
{
  const SlManager *manager = call->server;

  sl_list_get_download (manager->subjects.queue, call);
}

/* Subscribe and Unsubscribe do nothing: on the session bus a connection receives the signals that it has match rules for. */
static void
handle_subscribe (const SlCall *call)
{
  sl_answer_done (NULL, call->invocation);
}

static void
handle_reload_config (const SlCall *call)
{
  const SlManager *manager = call->server;
  g_autoptr (GError) error = NULL;

  manager->subjects.reload (manager->subjects.user_data, &error);
  sl_answer_done (error, call->invocation);
}

static void
handle_get_effective_config (const SlCall *call)
{
  const SlManager *manager = call->server;

  g_dbus_method_invocation_return_value (
      call->invocation,
      g_variant_new ("(@a(ssvs))", sl_configuration_describe (manager->subjects.configuration)));
}

static const SlMethodRow methods[] = {
    {"CreateDownload", handle_create_download, SL_RIGHT_ANY},
    {"CreateDownloads", handle_create_downloads, SL_RIGHT_ANY},
    {"ListDownloads", handle_list_downloads, SL_RIGHT_ANY},
    {"GetDownload", handle_get_download, SL_RIGHT_ANY},
    {"Subscribe", handle_subscribe, SL_RIGHT_ANY},
    {"Unsubscribe", handle_subscribe, SL_RIGHT_ANY},
    {"ReloadConfig", handle_reload_config, SL_RIGHT_SERVICE},
    {"GetEffectiveConfig", handle_get_effective_config, SL_RIGHT_ANY},
    {NULL},
};

/* Properties. */

static GVariant *
get_interface_version (const SlCall *call, guint detail)
{
  return g_variant_new_uint32 (1);
}

static GVariant *
get_version (const SlCall *call, guint detail)
{
  return g_variant_new_string (SLUICE_VERSION);
}

static GVariant *
get_conditions (const SlCall *call, guint detail)
{
  const SlManager *manager = call->server;

  return sl_environment_describe (manager->subjects.environment);
}

static GVariant *
get_config_problems (const SlCall *call, guint detail)
{
  const SlManager *manager = call->server;
  g_auto (GStrv) problems = sl_configuration_dup_problems (manager->subjects.configuration);

  return g_variant_new_strv ((const char *const *)problems, -1);
}

static GVariant *
get_suspended (const SlCall *call, guint detail)
{
  return g_variant_new_boolean (sl_scheduler_is_suspended (get_scheduler (call->server)));
}

/* Answers the call when the value is on disk. */
static void
set_suspended (const SlCall *call, guint detail, GVariant *value)
{
  SlManager *manager = call->server;
  SlScheduler *scheduler = get_scheduler (manager);
  gboolean suspended = g_variant_get_boolean (value);
  gboolean changes = suspended != sl_scheduler_is_suspended (scheduler);

  sl_scheduler_set_suspended (scheduler, suspended, sl_answer_done, call->invocation);
  if (changes)
    emit_changed (manager, "Suspended", g_variant_new_boolean (suspended));
}

static GVariant *
get_active_transfers (const SlCall *call, guint detail)
{
  return g_variant_new_uint32 (sl_scheduler_get_active (get_scheduler (call->server)));
}

static GVariant *
get_queued_transfers (const SlCall *call, guint detail)
{
  return g_variant_new_uint32 (sl_scheduler_get_queued (get_scheduler (call->server)));
}

static GVariant *
get_download_rate (const SlCall *call, guint detail)
{
  return g_variant_new_uint64 (sl_scheduler_get_rate (get_scheduler (call->server)));
}

static const SlPropertyRow properties[] = {
    {"InterfaceVersion", get_interface_version, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"Version", get_version, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"Conditions", get_conditions, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"ConfigProblems", get_config_problems, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"Suspended", get_suspended, SL_RIGHT_ANY, set_suspended, SL_RIGHT_SERVICE, 0},
    {"ActiveTransfers", get_active_transfers, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"QueuedTransfers", get_queued_transfers, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {"DownloadRate", get_download_rate, SL_RIGHT_ANY, NULL, SL_RIGHT_NONE, 0},
    {NULL},
};

const SlInterface sl_manager_interface = {
    .info = &sluice_dbus_manager_interface,
    .methods = methods,
    .properties = properties,
};

/* Life. */

SlManager *
sl_manager_export (GDBusConnection *connection,
                   SlCallers *callers,
                   const SlManagerSubjects *subjects,
                   GError **error)
{
  SlManager *manager = g_new0 (SlManager, 1);

  manager->connection = g_object_ref (connection);
  manager->subjects = *subjects;
  manager->problems = sl_configuration_dup_problems (subjects->configuration);
  manager->door = sl_door_new (&sl_manager_interface, callers, manager);
  manager->registration =
      g_dbus_connection_register_object (connection, SL_ROOT_PATH,
                                         (GDBusInterfaceInfo *)sl_manager_interface.info,
                                         &sl_door_vtable, manager->door, NULL, error);
  if (manager->registration != 0)
    return manager;
  sl_manager_free (manager);
  return NULL;
}

void
sl_manager_free (SlManager *manager)
{
  if (manager->registration != 0)
    g_dbus_connection_unregister_object (manager->connection, manager->registration);
  sl_door_free (manager->door);
  g_strfreev (manager->problems);
  g_object_unref (manager->connection);
  g_free (manager);
}
