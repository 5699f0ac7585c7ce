/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the machine says at one moment. */
#include "hints/conditions.h"

SlLink *
sl_link_new (guint index, const char *interface)
{
  SlLink *link = g_new0 (SlLink, 1);

  link->index = index;
  link->interface = g_strdup (interface);
  link->uuid = g_strdup ("");
  link->name = g_strdup ("");
  link->operator_ = g_strdup ("");
  return link;
}

void
sl_link_free (SlLink *link)
{
  g_free (link->interface);
  g_free (link->uuid);
  g_free (link->name);
  g_free (link->operator_);
  g_clear_pointer (&link->user_data, g_variant_unref);
  g_free (link);
}

SlLink *
sl_link_copy (const SlLink *link)
{
  SlLink *copy = g_new (SlLink, 1);

  *copy = *link;
  copy->interface = g_strdup (link->interface);
  copy->uuid = g_strdup (link->uuid);
  copy->name = g_strdup (link->name);
  copy->operator_ = g_strdup (link->operator_);
  copy->user_data = link->user_data != NULL ? g_variant_ref (link->user_data) : NULL;
  return copy;
}

static gboolean
equal_user_data (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

/* Ignores the capacity: it changes with each measurement. */
static gboolean
equal_links (const SlLink *a, const SlLink *b)
{
  return a->index == b->index && g_str_equal (a->interface, b->interface) &&
         g_str_equal (a->uuid, b->uuid) && g_str_equal (a->name, b->name) &&
         a->metered == b->metered && a->cellular == b->cellular && a->roaming == b->roaming &&
         a->vpn == b->vpn && a->primary == b->primary && a->busy == b->busy &&
         g_str_equal (a->operator_, b->operator_) && equal_user_data (a->user_data, b->user_data);
}

SlConditions *
sl_conditions_new (void)
{
  SlConditions *conditions = g_new0 (SlConditions, 1);

  conditions->battery_level = 100;
  conditions->user_idle = TRUE;
  conditions->links = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_link_free);
  return conditions;
}

SlConditions *
sl_conditions_copy (const SlConditions *conditions)
{
  SlConditions *copy = g_new (SlConditions, 1);

  *copy = *conditions;
  copy->links = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_link_free);
  for (guint i = 0; i < conditions->links->len; i++)
    g_ptr_array_add (copy->links, sl_link_copy (conditions->links->pdata[i]));
  return copy;
}

void
sl_conditions_free (SlConditions *conditions)
{
  g_ptr_array_unref (conditions->links);
  g_free (conditions);
}

gboolean
sl_conditions_equal (const SlConditions *a, const SlConditions *b)
{
  for (guint i = 0; i < SL_N_HINTS; i++) {
    if (g_strcmp0 (a->sources[i], b->sources[i]) != 0)
      return FALSE;
  }
  if (a->links->len != b->links->len)
    return FALSE;
  for (guint i = 0; i < a->links->len; i++) {
    if (!equal_links (a->links->pdata[i], b->links->pdata[i]))
      return FALSE;
  }
  return a->connectivity == b->connectivity && a->vpn == b->vpn && a->on_battery == b->on_battery &&
         (gint)a->battery_level == (gint)b->battery_level &&
         a->battery_critical == b->battery_critical && a->power_saver == b->power_saver &&
         a->user_idle == b->user_idle && a->game_mode == b->game_mode;
}

const SlLink *
sl_conditions_find_link (const SlConditions *conditions, guint index)
{
  const SlLink *primary = NULL;

  for (guint i = 0; i < conditions->links->len; i++) {
    const SlLink *link = conditions->links->pdata[i];
    if (index != 0 && link->index == index)
      return link;
    if (link->primary && primary == NULL)
      primary = link;
  }
  return primary;
}
