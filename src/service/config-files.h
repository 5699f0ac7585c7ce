/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files of the distribution, the administrator or the user: sluice.conf, then sluice.conf.d/ *.conf by name. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* In bytes, of the message about one fault: the value that it repeats may be as long as the file. */
#define SL_CONFIG_PROBLEM_MAX 1024

/* A file that was read. */
typedef struct {
  char *name;        /* (owned): its path, in valid UTF-8 */
  GKeyFile *content; /* (owned) */
} SlConfigFile;

/* (transfer full) (nullable): parses @text of the file at @path; NULL with @error, which names file, line and reason */
SlConfigFile *
sl_config_file_parse (const char *path, const char *text, gsize length, GError **error);
void sl_config_file_free (SlConfigFile *file);

/* (transfer full) (element-type SlConfigFile) */
GPtrArray *sl_config_files_new (void);
/*
 * Appends the files of @directory (nullable) to @files, in the order in which they count. A file of sluice.conf.d is left out
 * when @masking (nullable), another such directory, has one of the same name. For each file that can't be read or parsed, a
 * message that names it is appended to @broken (element-type utf8), in valid UTF-8, which file names need not be.
 */
void sl_config_files_read (GPtrArray *files,
                           const char *directory,
                           const char *masking,
                           GPtrArray *broken);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlConfigFile, sl_config_file_free)

G_END_DECLS
