/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration: a broken text changes nothing, and no text leaves the daemon without settings. */
#include "fuzz.h"
#include "service/configuration.h"

static GLogWriterOutput
be_silent (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize once;
  const SlConfigurationPaths nowhere = {NULL, NULL, NULL};
  g_autoptr (SlConfiguration) configuration = sl_configuration_new (&nowhere);
  const SlSettings *settings = &sl_configuration_get (configuration)->transfers;
  const SlPolicySettings *policy = &sl_configuration_get (configuration)->policy;
  g_autoptr (GVariant) before = g_variant_ref_sink (sl_configuration_describe (configuration));
  g_autoptr (GVariant) after = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (g_once_init_enter (&once)) {
    g_log_set_writer_func (be_silent, NULL, NULL);
    g_once_init_leave (&once, 1);
  }
  ok = sl_configuration_parse (configuration, (const char *)data, size, "fuzz", &error);
  after = g_variant_ref_sink (sl_configuration_describe (configuration));
  FUZZ_ASSERT (ok == (error == NULL));
  FUZZ_ASSERT (ok || g_variant_equal (before, after));
  FUZZ_ASSERT (settings->max_active > 0 && settings->max_connections > 0);
  FUZZ_ASSERT (settings->max_connections_per_host > 0);
  FUZZ_ASSERT (settings->connections_foreground > 0 && settings->connections_background > 0);
  FUZZ_ASSERT (settings->first_byte_timeout > 0 && settings->stall_timeout > 0);
  FUZZ_ASSERT (settings->retry_delay_max >= settings->retry_delay_min);
  FUZZ_ASSERT (policy->cap_day >= 1 && policy->cap_day <= 28);
  FUZZ_ASSERT (policy->minimum_battery <= 100 && policy->busy_share >= 1);
  return 0;
}
