/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CreateDownload and CreateDownloads. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/create.h"

#include "service/answer.h"
#include "service/properties.h"

/* (transfer full): the object paths of @downloads, with a NULL at the end */
static GPtrArray *
list_paths (const GPtrArray *downloads)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < downloads->len; i++)
    g_ptr_array_add (paths, sl_id_to_path (&sl_download_get_record (downloads->pdata[i])->id));
  g_ptr_array_add (paths, NULL);
  return paths;
}

/* @data: the call's invocation (owned until answered) */
static void
on_one_admitted (GPtrArray *downloads, const GError *error, gpointer data)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (error != NULL) {
    sl_answer_error (data, error);
    return;
  }
  paths = list_paths (downloads);
  g_dbus_method_invocation_return_value (data, g_variant_new ("(o)", paths->pdata[0]));
}

static void
on_all_admitted (GPtrArray *downloads, const GError *error, gpointer data)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (error != NULL) {
    sl_answer_error (data, error);
    return;
  }
  paths = list_paths (downloads);
  g_dbus_method_invocation_return_value (data, g_variant_new ("(^ao)", paths->pdata));
}

/* @data: (nullable) NULL if the queue has taken the record */
static void
free_record (gpointer data)
{
  if (data != NULL)
    sl_record_free (data);
}

void
sl_create_download (SlQueue *queue, const SlCall *call)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (free_record);
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GError) error = NULL;
  const char *uri;
  SlRecord *record;

  g_variant_get (call->parameters, "(&s@a{sv})", &uri, &properties);
  record = sl_properties_make_record (uri, properties, call->caller->uid, &error);
  if (record == NULL) {
    sl_answer_error (call->invocation, error);
    return;
  }
  g_ptr_array_add (records, record);
  sl_queue_admit (queue, records, on_one_admitted, call->invocation);
}

/* Appends a record for each of @requests; FALSE with @error when one isn't acceptable. */
static gboolean
make_records (GVariant *requests, guint32 owner, GPtrArray *records, GError **error)
{
  GVariantIter iter;
  const char *uri;
  GVariant *child;

  g_variant_iter_init (&iter, requests);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &uri, &child)) {
    g_autoptr (GVariant) properties = child;
    SlRecord *record = sl_properties_make_record (uri, properties, owner, error);
    if (record == NULL) {
      g_prefix_error (error, "Download %u of the list: ", records->len);
      return FALSE;
    }
    g_ptr_array_add (records, record);
  }
  return TRUE;
}

void
sl_create_downloads (SlQueue *queue, const SlCall *call)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (free_record);
  g_autoptr (GVariant) requests = g_variant_get_child_value (call->parameters, 0);
  g_autoptr (GError) error = NULL;

  if (make_records (requests, call->caller->uid, records, &error))
    sl_queue_admit (queue, records, on_all_admitted, call->invocation);
  else
    sl_answer_error (call->invocation, error);
}
