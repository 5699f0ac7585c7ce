/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The download objects on the bus: the table of their interface, and the subtree. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/download-object.h"

#include "base/error.h"
#include "base/validate.h"
#include "service/answer.h"
#include "service/properties.h"
#include "service/range-list.h"

#include <sluice-dbus.h>

#define INTERFACE "org.sluice.Sluice1.Download"

struct _SlDownloadObjects {
  GDBusConnection *connection; /* (owned) */
  SlCallers *callers;
  SlQueue *queue;
  SlDoor *door; /* (owned) */
  guint registration;
};

/* Methods. */

static void
handle_start (const SlCall *call)
{
  g_autoptr (GVariant) value = g_variant_get_child_value (call->parameters, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlRanges) ranges = sl_range_list_parse (value, &error);

  if (error != NULL)
    sl_answer_done (error, call->invocation);
  else
    sl_download_start (call->download, ranges, sl_answer_done, call->invocation);
}

static void
handle_pause (const SlCall *call)
{
  sl_download_pause (call->download, sl_answer_done, call->invocation);
}

static void
handle_abort (const SlCall *call)
{
  sl_download_abort (call->download, sl_answer_done, call->invocation);
}

static void
handle_finalize (const SlCall *call)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->parameters, 0);
  g_autoptr (GError) error = NULL;

  if (g_variant_n_children (options) > 0) {
    g_set_error_literal (&error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "Finalize knows no options on this bus");
    sl_answer_done (error, call->invocation);
    return;
  }
  sl_download_finalize (call->download, sl_answer_done, call->invocation);
}

static void
handle_get_status (const SlCall *call)
{
  const SlRecord *record = sl_download_get_record (call->download);
  g_autofree char *error =
      record->error != SL_NO_ERROR ? sl_error_dbus_name ((SluiceError)record->error) : NULL;

  g_dbus_method_invocation_return_value (
      call->invocation,
      g_variant_new ("(sttss)", sl_state_to_string (record->state),
                     sl_download_get_total (call->download),
                     sl_download_get_transferred (call->download), error != NULL ? error : "",
                     record->error_message != NULL ? record->error_message : ""));
}

static const SlMethodRow methods[] = {
    {.name = "Start", .handle = handle_start, .right = SL_RIGHT_OWN},
    {.name = "Pause", .handle = handle_pause, .right = SL_RIGHT_OWN},
    {.name = "Abort", .handle = handle_abort, .right = SL_RIGHT_OWN},
    {.name = "Finalize", .handle = handle_finalize, .right = SL_RIGHT_OWN},
    {.name = "GetStatus", .handle = handle_get_status, .right = SL_RIGHT_OWN},
    {NULL},
};

/* Properties. LocalPath, and what decides when a download runs, are written with the queue's help. */

typedef struct {
  SlQueue *queue;
  SlDownload *download;
  const SlOption *option;
  GVariant *value;
  gboolean done; /* it was written */
} Writing;

/* Gives the path to the download as its destination, if it's acceptable. */
static gboolean
claim_path (const Writing *writing, GError **error)
{
  g_autofree char *path = sl_path_normalize (g_variant_get_string (writing->value, NULL), error);

  return path != NULL && sl_queue_claim_path (writing->queue, writing->download, path, error);
}

static gboolean
write_property (SlRecord *record, gpointer data, guint64 *options, GError **error)
{
  Writing *writing = data;
  const SlOption *option = writing->option;
  g_autoptr (GPtrArray) before = NULL;
  gboolean ok;

  if (!sl_properties_check_access (option, writing->value, record->state, error) ||
      !sl_download_check_readable (writing->download, error))
    return FALSE;
  if (option->number == SL_OPTION_LOCAL_PATH && !claim_path (writing, error))
    return FALSE;
  before = sl_properties_dup_options (writing->download);
  ok = sl_properties_set (record, option, writing->value, error);
  if (option->number == SL_OPTION_LOCAL_PATH)
    sl_queue_take_path (writing->queue, writing->download);
  if (!ok)
    return FALSE;
  writing->done = TRUE;
  *options = sl_properties_compare_options (writing->download, before);
  return TRUE;
}

static void
set_property (const SlCall *call, guint detail, GVariant *value)
{
  const SlDownloadObjects *objects = call->server;
  Writing writing = {objects->queue, call->download, sl_option_get (detail), value, FALSE};

  sl_download_edit (call->download, write_property, &writing, sl_answer_done, call->invocation);
  if (writing.done && (writing.option->flags & SL_OPTION_DECIDES) != 0)
    sl_scheduler_reorder (sl_queue_get_scheduler (objects->queue), call->download);
}

static GVariant *
get_property (const SlCall *call, guint detail)
{
  return sl_properties_get (call->download, detail);
}

/* (transfer none): a row for each property; the options can be written */
static const SlPropertyRow *
get_property_rows (void)
{
  static SlPropertyRow *rows;
  guint n = sl_properties_count ();

  if (rows != NULL)
    return rows;
  rows = g_new0 (SlPropertyRow, n + 1);
  for (guint i = 0; i < n; i++) {
    rows[i] = (SlPropertyRow){
        sl_properties_get_name (i), get_property, SL_RIGHT_OWN, NULL, SL_RIGHT_NONE, i,
    };
    if (i < SL_N_OPTIONS) {
      rows[i].set = set_property;
      rows[i].write = SL_RIGHT_OWN;
    }
  }
  return rows;
}

static SlDownload *
find (gpointer server, const char *path)
{
  const SlDownloadObjects *objects = server;
  SlId id;

  return sl_id_parse_path (&id, path) ? sl_queue_find (objects->queue, &id) : NULL;
}

const SlInterface *
sl_download_objects_get_interface (void)
{
  static SlInterface interface = {
      .info = &sluice_dbus_download_interface,
      .methods = methods,
      .find = find,
  };

  interface.properties = get_property_rows ();
  return &interface;
}

/* The subtree. */

/* Lists the objects for introspection, as far as the sender may know them. */
static char **
on_enumerate (GDBusConnection *connection, const char *sender, const char *path, gpointer data)
{
  SlDownloadObjects *objects = data;
  const SlCaller *caller = sl_callers_peek (objects->callers, sender);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  SlDownload *download = NULL;

  while ((download = sl_queue_get_next (objects->queue, download)) != NULL) {
    if (caller != NULL && sl_door_admits (caller, SL_RIGHT_OWN, download))
      g_ptr_array_add (nodes, sl_id_to_node (&sl_download_get_record (download)->id));
  }
  g_ptr_array_add (nodes, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&nodes), FALSE);
}

static GDBusInterfaceInfo **
on_introspect (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *node,
               gpointer data)
{
  GDBusInterfaceInfo **interfaces;

  if (node == NULL)
    return NULL;
  interfaces = g_new0 (GDBusInterfaceInfo *, 2);
  interfaces[0] = (GDBusInterfaceInfo *)&sluice_dbus_download_interface;
  return interfaces;
}

static const GDBusInterfaceVTable *
on_dispatch (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *node,
             gpointer *out_user_data,
             gpointer data)
{
  SlDownloadObjects *objects = data;

  if (node == NULL || !g_str_equal (interface, INTERFACE))
    return NULL;
  *out_user_data = objects->door;
  return &sl_door_vtable;
}

static const GDBusSubtreeVTable subtree = {on_enumerate, on_introspect, on_dispatch, {0}};

SlDownloadObjects *
sl_download_objects_export (GDBusConnection *connection,
                            SlCallers *callers,
                            SlQueue *queue,
                            GError **error)
{
  g_autoptr (SlDownloadObjects) objects = g_new0 (SlDownloadObjects, 1);

  objects->connection = g_object_ref (connection);
  objects->callers = callers;
  objects->queue = queue;
  objects->door = sl_door_new (sl_download_objects_get_interface (), callers, objects);
  /* unenumerated: GDBus finds an object without a list of all of them */
  objects->registration =
      g_dbus_connection_register_subtree (connection, SL_DOWNLOAD_PATH, &subtree,
                                          G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                          objects, NULL, error);
  return objects->registration != 0 ? g_steal_pointer (&objects) : NULL;
}

void
sl_download_objects_free (SlDownloadObjects *objects)
{
  if (objects->registration != 0)
    g_dbus_connection_unregister_subtree (objects->connection, objects->registration);
  sl_door_free (objects->door);
  g_object_unref (objects->connection);
  g_free (objects);
}
