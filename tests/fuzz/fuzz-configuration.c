/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration: a broken text changes nothing, and no text gives the daemon nothing to work with. */
#include <string.h>

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
  SlSettings settings = SL_SETTINGS_DEFAULT;
  const SlSettings untouched = SL_SETTINGS_DEFAULT;
  g_autoptr (GError) error = NULL;

  if (g_once_init_enter (&once)) {
    g_log_set_writer_func (be_silent, NULL, NULL);
    g_once_init_leave (&once, 1);
  }
  if (!sl_configuration_parse ((const char *)data, size, "fuzz", &settings, &error)) {
    FUZZ_ASSERT (error != NULL);
    FUZZ_ASSERT (memcmp (&settings, &untouched, sizeof settings) == 0);
  }
  FUZZ_ASSERT (settings.max_active > 0 && settings.max_connections > 0);
  FUZZ_ASSERT (settings.max_connections_per_host > 0);
  FUZZ_ASSERT (settings.connections_foreground > 0 && settings.connections_background > 0);
  FUZZ_ASSERT (settings.first_byte_timeout > 0 && settings.stall_timeout > 0);
  return 0;
}
