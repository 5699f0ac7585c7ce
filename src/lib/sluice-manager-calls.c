/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SluiceManager: the calls about the service as a whole: its signals, its numbers, stopping all downloads, and its
 * configuration.
 */
#include "config.h"

#include "call.h"
#include "sluice-manager-private.h"

#include <sluice/sluice-error.h>

static void
call (SluiceManager *manager, const char *method, GTask *task)
{
  sl_bus_call (sl_lib_manager_get_bus (manager), sl_lib_manager_get_object (manager), method, NULL,
               task);
}

/**
 * sluice_manager_subscribe_async:
 * @manager: the manager
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Asks for the signals of all downloads of the user. The manager does so by itself whenever the
 * service appears; call this to know when it has been done.
 */
void
sluice_manager_subscribe_async (SluiceManager *manager,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  call (manager, "Subscribe",
        sl_call_new (manager, sluice_manager_subscribe_async, cancellable, callback, user_data));
}

/**
 * sluice_manager_subscribe_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.subscribe_async].
 *
 * Returns: whether it succeeded
 */
gboolean
sluice_manager_subscribe_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish (manager, result, sluice_manager_subscribe_async, error);
}

/**
 * sluice_manager_refresh_async:
 * @manager: the manager
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Reads the numbers of the service, which do not notify when they change:
 * [property@Sluice.Manager:active-transfers], [property@Sluice.Manager:queued-transfers],
 * [property@Sluice.Manager:download-rate]; and with them [property@Sluice.Manager:version],
 * [property@Sluice.Manager:conditions], [property@Sluice.Manager:suspended] and
 * [property@Sluice.Manager:config-problems].
 */
void
sluice_manager_refresh_async (SluiceManager *manager,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  sl_bus_read (sl_lib_manager_get_bus (manager), sl_lib_manager_get_object (manager),
               sl_call_new (manager, sluice_manager_refresh_async, cancellable, callback,
                            user_data));
}

/**
 * sluice_manager_refresh_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.refresh_async].
 *
 * Returns: whether it succeeded
 */
gboolean
sluice_manager_refresh_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish (manager, result, sluice_manager_refresh_async, error);
}

/**
 * sluice_manager_set_suspended_async:
 * @manager: the manager
 * @suspended: %TRUE to stop all downloads, %FALSE to continue them
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Stops all downloads of the service, or continues them. Downloads that were running are queued, with the reason
 * `suspended`. The service keeps this over a restart. When this succeeds, [property@Sluice.Manager:suspended] has the
 * new value.
 */
void
sluice_manager_set_suspended_async (SluiceManager *manager,
                                    gboolean suspended,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  sl_bus_set (sl_lib_manager_get_bus (manager), sl_lib_manager_get_object (manager), "Suspended",
              g_variant_new_boolean (suspended),
              sl_call_new (manager, sluice_manager_set_suspended_async, cancellable, callback,
                           user_data));
}

/**
 * sluice_manager_set_suspended_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.set_suspended_async].
 *
 * Returns: whether it succeeded
 */
gboolean
sluice_manager_set_suspended_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish (manager, result, sluice_manager_set_suspended_async, error);
}

/**
 * sluice_manager_reload_config_async:
 * @manager: the manager
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Has the service read its configuration files again, as it does by itself when one of them changes. When this
 * succeeds, the new settings are in force.
 *
 * If a file cannot be parsed, the error is %SLUICE_ERROR_INVALID_ARGUMENT, and its message names file, line and reason.
 * Then the old settings stay in force: those of the user's files if it is one of them, else those of the
 * distribution and the administrator. [property@Sluice.Manager:config-problems] lists unknown keys and ignored values.
 */
void
sluice_manager_reload_config_async (SluiceManager *manager,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  call (manager, "ReloadConfig",
        sl_call_new (manager, sluice_manager_reload_config_async, cancellable, callback,
                     user_data));
}

/**
 * sluice_manager_reload_config_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.reload_config_async].
 *
 * Returns: whether it succeeded
 */
gboolean
sluice_manager_reload_config_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish (manager, result, sluice_manager_reload_config_async, error);
}

/**
 * sluice_manager_get_effective_config_async:
 * @manager: the manager
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Asks for all settings of the service that are in force.
 */
void
sluice_manager_get_effective_config_async (SluiceManager *manager,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  call (manager, "GetEffectiveConfig",
        sl_call_new (manager, sluice_manager_get_effective_config_async, cancellable, callback,
                     user_data));
}

/**
 * sluice_manager_get_effective_config_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.get_effective_config_async].
 *
 * Returns: (transfer full): `a(ssvs)`: the group, key and value of each setting, and the file that the value is from,
 *   or `default`; %NULL with @error
 */
GVariant *
sluice_manager_get_effective_config_finish (SluiceManager *manager,
                                            GAsyncResult *result,
                                            GError **error)
{
  g_autoptr (GVariant) reply =
      sl_call_finish_pointer (manager, result, sluice_manager_get_effective_config_async, error);

  if (reply == NULL)
    return NULL;
  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a(ssvs))")))
    return g_variant_get_child_value (reply, 0);
  g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INTERNAL,
                       "The service’s answer is of another type");
  return NULL;
}
