/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of the sub-commands that create downloads: a row for each, and how its value becomes a property. */
#include "config.h"

#include "create-options.h"

#include "base/units.h"
#include "options.h"
#include "when.h"

#include <glib/gi18n.h>
#include <string.h>

/* The kind of an option's value. */
typedef enum {
  KIND_SWITCH,    /* no value: the property becomes true */
  KIND_TEXT,      /* a text or a word */
  KIND_DIGEST,    /* a digest, which fits only one address */
  KIND_RATE,      /* bytes a second, also with a unit */
  KIND_TIME,      /* a time for when_parse () */
  KIND_FIELDS,    /* "Name: value"; can be repeated */
  KIND_FILE,      /* the path of the file, in the encoding of file names */
  KIND_DIRECTORY, /* the directory of the file, likewise */
} Kind;

typedef struct {
  const char *name;
  char letter; /* 0: none */
  const char *property;
  Kind kind;
  const char *help;
  const char *argument; /* NULL for a switch */
} Row;

/*
 * dbus/generate.py reads these rows too, and makes the lists of sluicectl(1) and the completions from them. In the
 * manual, the comment above a row follows the help.
 */
static const Row rows[] = {
    {"output", 'o', "LocalPath", KIND_FILE, N_ ("Save under this path"), N_ ("PATH")},
    /* the name comes from the server or the address */
    {"directory", 'd', "LocalPath", KIND_DIRECTORY,
     N_ ("Save into this directory (default: the current one)"), N_ ("DIR")},
    {"digest", 0, "Digest", KIND_DIGEST, N_ ("Accept only this content: sha256:… or sha512:…"),
     N_ ("DIGEST")},
    /* a link itself is replaced; a device, a pipe or a socket never is */
    {"overwrite", 0, "Overwrite", KIND_SWITCH, N_ ("Replace an existing file"), NULL},
    /* other users of the machine can see it in **ps**\ (1) */
    {"header", 'H', "HttpHeaders", KIND_FIELDS,
     N_ ("Send this header with each request; can be repeated"), N_ ("'NAME: VALUE'")},
    /* K, M, G and T are powers of 1024 */
    {"max-rate", 0, "MaxBytesPerSecond", KIND_RATE,
     N_ ("Limit the rate to this many bytes a second, such as 500K or 2M"), N_ ("RATE")},
    /* **sluice.conf**\ (5) has a table */
    {"cost-policy", 0, "CostPolicy", KIND_TEXT,
     N_ ("Run only where the network costs allow it: always, unrestricted, standard, "
         "no-roaming, no-surcharge or no-cellular"),
     N_ ("NAME")},
    {"no-cellular", 0, "DisallowOnCellular", KIND_SWITCH, N_ ("Do not run on cellular networks"),
     NULL},
    {"only-when-idle", 0, "OnlyWhenIdle", KIND_SWITCH, N_ ("Run only while the user is idle"),
     NULL},
    {"only-on-external-power", 0, "OnlyOnExternalPower", KIND_SWITCH,
     N_ ("Run only on external power"), NULL},
    /* see CONDITIONS */
    {"deadline", 0, "Deadline", KIND_TIME,
     N_ ("Stop waiting for comfort at this time: “2026-11-22 06:00”, “06:00” or “+8h”"),
     N_ ("TIME")},
    {"priority", 'p', "Priority", KIND_TEXT, N_ ("foreground, high, normal or low"),
     N_ ("PRIORITY")},
};
#define N_ROWS G_N_ELEMENTS (rows)

/* The value as GOption stores it; 0 if the option was not given. */
typedef union {
  gboolean is_set; /* for KIND_SWITCH */
  char **list;     /* (owned): for KIND_FIELDS */
  char *text;      /* (owned): for all others */
} Value;

struct CreateOptions {
  Value values[N_ROWS];
  GOptionEntry entries[N_ROWS + 1]; /* the last is empty */
};

static GOptionArg
get_argument (Kind kind)
{
  switch (kind) {
  case KIND_SWITCH:
    return G_OPTION_ARG_NONE;
  case KIND_FIELDS:
    return G_OPTION_ARG_STRING_ARRAY;
  case KIND_FILE:
  case KIND_DIRECTORY:
    return G_OPTION_ARG_FILENAME;
  default:
    return G_OPTION_ARG_STRING;
  }
}

CreateOptions *
create_options_new (void)
{
  CreateOptions *options = g_new0 (CreateOptions, 1);

  for (gsize i = 0; i < N_ROWS; i++) {
    const Row *row = &rows[i];
    options->entries[i] =
        (GOptionEntry){row->name, row->letter,  0, get_argument (row->kind), &options->values[i],
                       row->help, row->argument};
  }
  return options;
}

void
create_options_free (CreateOptions *options)
{
  for (gsize i = 0; i < N_ROWS; i++) {
    if (rows[i].kind == KIND_FIELDS)
      g_strfreev (options->values[i].list);
    else if (rows[i].kind != KIND_SWITCH)
      g_free (options->values[i].text);
  }
  g_free (options);
}

const GOptionEntry *
create_options_get_entries (const CreateOptions *options)
{
  return options->entries;
}

/* (transfer none) (nullable): the value of the only option of @kind */
static const char *
get_path (const CreateOptions *options, Kind kind)
{
  for (gsize i = 0; i < N_ROWS; i++) {
    if (rows[i].kind == kind)
      return options->values[i].text;
  }
  g_return_val_if_reached (NULL);
}

/* Parses a size like the configuration, but also with a small letter as its unit, and refuses 0 and "unlimited". */
static gboolean
parse_rate (const char *text, guint64 *rate)
{
  g_autofree char *upper = g_ascii_strup (text, -1);

  return sl_units_parse_bytes (upper, rate) && *rate > 0;
}

/* Checks */

/* Whether a value is empty, as from an unset variable of a script. It would be wrong to ignore such an option. */
static gboolean
has_empty_value (const CreateOptions *options)
{
  for (gsize i = 0; i < N_ROWS; i++) {
    Kind kind = rows[i].kind;
    const char *text = kind == KIND_SWITCH || kind == KIND_FIELDS ? NULL : options->values[i].text;
    /* parse_rate () refuses an empty value too, with a better message */
    if (text != NULL && *text == '\0' && kind != KIND_RATE)
      return TRUE;
  }
  return FALSE;
}

/* (transfer none) (nullable): what is wrong with the paths; NULL if nothing is */
static const char *
find_path_fault (const CreateOptions *options, int n_uris)
{
  const char *file = get_path (options, KIND_FILE);

  if (file == NULL)
    return NULL;
  if (get_path (options, KIND_DIRECTORY) != NULL)
    return _ ("-o and -d cannot be used together");
  if (g_str_has_suffix (file, "/") || g_file_test (file, G_FILE_TEST_IS_DIR))
    return _ ("-o names a file; use -d for a directory");
  if (n_uris > 1)
    return _ ("-o names one file; use -d for several addresses");
  return NULL;
}

static gboolean
are_fields (char **list)
{
  for (; list != NULL && *list != NULL; list++) {
    if (strchr (*list, ':') == NULL || **list == ':')
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) (nullable): what is wrong with one value; NULL if nothing is */
static char *
find_fault (const Row *row, const Value *value, int n_uris)
{
  guint64 rate;

  switch (row->kind) {
  case KIND_DIGEST:
    if (value->text != NULL && n_uris > 1)
      return g_strdup_printf (_ ("--%s can be used with one address only"), row->name);
    break;
  case KIND_RATE:
    if (value->text != NULL && !parse_rate (value->text, &rate))
      return g_strdup_printf (_ ("--%s must be a number of bytes a second, such as 500K or 2M"),
                              row->name);
    break;
  case KIND_FIELDS:
    if (!are_fields (value->list))
      return g_strdup (_ ("A header must be written as “Name: value”"));
    break;
  default:
    break;
  }
  return NULL;
}

/* FALSE after an error was printed. */
static gboolean
parse_time (const Row *row, const char *text, gint64 *time)
{
  g_autofree char *name = g_strconcat ("--", row->name, NULL);

  return when_parse (name, text, time);
}

gboolean
create_options_check (const CreateOptions *options, int n_uris)
{
  const char *problem = NULL;
  gint64 time;

  if (n_uris < 1)
    problem = _ ("Which address is to be downloaded?");
  else if (has_empty_value (options))
    problem = _ ("An option has an empty value");
  else
    problem = find_path_fault (options, n_uris);
  if (problem != NULL)
    return options_refuse (problem);
  for (gsize i = 0; i < N_ROWS; i++) {
    g_autofree char *fault = find_fault (&rows[i], &options->values[i], n_uris);
    if (fault != NULL)
      return options_refuse (fault);
  }
  for (gsize i = 0; i < N_ROWS; i++) {
    const char *text = rows[i].kind == KIND_TIME ? options->values[i].text : NULL;
    if (text != NULL && !parse_time (&rows[i], text, &time))
      return FALSE;
  }
  return TRUE;
}

/* Properties */

/* (transfer full): absolute; ends in a slash for a directory */
static char *
local_path (const CreateOptions *options)
{
  const char *file = get_path (options, KIND_FILE);
  const char *directory = get_path (options, KIND_DIRECTORY);
  g_autofree char *path = NULL;

  if (file != NULL)
    return g_canonicalize_filename (file, NULL);
  path = g_canonicalize_filename (directory != NULL ? directory : ".", NULL);
  return g_str_has_suffix (path, "/") ? g_steal_pointer (&path) : g_strconcat (path, "/", NULL);
}

static GVariant *
headers_variant (char **headers)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (; *headers != NULL; headers++) {
    g_auto (GStrv) parts = g_strsplit (*headers, ":", 2);
    g_variant_builder_add (&builder, "{ss}", g_strstrip (parts[0]), g_strstrip (parts[1]));
  }
  return g_variant_builder_end (&builder);
}

/* Inserts the given options, except the paths, which local_path () makes. */
static void
insert (GVariantDict *dict, const Row *row, const Value *value)
{
  guint64 rate;
  gint64 time;

  switch (row->kind) {
  case KIND_SWITCH:
    if (value->is_set)
      g_variant_dict_insert (dict, row->property, "b", TRUE);
    break;
  case KIND_TEXT:
  case KIND_DIGEST:
    if (value->text != NULL)
      g_variant_dict_insert (dict, row->property, "s", value->text);
    break;
  case KIND_RATE:
    if (value->text != NULL && parse_rate (value->text, &rate))
      g_variant_dict_insert (dict, row->property, "t", rate);
    break;
  case KIND_TIME:
    if (value->text != NULL && parse_time (row, value->text, &time))
      g_variant_dict_insert (dict, row->property, "x", time);
    break;
  case KIND_FIELDS:
    if (value->list != NULL)
      g_variant_dict_insert_value (dict, row->property, headers_variant (value->list));
    break;
  case KIND_FILE:
  case KIND_DIRECTORY:
    break;
  }
}

GVariant *
create_options_properties (const CreateOptions *options,
                           const char *default_priority,
                           gboolean auto_finalize)
{
  g_autofree char *path = local_path (options);
  GVariantDict dict;

  if (!g_utf8_validate (path, -1, NULL)) {
    g_printerr (_ ("sluicectl: The path is not valid UTF-8; choose another.\n"));
    return NULL;
  }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "LocalPath", "s", path);
  g_variant_dict_insert (&dict, "AutoStart", "b", TRUE);
  g_variant_dict_insert (&dict, "AutoFinalize", "b", auto_finalize);
  g_variant_dict_insert (&dict, "Priority", "s", default_priority);
  for (gsize i = 0; i < N_ROWS; i++)
    insert (&dict, &rows[i], &options->values[i]);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
