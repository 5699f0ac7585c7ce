/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service as a whole: the order in which its parts start and end. */
#define G_LOG_DOMAIN "sluice-service"

#include "config.h"

#include "service/service.h"

#include "base/descriptors.h"
#include "base/error.h"
#include "base/text.h"
#include "http/client.h"
#include "service/callers.h"
#include "service/config-watch.h"
#include "service/configuration.h"
#include "service/download-object.h"
#include "service/download-signals.h"
#include "service/environment.h"
#include "service/manager.h"
#include "store/error.h"
#include "transfer/worker.h"

#include <glib-unix.h>
#include <malloc.h>

#define BUS_NAME "org.sluice.Sluice1"
/* Exit codes. After the second, sluice.service does not start the service again. */
#define EXIT_CANNOT_SERVE 1
#define EXIT_NEWER_QUEUE  3
/* How long a service that is being replaced may take to stop, and how often this one tries to open the queue meanwhile (µs). */
#define TAKE_OVER_TIME (10 * G_USEC_PER_SEC)
#define TAKE_OVER_STEP (20 * 1000)

/* The bus on which the service is. */
typedef struct {
  GBusType type;
  gboolean one_user; /* it lets in nobody but the user that the service runs as */
} ServedBus;

/* All of them are NULL before the start has come to them. */
typedef struct {
  GMainLoop *loop;                /* (owned) */
  SlConfiguration *configuration; /* (owned) */
  SlConfigWatch *config_watch;    /* (owned) */
  SlQueue *queue;                 /* (owned) */
  SlEnvironment *environment;     /* (owned) */
  GDBusConnection *connection;    /* (owned) */
  SlCallers *callers;             /* (owned) */
  SlManager *manager;             /* (owned) */
  SlDownloadObjects *objects;     /* (owned) */
  SlDownloadSignals *signals;     /* (owned) */
  guint name_lost;                /* subscription; 0 before the name was asked for */
  gboolean stopping;
  int exit_code;
} Service;

/* The queue's reports. */

static void
on_added (SlDownload *download, gpointer user_data)
{
  Service *service = user_data;

  sl_manager_added (service->manager, download);
}

static void
on_removed (SlDownload *download, gpointer user_data)
{
  Service *service = user_data;

  if (service->signals == NULL)
    return;
  sl_download_signals_flush (service->signals, download);
  sl_manager_removed (service->manager, download);
}

static void
on_conditions_changed (gpointer data)
{
  Service *service = data;

  if (service->manager != NULL)
    sl_manager_conditions_changed (service->manager);
}

static const SlQueueEvents queue_events = {
    .added = on_added,
    .removed = on_removed,
};

/* The configuration. */

static gboolean
reload (gpointer data, GError **error)
{
  Service *service = data;
  gboolean whole = sl_configuration_load (service->configuration, error);

  if (whole)
    g_message ("The configuration was read again");
  /* the files that could be read are in force in any case */
  sl_environment_reconfigure (service->environment);
  sl_manager_config_changed (service->manager);
  return whole;
}

/* For when there is no caller to whom an error could be returned. */
static void
reload_and_log (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!reload (data, &error))
    g_message ("%s. Until that is mended, the earlier settings count", error->message);
}

static gboolean
on_hangup (gpointer data)
{
  Service *service = data;

  if (!service->stopping)
    reload_and_log (service);
  return G_SOURCE_CONTINUE;
}

/* The end. */

static void
on_stopped (gpointer data)
{
  Service *service = data;

  g_main_loop_quit (service->loop);
}

static void
stop (Service *service, int exit_code)
{
  if (service->stopping)
    return;
  service->stopping = TRUE;
  service->exit_code = exit_code;
  sl_queue_stop (service->queue, on_stopped, service);
}

static gboolean
on_signal (gpointer data)
{
  stop (data, 0);
  return G_SOURCE_CONTINUE;
}

/* The bus. */

static void
on_name_lost (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *signal,
              GVariant *parameters,
              gpointer data)
{
  g_message ("Another service has taken over the name %s", BUS_NAME);
  stop (data, 0);
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  g_message ("The message bus is gone");
  stop (data, EXIT_CANNOT_SERVE);
}

static ServedBus
choose_bus (void)
{
  return (ServedBus){G_BUS_TYPE_SESSION, .one_user = TRUE};
}

/* Connects to the bus, and makes sure that it tells who calls. */
static gboolean
connect_bus (Service *service, GError **error)
{
  ServedBus bus = choose_bus ();

  service->connection = g_bus_get_sync (bus.type, NULL, error);
  if (service->connection == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (service->connection, FALSE);
  g_signal_connect (service->connection, "closed", G_CALLBACK (on_closed), service);
  service->callers = sl_callers_new (service->connection, bus.one_user, error);
  return service->callers != NULL;
}

/*
 * Takes the name. FALSE with @error when another service has it and is not to be replaced. This is not done by
 * g_bus_own_name (), which answers later and on the main loop: the start goes on, or fails, by the answer.
 */
static gboolean
request_name (Service *service, gboolean replace, GError **error)
{
  /*
   * Of the D-Bus specification: ALLOW_REPLACEMENT 1, REPLACE_EXISTING 2, DO_NOT_QUEUE 4; PRIMARY_OWNER 1. A service can be
   * replaced only if it was started with --replace itself: otherwise any program could end it by one call.
   */
  guint32 flags = 4 | (replace ? 1 | 2 : 0), outcome;
  g_autoptr (GVariant) reply = NULL;

  service->name_lost =
      g_dbus_connection_signal_subscribe (service->connection, "org.freedesktop.DBus",
                                          "org.freedesktop.DBus", "NameLost",
                                          "/org/freedesktop/DBus", BUS_NAME,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_name_lost, service, NULL);
  reply =
      g_dbus_connection_call_sync (service->connection, "org.freedesktop.DBus",
                                   "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                                   g_variant_new ("(su)", BUS_NAME, flags), G_VARIANT_TYPE ("(u)"),
                                   G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &outcome);
  if (outcome == 1)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
               replace ? "Another service has the name %s, and can't be replaced as it was started "
                         "without --replace; stop it first"
                       : "Another service has the name %s; stop it first, or say --replace to take "
                         "over from one that was started with it",
               BUS_NAME);
  return FALSE;
}

static void
release_name (Service *service)
{
  if (service->name_lost == 0)
    return;
  g_dbus_connection_signal_unsubscribe (service->connection, service->name_lost);
  service->name_lost = 0;
  g_dbus_connection_call (service->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "ReleaseName", g_variant_new ("(s)", BUS_NAME),
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* Opens the queue. If another service has it open, waits up to @patience (µs) until that one closes it. */
static gboolean
open_queue (Service *service, const SlServiceOptions *options, gint64 patience, GError **error)
{
  gint64 until = g_get_monotonic_time () + patience;
  const SlConfigured *configured = sl_configuration_get (service->configuration);

  for (;;) {
    g_autoptr (GError) cause = NULL;
    service->queue = sl_queue_new (options->state_directory, &configured->transfers,
                                   &configured->policy, &queue_events, service, &cause);
    if (service->queue != NULL)
      return TRUE;
    if (!g_error_matches (cause, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE) ||
        g_get_monotonic_time () >= until) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
    g_usleep (TAKE_OVER_STEP);
  }
}

/*
 * Opens the queue. If another service has it and is to be replaced, takes the name before, and sets *@has_name. Otherwise the
 * name is taken last, when calls can be answered.
 */
static gboolean
take_queue (Service *service, const SlServiceOptions *options, gboolean *has_name, GError **error)
{
  g_autoptr (GError) taken = NULL;

  *has_name = FALSE;
  if (open_queue (service, options, 0, &taken))
    return TRUE;
  if (!options->replace || !g_error_matches (taken, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) {
    g_propagate_error (error, g_steal_pointer (&taken));
    return FALSE;
  }
  /* the other service closes the queue only when it loses the name, and needs a moment to sync and stop */
  *has_name = request_name (service, TRUE, error);
  return *has_name && open_queue (service, options, TAKE_OVER_TIME, error);
}

static gboolean
export_objects (Service *service, GError **error)
{
  SlManagerSubjects subjects = {service->queue, service->configuration, service->environment,
                                reload, service};

  service->manager = sl_manager_export (service->connection, service->callers, &subjects, error);
  if (service->manager == NULL)
    return FALSE;
  service->objects =
      sl_download_objects_export (service->connection, service->callers, service->queue, error);
  if (service->objects == NULL)
    return FALSE;
  service->signals = sl_download_signals_new (service->connection, service->queue);
  return TRUE;
}

/* Begins to listen to the machine. Without a system bus the hints from there are missing, and everything else works. */
static void
look_around (Service *service)
{
  const SlConfigured *configured = sl_configuration_get (service->configuration);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) system = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  SlBuses buses = {service->connection, system};

  if (system != NULL)
    g_dbus_connection_set_exit_on_close (system, FALSE);
  else
    g_message ("There is no system bus (%s): what it would tell holds nothing back",
               error->message);
  service->environment =
      sl_environment_new (sl_queue_get_scheduler (service->queue), &configured->policy, &buses,
                          on_conditions_changed, service);
}

static gboolean
start (Service *service, const SlServiceOptions *options, GError **error)
{
  gboolean has_name;

  service->configuration = sl_configuration_new (&options->configuration);
  sl_configuration_load_what_works (service->configuration);
  if (!connect_bus (service, error) || !take_queue (service, options, &has_name, error))
    return FALSE;
  look_around (service);
  if (!export_objects (service, error) ||
      (!has_name && !request_name (service, options->replace, error)))
    return FALSE;
  service->config_watch = sl_config_watch_new (&options->configuration, reload_and_log, service);
  sl_environment_begin (service->environment);
  sl_queue_begin (service->queue);
#ifdef HAVE_MALLOC_TRIM
  /* loading a large queue leaves much free memory behind, which malloc would keep */
  malloc_trim (0);
#endif
  return TRUE;
}

static void
clear (Service *service)
{
  release_name (service);
  g_clear_pointer (&service->config_watch, sl_config_watch_free);
  sl_worker_shutdown ();
  g_clear_pointer (&service->callers, sl_callers_free);
  if (service->signals != NULL)
    sl_download_signals_flush_all (service->signals);
  g_clear_pointer (&service->signals, sl_download_signals_free);
  g_clear_pointer (&service->objects, sl_download_objects_free);
  g_clear_pointer (&service->manager, sl_manager_free);
  g_clear_pointer (&service->environment, sl_environment_free);
  g_clear_pointer (&service->queue, sl_queue_free);
  g_clear_pointer (&service->configuration, sl_configuration_free);
  if (service->connection != NULL) {
    g_signal_handlers_disconnect_by_data (service->connection, service);
    g_dbus_connection_flush_sync (service->connection, NULL, NULL);
    g_clear_object (&service->connection);
  }
  g_main_loop_unref (service->loop);
}

int
sl_service_run (const SlServiceOptions *options)
{
  Service service = {0};
  g_autoptr (GError) error = NULL;
  guint signals[3];

  sl_descriptors_raise ();
  sl_client_prepare_process ();
  service.loop = g_main_loop_new (NULL, FALSE);
  signals[0] = g_unix_signal_add (SIGTERM, on_signal, &service);
  signals[1] = g_unix_signal_add (SIGINT, on_signal, &service);
  signals[2] = g_unix_signal_add (SIGHUP, on_hangup, &service);
  if (start (&service, options, &error)) {
    g_main_loop_run (service.loop);
  } else {
    g_autofree char *message = sl_text_clean (error->message, 1024);
    g_printerr ("sluiced: %s\n", message);
    service.exit_code = g_error_matches (error, SL_STORE_ERROR, SL_STORE_ERROR_NEWER)
                            ? EXIT_NEWER_QUEUE
                            : EXIT_CANNOT_SERVE;
  }
  clear (&service);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (signals[i]);
  return service.exit_code;
}
