/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The target of publishing: whether it can be used, and under which name. */
#include "content/target.h"

#include "base/error.h"
#include "content/file-system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* A longer ending (bytes) is not an extension, and may be shortened. */
#define EXTENSION_MAX 32
/* A directory that refuses even such a short name has another reason. */
#define LIMIT_MIN 8

void
sl_target_set_exists (GError **error, const char *directory, const char *name)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
               "“%s/%s” exists already; set Overwrite to replace it", directory, name);
}

gboolean
sl_target_is_special (const struct stat *target)
{
  return !S_ISREG (target->st_mode) && !S_ISLNK (target->st_mode) && !S_ISDIR (target->st_mode);
}

void
sl_target_set_special (GError **error, const char *directory, const char *name)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
               "“%s/%s” is a device, a pipe or a socket, which is not replaced", directory, name);
}

gboolean
sl_target_check (const SlPlace *place, gboolean overwrite, GError **error)
{
  const char *directory = place->directory, *name = place->target_name;
  g_autofree char *path = g_build_filename (directory, name, NULL);
  struct stat stat;

  if (lstat (directory, &stat) == 0 && !S_ISDIR (stat.st_mode) && !S_ISLNK (stat.st_mode)) {
    sl_fs_set_error (error, ENOTDIR, "write into the directory", directory);
    return FALSE;
  }
  if (faccessat (AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) != 0) {
    sl_fs_set_error (error, errno, "write into the directory", directory);
    return FALSE;
  }
  if (name == NULL)
    return TRUE;
  if (lstat (path, &stat) != 0) {
    /* other faults may be gone when the file is complete */
    if (errno != ENAMETOOLONG)
      return TRUE;
    sl_fs_set_error (error, errno, "publish", path);
    return FALSE;
  }
  if (S_ISDIR (stat.st_mode)) {
    sl_fs_set_error (error, EISDIR, "publish", path);
    return FALSE;
  }
  if (overwrite && !sl_target_is_special (&stat))
    return TRUE;
  if (overwrite)
    sl_target_set_special (error, directory, name);
  else
    sl_target_set_exists (error, directory, name);
  return FALSE;
}

/* A name for a directory, and its limit there. */
typedef struct {
  const char *name;
  gsize stem;  /* length of name without the extension */
  gsize limit; /* bytes */
} Naming;

static Naming
begin_naming (const char *name)
{
  const char *dot = strrchr (name, '.');
  gboolean extended = dot != NULL && dot != name && strlen (dot) <= EXTENSION_MAX;

  return (Naming){name, extended ? (gsize)(dot - name) : strlen (name), NAME_MAX};
}

/*
 * (transfer full): "name (2).ext", without a number if @n is 1; shortened to the limit, without cutting a character
 */
static char *
make_name (const Naming *naming, guint n)
{
  const char *extension = naming->name + naming->stem;
  g_autofree char *end = n == 1 ? g_strdup (extension) : g_strdup_printf (" (%u)%s", n, extension);
  gsize room = naming->limit - MIN (strlen (end), naming->limit - 1);
  gsize stem = MIN (naming->stem, room);

  if (stem < naming->stem)
    for (; stem > 0 && ((guchar)naming->name[stem] & 0xc0) == 0x80; stem--)
      ;
  return g_strdup_printf ("%.*s%s", (int)stem, naming->name, end);
}

/*
 * (transfer full): the n-th name, shortened until @directory accepts it; @err: 0 if that file exists, otherwise why
 * not
 */
static char *
try_name (Naming *naming, const char *directory, guint n, int *err)
{
  for (;;) {
    g_autofree char *tried = make_name (naming, n);
    g_autofree char *path = g_build_filename (directory, tried, NULL);
    struct stat stat;
    *err = lstat (path, &stat) == 0 ? 0 : errno;
    if (*err != ENAMETOOLONG || naming->limit <= LIMIT_MIN)
      return g_steal_pointer (&tried);
    naming->limit = MAX (LIMIT_MIN, MIN (naming->limit, strlen (tried)) - 1);
  }
}

char *
sl_target_fit_name (const char *directory, const char *name)
{
  Naming naming = begin_naming (name);
  int err;

  return try_name (&naming, directory, 1, &err);
}

char *
sl_target_free_name (const char *directory,
                     const char *name,
                     gboolean (*taken) (const char *path, gpointer user_data),
                     gpointer user_data)
{
  Naming naming = begin_naming (name);

  for (guint n = 1;; n++) {
    int err;
    g_autofree char *tried = try_name (&naming, directory, n, &err);
    g_autofree char *path = g_build_filename (directory, tried, NULL);
    if (err == ENOENT && !taken (path, user_data))
      return g_steal_pointer (&tried);
    /* an unreadable directory: any name will do; the error comes later */
    if (n >= 10000)
      return make_name (&naming, 1);
  }
}
