/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what a connection's settings say about downloads. */
#define G_LOG_DOMAIN "sluice-policy"

#include "policy/connection-policy.h"

/* How many complaints are remembered; only a broken program makes more. */
#define MAX_LOGGED 64

/* Logs each complaint once: a connection is read again whenever anything about it changes. */
static void
complain (const char *key, const char *value, const char *why)
{
  static GHashTable *logged; /* (owned) complaints that were logged; kept until the process ends */
  char *complaint = g_strdup_printf ("%s=%s", key, value);

  if (logged == NULL)
    logged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_size (logged) >= MAX_LOGGED)
    g_hash_table_remove_all (logged);
  if (g_hash_table_add (logged, complaint))
    g_message ("A connection's %s can't be understood and is ignored: %s", key, why);
}

static gboolean
get_flag (GVariant *user_data, const char *key, gboolean otherwise)
{
  const char *value;

  if (!g_variant_lookup (user_data, key, "&s", &value))
    return otherwise;
  if (g_str_equal (value, "0") || g_str_equal (value, "1"))
    return *value == '1';
  complain (key, value, "it's neither 0 nor 1");
  return otherwise;
}

/* (transfer full) (nullable) */
static SlTariff *
get_tariff (GVariant *user_data)
{
  const char *key = "connection.tariff", *value;
  g_autoptr (GError) error = NULL;
  SlTariff *tariff;

  if (!get_flag (user_data, "connection.tariff-enabled", FALSE) ||
      !g_variant_lookup (user_data, key, "&s", &value))
    return NULL;
  tariff = sl_tariff_parse (value, &error);
  if (tariff == NULL)
    complain (key, value, error->message);
  return tariff;
}

void
sl_connection_policy_init (SlConnectionPolicy *policy, GVariant *user_data)
{
  policy->downloads_forbidden = FALSE;
  policy->when_metered = FALSE;
  policy->tariff = NULL;
  if (user_data == NULL)
    return;
  if (!g_variant_is_of_type (user_data, G_VARIANT_TYPE ("a{ss}"))) {
    complain ("user data", g_variant_get_type_string (user_data), "its type is wrong");
    return;
  }
  policy->downloads_forbidden = !get_flag (user_data, "connection.allow-downloads", TRUE);
  policy->when_metered = get_flag (user_data, "connection.allow-downloads-when-metered", FALSE);
  policy->tariff = get_tariff (user_data);
}

void
sl_connection_policy_clear (SlConnectionPolicy *policy)
{
  g_clear_pointer (&policy->tariff, sl_tariff_free);
}
