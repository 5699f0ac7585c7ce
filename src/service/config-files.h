/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files of one owner: in its directory sluice.conf, then sluice.conf.d/ *.conf by name. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bytes of what is said of one fault; a value can have as many as the file. */
#define SL_CONFIG_PROBLEM_MAX 1024

/* One that was read. */
typedef struct {
  char *name;        /* (owned): its path, as text in UTF-8 */
  GKeyFile *content; /* (owned) */
} SlConfigFile;

/* (transfer full): @text as the file at @path; NULL with @error, which names file, line and reason. */
SlConfigFile *
sl_config_file_parse (const char *path, const char *text, gsize length, GError **error);
void sl_config_file_free (SlConfigFile *file);

/* (transfer full) (element-type SlConfigFile) */
GPtrArray *sl_config_files_new (void);
/*
 * Appends those of @directory (nullable) to @files in the order in which they count, but for those of sluice.conf.d that
 * @masking (nullable), another such directory, has by the same name. For each that can't be read or parsed, a message
 * that names it is appended to @broken (element-type utf8). File names need not be UTF-8, what is told of them is.
 */
void sl_config_files_read (GPtrArray *files,
                           const char *directory,
                           const char *masking,
                           GPtrArray *broken);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlConfigFile, sl_config_file_free)

G_END_DECLS
