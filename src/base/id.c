/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ids of objects. */
#include "base/id.h"

#include <string.h>

void
sl_id_init_random (SlId *id)
{
  g_autofree char *uuid = g_uuid_string_random ();

  g_strlcpy (id->text, uuid, sizeof id->text);
}

gboolean
sl_id_parse (SlId *id, const char *text)
{
  if (strlen (text) != SL_ID_LENGTH || !g_uuid_string_is_valid (text))
    return FALSE;
  for (const char *c = text; *c != '\0'; c++) {
    if (g_ascii_isupper (*c))
      return FALSE;
  }
  memcpy (id->text, text, SL_ID_LENGTH + 1);
  return TRUE;
}

char *
sl_id_to_node (const SlId *id)
{
  return g_strdelimit (g_strdup (id->text), "-", '_');
}

gboolean
sl_id_parse_node (SlId *id, const char *node)
{
  g_autofree char *text = NULL;

  if (strchr (node, '-') != NULL)
    return FALSE;
  text = g_strdelimit (g_strdup (node), "_", '-');
  return sl_id_parse (id, text);
}

char *
sl_id_to_path (const SlId *id)
{
  g_autofree char *node = sl_id_to_node (id);

  return g_strconcat (SL_DOWNLOAD_PATH "/", node, NULL);
}

gboolean
sl_id_parse_path (SlId *id, const char *path)
{
  if (!g_str_has_prefix (path, SL_DOWNLOAD_PATH "/"))
    return FALSE;
  return sl_id_parse_node (id, path + strlen (SL_DOWNLOAD_PATH "/"));
}
