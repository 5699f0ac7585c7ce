/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of the sub-commands that make downloads. */
#include "config.h"

#include "create-options.h"

#include "base/units.h"
#include "options.h"
#include "when.h"

#include <string.h>

void
create_options_clear (CreateOptions *options)
{
  g_clear_pointer (&options->output, g_free);
  g_clear_pointer (&options->directory, g_free);
  g_clear_pointer (&options->digest, g_free);
  g_clear_pointer (&options->priority, g_free);
  g_clear_pointer (&options->headers, g_strfreev);
  g_clear_pointer (&options->max_rate, g_free);
  g_clear_pointer (&options->cost_policy, g_free);
  g_clear_pointer (&options->deadline, g_free);
}

/* As an unset variable of a script makes it: to go on as if nothing had been asked for would be wrong. */
static gboolean
is_empty (const char *value)
{
  return value != NULL && *value == '\0';
}

static gboolean
has_empty_value (const CreateOptions *options)
{
  return is_empty (options->output) || is_empty (options->directory) ||
         is_empty (options->digest) || is_empty (options->priority) ||
         is_empty (options->cost_policy) || is_empty (options->deadline);
}

/* A size as in the configuration, also with a small letter for its unit, but neither 0 nor "unlimited". */
static gboolean
parse_rate (const char *text, guint64 *rate)
{
  g_autofree char *upper = g_ascii_strup (text, -1);

  return sl_units_parse_bytes (upper, rate) && *rate > 0;
}

gboolean
create_options_check (const CreateOptions *options, int n_uris)
{
  const char *problem = NULL;
  guint64 rate;
  gint64 deadline;

  if (n_uris < 1)
    problem = _ ("Which address is to be downloaded?");
  else if (has_empty_value (options))
    problem = _ ("An option has an empty value");
  else if (options->output != NULL && options->directory != NULL)
    problem = _ ("-o and -d cannot be used together");
  else if (options->output != NULL && (g_str_has_suffix (options->output, "/") ||
                                       g_file_test (options->output, G_FILE_TEST_IS_DIR)))
    problem = _ ("-o names a file; use -d for a directory");
  else if (options->output != NULL && n_uris > 1)
    problem = _ ("-o names one file; use -d for several addresses");
  else if (options->digest != NULL && n_uris > 1)
    problem = _ ("--digest can be used with one address only");
  else if (options->max_rate != NULL && !parse_rate (options->max_rate, &rate))
    problem = _ ("--max-rate must be a number of bytes a second, such as 500K or 2M");
  for (char **header = options->headers; header != NULL && *header != NULL; header++) {
    if (strchr (*header, ':') == NULL || **header == ':')
      problem = _ ("A header must be written as “Name: value”");
  }
  if (problem != NULL)
    return options_refuse (problem);
  return options->deadline == NULL || when_parse ("--deadline", options->deadline, &deadline);
}

/* (transfer full): absolute; ends in a slash for a directory */
static char *
local_path (const CreateOptions *options)
{
  g_autofree char *path = NULL;

  if (options->output != NULL)
    return g_canonicalize_filename (options->output, NULL);
  path = g_canonicalize_filename (options->directory != NULL ? options->directory : ".", NULL);
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

/* Under which conditions it runs. */
static void
insert_conditions (const CreateOptions *options, GVariantDict *dict)
{
  gint64 deadline;

  if (options->cost_policy != NULL)
    g_variant_dict_insert (dict, "CostPolicy", "s", options->cost_policy);
  if (options->no_cellular)
    g_variant_dict_insert (dict, "DisallowOnCellular", "b", TRUE);
  if (options->only_when_idle)
    g_variant_dict_insert (dict, "OnlyWhenIdle", "b", TRUE);
  if (options->only_on_external_power)
    g_variant_dict_insert (dict, "OnlyOnExternalPower", "b", TRUE);
  if (options->deadline != NULL && when_parse ("--deadline", options->deadline, &deadline))
    g_variant_dict_insert (dict, "Deadline", "x", deadline);
}

GVariant *
create_options_properties (const CreateOptions *options,
                           const char *default_priority,
                           gboolean auto_finalize)
{
  g_autofree char *path = local_path (options);
  guint64 rate;
  GVariantDict dict;

  if (!g_utf8_validate (path, -1, NULL)) {
    g_printerr (_ ("sluicectl: The path is not valid UTF-8; choose another.\n"));
    return NULL;
  }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "LocalPath", "s", path);
  g_variant_dict_insert (&dict, "AutoStart", "b", TRUE);
  g_variant_dict_insert (&dict, "AutoFinalize", "b", auto_finalize);
  g_variant_dict_insert (&dict, "Overwrite", "b", options->overwrite);
  g_variant_dict_insert (&dict, "Priority", "s",
                         options->priority != NULL ? options->priority : default_priority);
  if (options->digest != NULL)
    g_variant_dict_insert (&dict, "Digest", "s", options->digest);
  if (options->max_rate != NULL && parse_rate (options->max_rate, &rate))
    g_variant_dict_insert (&dict, "MaxBytesPerSecond", "t", rate);
  insert_conditions (options, &dict);
  if (options->headers != NULL)
    g_variant_dict_insert_value (&dict, "HttpHeaders", headers_variant (options->headers));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
