/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns enumeration values into words of the D-Bus interface, and back. The build makes the types from the header. */
#include "config.h"

#include "sluice-enums-private.h"

/* (transfer none): the word stays valid, because the classes of static types are never freed */
static const char *
nick_of (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value (klass, value);

  return found != NULL ? found->value_nick : "unknown";
}

int
sl_enum_from_nick (GType type, const char *nick)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = nick != NULL ? g_enum_get_value_by_nick (klass, nick) : NULL;

  return found != NULL ? found->value : 0;
}

/**
 * sluice_state_to_string:
 * @state: a state
 *
 * The word of the D-Bus interface for a state, such as `transferring`.
 * [method@Sluice.Manager.list_downloads_async] takes it in a filter.
 *
 * Returns: (transfer none): the word; `unknown` if @state is not valid
 */
const char *
sluice_state_to_string (SluiceState state)
{
  return nick_of (SLUICE_TYPE_STATE, state);
}

/**
 * sluice_priority_to_string:
 * @priority: a priority
 *
 * The word of the D-Bus interface for a priority, such as `foreground`.
 * [method@Sluice.Download.set_async] takes it as the value of `Priority`.
 *
 * Returns: (transfer none): the word; `unknown` if @priority is not valid
 */
const char *
sluice_priority_to_string (SluicePriority priority)
{
  return nick_of (SLUICE_TYPE_PRIORITY, priority);
}
