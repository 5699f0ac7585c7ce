/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The download objects on the bus: the calls that come to them. */
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
  SlQueue *queue;
  guint registration;
};

/* Methods. */

static void
handle_start (SlDownload *download, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) value = g_variant_get_child_value (parameters, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlRanges) ranges = sl_range_list_parse (value, &error);

  if (error != NULL)
    sl_answer_done (error, invocation);
  else
    sl_download_start (download, ranges, sl_answer_done, invocation);
}

static void
handle_finalize (SlDownload *download, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 0);
  g_autoptr (GError) error = NULL;

  if (g_variant_n_children (options) > 0) {
    g_set_error_literal (&error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "Finalize knows no options on this bus");
    sl_answer_done (error, invocation);
    return;
  }
  sl_download_finalize (download, sl_answer_done, invocation);
}

static void
handle_get_status (SlDownload *download, GDBusMethodInvocation *invocation)
{
  const SlRecord *record = sl_download_get_record (download);
  g_autofree char *error =
      record->error != SL_NO_ERROR ? sl_error_dbus_name ((SluiceError)record->error) : NULL;

  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(sttss)", sl_state_to_string (record->state),
                                 sl_download_get_total (download),
                                 sl_download_get_transferred (download), error != NULL ? error : "",
                                 record->error_message != NULL ? record->error_message : ""));
}

/* (transfer none) (nullable) */
static SlDownload *
find (SlDownloadObjects *objects, const char *path)
{
  SlId id;

  return sl_id_parse_path (&id, path) ? sl_queue_find (objects->queue, &id) : NULL;
}

/* Properties, written one by one; those that mean something to the queue go through it. */

/* Gives the path to @download as its destination, if it's acceptable. */
static gboolean
claim_path (SlQueue *queue, SlDownload *download, GVariant *value, GError **error)
{
  g_autofree char *path = sl_path_normalize (g_variant_get_string (value, NULL), error);

  return path != NULL && sl_queue_claim_path (queue, download, path, error);
}

/* A property that is to be written. */
typedef struct {
  SlQueue *queue;
  SlDownload *download;
  const char *name;
  GVariant *value;
  gboolean decides; /* it was, and the queue decides by it */
} Writing;

static gboolean
write_property (SlRecord *record, gpointer data, guint64 *options, GError **error)
{
  Writing *writing = data;
  g_autoptr (GPtrArray) before = NULL;
  gboolean ok;
  const SlOption *option =
      sl_properties_check_access (writing->name, writing->value, record->state, error);

  if (option == NULL || !sl_download_check_readable (writing->download, error))
    return FALSE;
  if (option->number == SL_OPTION_LOCAL_PATH &&
      !claim_path (writing->queue, writing->download, writing->value, error))
    return FALSE;
  before = sl_properties_dup_options (writing->download);
  ok = sl_properties_set (record, option, writing->value, error);
  if (option->number == SL_OPTION_LOCAL_PATH)
    sl_queue_take_path (writing->queue, writing->download);
  if (!ok)
    return FALSE;
  writing->decides = (option->flags & SL_OPTION_DECIDES) != 0;
  *options = sl_properties_compare_options (writing->download, before);
  return TRUE;
}

static void
handle_set (SlDownloadObjects *objects,
            SlDownload *download,
            GVariant *parameters,
            GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) value = NULL;
  Writing writing = {.queue = objects->queue, .download = download};

  g_variant_get (parameters, "(&s&sv)", NULL, &writing.name, &value);
  writing.value = value;
  sl_download_edit (download, write_property, &writing, sl_answer_done, invocation);
  if (writing.decides)
    sl_scheduler_reorder (sl_queue_get_scheduler (objects->queue), download);
}

static void
handle_get (SlDownload *download, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *name;

  g_variant_get (parameters, "(&s&s)", NULL, &name);
  value = sl_properties_get (download, name, &error);
  if (value == NULL)
    sl_answer_done (error, invocation);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(v)", value));
}

static void
handle_get_all (SlDownload *download, GDBusMethodInvocation *invocation)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  sl_properties_collect (download, NULL, &values);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{sv})", &values));
}

static void
dispatch_property_call (SlDownloadObjects *objects,
                        SlDownload *download,
                        const char *method,
                        GVariant *parameters,
                        GDBusMethodInvocation *invocation)
{
  if (g_str_equal (method, "Set"))
    handle_set (objects, download, parameters, invocation);
  else if (g_str_equal (method, "Get"))
    handle_get (download, parameters, invocation);
  else
    handle_get_all (download, invocation);
}

static void
dispatch_call (SlDownload *download,
               const char *method,
               GVariant *parameters,
               GDBusMethodInvocation *invocation)
{
  if (g_str_equal (method, "Start"))
    handle_start (download, parameters, invocation);
  else if (g_str_equal (method, "Pause"))
    sl_download_pause (download, sl_answer_done, invocation);
  else if (g_str_equal (method, "Abort"))
    sl_download_abort (download, sl_answer_done, invocation);
  else if (g_str_equal (method, "Finalize"))
    handle_finalize (download, parameters, invocation);
  else
    handle_get_status (download, invocation);
}

static void
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer data)
{
  SlDownloadObjects *objects = data;
  SlDownload *download = find (objects, path);
  g_autoptr (GError) error = NULL;

  if (download == NULL) {
    g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND, "There is no download “%s”", path);
    sl_answer_error (invocation, error);
    return;
  }
  if (g_str_equal (interface, "org.freedesktop.DBus.Properties"))
    dispatch_property_call (objects, download, method, parameters, invocation);
  else
    dispatch_call (download, method, parameters, invocation);
}

/* The subtree. */

static const GDBusInterfaceVTable vtable = {.method_call = on_method_call};

/* Makes introspection of the folder list its objects. */
static char **
on_enumerate (GDBusConnection *connection, const char *sender, const char *path, gpointer data)
{
  SlDownloadObjects *objects = data;
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  SlDownload *download = NULL;

  while ((download = sl_queue_get_next (objects->queue, download)) != NULL)
    g_ptr_array_add (nodes, sl_id_to_node (&sl_download_get_record (download)->id));
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
  interfaces[0] = g_dbus_interface_info_ref (sluice_dbus_download_interface_info ());
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
  if (node == NULL || !g_str_equal (interface, INTERFACE))
    return NULL;
  *out_user_data = data;
  return &vtable;
}

static const GDBusSubtreeVTable subtree = {on_enumerate, on_introspect, on_dispatch, {0}};

SlDownloadObjects *
sl_download_objects_export (GDBusConnection *connection, SlQueue *queue, GError **error)
{
  SlDownloadObjects *objects = g_new0 (SlDownloadObjects, 1);

  objects->connection = g_object_ref (connection);
  objects->queue = queue;
  /* unenumerated: an object is found without making the list of all of them */
  objects->registration =
      g_dbus_connection_register_subtree (connection, SL_DOWNLOAD_PATH, &subtree,
                                          G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                          objects, NULL, error);
  if (objects->registration != 0)
    return objects;
  sl_download_objects_free (objects);
  return NULL;
}

void
sl_download_objects_free (SlDownloadObjects *objects)
{
  if (objects->registration != 0)
    g_dbus_connection_unregister_subtree (objects->connection, objects->registration);
  g_object_unref (objects->connection);
  g_free (objects);
}
