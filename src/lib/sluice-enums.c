/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations as GObject types; their nicks are the words of the bus. */
#include "config.h"

#include "enums-private.h"

static const GEnumValue state_values[] = {
    {SLUICE_STATE_UNKNOWN, "SLUICE_STATE_UNKNOWN", "unknown"},
    {SLUICE_STATE_CREATED, "SLUICE_STATE_CREATED", "created"},
    {SLUICE_STATE_QUEUED, "SLUICE_STATE_QUEUED", "queued"},
    {SLUICE_STATE_TRANSFERRING, "SLUICE_STATE_TRANSFERRING", "transferring"},
    {SLUICE_STATE_PAUSED, "SLUICE_STATE_PAUSED", "paused"},
    {SLUICE_STATE_RETRYING, "SLUICE_STATE_RETRYING", "retrying"},
    {SLUICE_STATE_FAILED, "SLUICE_STATE_FAILED", "failed"},
    {SLUICE_STATE_TRANSFERRED, "SLUICE_STATE_TRANSFERRED", "transferred"},
    {SLUICE_STATE_FINALIZED, "SLUICE_STATE_FINALIZED", "finalized"},
    {SLUICE_STATE_ABORTED, "SLUICE_STATE_ABORTED", "aborted"},
    {0, NULL, NULL},
};

static const GEnumValue priority_values[] = {
    {SLUICE_PRIORITY_UNKNOWN, "SLUICE_PRIORITY_UNKNOWN", "unknown"},
    {SLUICE_PRIORITY_FOREGROUND, "SLUICE_PRIORITY_FOREGROUND", "foreground"},
    {SLUICE_PRIORITY_HIGH, "SLUICE_PRIORITY_HIGH", "high"},
    {SLUICE_PRIORITY_NORMAL, "SLUICE_PRIORITY_NORMAL", "normal"},
    {SLUICE_PRIORITY_LOW, "SLUICE_PRIORITY_LOW", "low"},
    {0, NULL, NULL},
};

GType
sluice_state_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("SluiceState", state_values));
  return type;
}

GType
sluice_priority_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("SluicePriority", priority_values));
  return type;
}

/**
 * sluice_state_to_string:
 * @state: a state
 *
 * The word that the bus has for a state, such as `transferring`.
 * [method@Sluice.Manager.list_downloads_async] takes it in a filter.
 *
 * Returns: (transfer none): the word; `unknown` for what is no state
 */
const char *
sluice_state_to_string (SluiceState state)
{
  return (guint)state <= SLUICE_STATE_ABORTED ? state_values[state].value_nick : "unknown";
}

/**
 * sluice_priority_to_string:
 * @priority: a priority
 *
 * The word that the bus has for a priority, such as `foreground`.
 * [method@Sluice.Download.set_async] takes it as the value of `Priority`.
 *
 * Returns: (transfer none): the word; `unknown` for what is no priority
 */
const char *
sluice_priority_to_string (SluicePriority priority)
{
  return (guint)priority <= SLUICE_PRIORITY_LOW ? priority_values[priority].value_nick : "unknown";
}

static int
value_of_nick (const GEnumValue *values, const char *nick)
{
  for (; values->value_name != NULL; values++) {
    if (g_strcmp0 (values->value_nick, nick) == 0)
      return values->value;
  }
  return 0;
}

SluiceState
sl_lib_state_from_string (const char *text)
{
  return (SluiceState)value_of_nick (state_values, text);
}

SluicePriority
sl_lib_priority_from_string (const char *text)
{
  return (SluicePriority)value_of_nick (priority_values, text);
}
