/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The service as the sub-commands use it: calls that run the main loop until the reply, and errors that say what to do.
 */
#include "config.h"

#include "client.h"

#include "exit-code.h"
#include "text.h"

#include <glib/gi18n.h>

void
client_store_result (GObject *source, GAsyncResult *result, gpointer slot)
{
  *(GAsyncResult **)slot = g_object_ref (result);
}

GAsyncResult *
client_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static gboolean
is_no_service (const GError *error)
{
  static const int codes[] = {
      G_DBUS_ERROR_SERVICE_UNKNOWN,    G_DBUS_ERROR_NAME_HAS_NO_OWNER,
      G_DBUS_ERROR_NO_SERVER,          G_DBUS_ERROR_SPAWN_EXEC_FAILED,
      G_DBUS_ERROR_SPAWN_CHILD_EXITED, G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
      G_DBUS_ERROR_SPAWN_FAILED,       G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND,
      G_DBUS_ERROR_NO_REPLY,           G_DBUS_ERROR_DISCONNECTED,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (g_error_matches (error, G_DBUS_ERROR, codes[i]))
      return TRUE;
  }
  return FALSE;
}

int
client_report (const char *subject, const GError *error)
{
  g_autofree char *safe_subject = text_safe (subject);
  g_autofree char *safe = text_safe (error->message);

  if (subject != NULL)
    g_printerr ("sluicectl: %s: %s\n", safe_subject, safe);
  else
    g_printerr ("sluicectl: %s\n", safe);
  if (is_no_service (error)) {
    g_printerr (_ ("The download service is not running and could not be started. Try “systemctl "
                   "--user status sluice”.\n"));
    return EXIT_NO_SERVICE;
  }
  if (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND))
    return EXIT_NOT_FOUND;
  if (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI) ||
      g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT))
    return EXIT_USAGE;
  return EXIT_GENERAL;
}

int
client_report_creation (const char *uri, const GError *error)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree char *shown =
      parsed != NULL ? g_uri_to_string_partial (parsed, G_URI_HIDE_USERINFO) : g_strdup (uri);
  int code = client_report (shown, error);

  if (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS))
    g_printerr (_ ("Choose another name with -o. --overwrite replaces an existing file, but not "
                   "one that another download writes.\n"));
  return code;
}

SluiceManager *
client_connect (int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) subscribed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SluiceManager) manager = NULL;

  sluice_manager_new_async (G_BUS_TYPE_SESSION, NULL, client_store_result, &result);
  manager = sluice_manager_new_finish (client_wait (&result), &error);
  if (manager == NULL) {
    client_report (_ ("Could not connect to the session bus"), error);
    g_printerr (_ ("Run sluicectl in a desktop session, or with dbus-run-session.\n"));
    *code = EXIT_NO_SERVICE;
    return NULL;
  }
  sluice_manager_subscribe_async (manager, NULL, client_store_result, &subscribed);
  if (!sluice_manager_subscribe_finish (manager, client_wait (&subscribed), &error)) {
    *code = client_report (NULL, error);
    return NULL;
  }
  return g_steal_pointer (&manager);
}

GPtrArray *
client_list (SluiceManager *manager, const char *state, int *code)
{
  GVariantDict filter = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *downloads;

  if (state != NULL)
    g_variant_dict_insert (&filter, "State", "s", state);
  sluice_manager_list_downloads_async (manager, g_variant_dict_end (&filter), NULL,
                                       client_store_result, &result);
  downloads = sluice_manager_list_downloads_finish (manager, client_wait (&result), &error);
  if (downloads == NULL)
    *code = client_report (NULL, error);
  return downloads;
}

gboolean
client_refresh (SluiceManager *manager, int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sluice_manager_refresh_async (manager, NULL, client_store_result, &result);
  if (sluice_manager_refresh_finish (manager, client_wait (&result), &error))
    return TRUE;
  *code = client_report (NULL, error);
  return FALSE;
}

GVariant *
client_read_config (SluiceManager *manager, int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *settings;

  sluice_manager_get_effective_config_async (manager, NULL, client_store_result, &result);
  settings = sluice_manager_get_effective_config_finish (manager, client_wait (&result), &error);
  if (settings == NULL)
    *code = client_report (NULL, error);
  return settings;
}

gboolean
client_set (SluiceDownload *download, const char *name, GVariant *value, int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sluice_download_set_async (download, name, value, NULL, client_store_result, &result);
  if (sluice_download_set_finish (download, client_wait (&result), &error))
    return TRUE;
  *code = client_report (NULL, error);
  return FALSE;
}

static void
report_candidates (GPtrArray *found, const char *prefix)
{
  g_autofree char *safe = text_safe (prefix);

  if (found->len == 0) {
    /* TRANSLATORS: %s is what was given as an id */
    g_printerr (_ ("sluicectl: There is no download “%s”. “sluicectl list --all” shows all.\n"),
                safe);
    return;
  }
  g_printerr (ngettext ("sluicectl: “%s” is the beginning of %u id:\n",
                        "sluicectl: “%s” is the beginning of %u ids:\n", found->len),
              safe, found->len);
  for (guint i = 0; i < found->len; i++) {
    g_autofree char *uri = text_safe (sluice_download_get_uri (found->pdata[i]));
    g_printerr ("  %s  %s\n", sluice_download_get_id (found->pdata[i]), uri);
  }
}

SluiceDownload *
client_find (SluiceManager *manager, const char *prefix, int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (*prefix == '\0') {
    found = g_ptr_array_new ();
  } else {
    sluice_manager_find_downloads_async (manager, prefix, NULL, client_store_result, &result);
    found = sluice_manager_find_downloads_finish (manager, client_wait (&result), &error);
  }
  if (found == NULL) {
    *code = client_report (prefix, error);
    return NULL;
  }
  if (found->len == 1)
    return g_object_ref (found->pdata[0]);
  report_candidates (found, prefix);
  *code = EXIT_NOT_FOUND;
  return NULL;
}
