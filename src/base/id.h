/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ids of objects: random UUIDs, and their object paths. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SL_ID_LENGTH     36
#define SL_ROOT_PATH     "/org/sluice/Sluice1"
#define SL_DOWNLOAD_PATH SL_ROOT_PATH "/download"

/* A UUID as text; compared and hashed as a string. */
typedef struct {
  char text[SL_ID_LENGTH + 1];
} SlId;

void sl_id_init_random (SlId *id);
/* FALSE unless @text is a UUID in lower case with dashes. */
gboolean sl_id_parse (SlId *id, const char *text);
/* (transfer full): the id with underscores, the last element of its object path */
char *sl_id_to_node (const SlId *id);
gboolean sl_id_parse_node (SlId *id, const char *node);
/* (transfer full) */
char *sl_id_to_path (const SlId *id);
gboolean sl_id_parse_path (SlId *id, const char *path);

G_END_DECLS
