/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of the sub-commands that make downloads. */
#pragma once

#include <glib.h>
#include <glib/gi18n.h>

G_BEGIN_DECLS

/* What `get` and `add` say of the downloads that they make. */
typedef struct {
  char *output;      /* (owned) */
  char *directory;   /* (owned) */
  char *digest;      /* (owned) */
  char *priority;    /* (owned) */
  char **headers;    /* (owned) */
  char *max_rate;    /* (owned) */
  char *cost_policy; /* (owned) */
  char *deadline;    /* (owned) */
  gboolean overwrite;
  gboolean no_cellular;
  gboolean only_when_idle;
  gboolean only_on_external_power;
} CreateOptions;

void create_options_clear (CreateOptions *options);
/* FALSE after an error was printed: what was asked for can't be. */
gboolean create_options_check (const CreateOptions *options, int n_uris);
/* (transfer full): the properties, a{sv}; NULL after an error was printed */
GVariant *create_options_properties (const CreateOptions *options,
                                     const char *default_priority,
                                     gboolean auto_finalize);
#define CREATE_OPTION_ENTRIES(o)                                                                     \
  {                                                                                                  \
      "output",   'o', 0, G_OPTION_ARG_FILENAME, &(o).output, N_ ("Save under this path"),           \
      N_ ("PATH")},                                                                                  \
      {"directory",                                                                                  \
       'd',                                                                                          \
       0,                                                                                            \
       G_OPTION_ARG_FILENAME,                                                                        \
       &(o).directory,                                                                               \
       N_ ("Save into this directory (default: the current one)"),                                   \
       N_ ("DIR")},                                                                                  \
      {"digest",                                                                                     \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_STRING,                                                                          \
       &(o).digest,                                                                                  \
       N_ ("Accept only this content: sha256:… or sha512:…"),                                        \
       N_ ("DIGEST")},                                                                               \
      {"overwrite", 0, 0, G_OPTION_ARG_NONE, &(o).overwrite, N_ ("Replace an existing file"), NULL}, \
      {"header",                                                                                     \
       'H',                                                                                          \
       0,                                                                                            \
       G_OPTION_ARG_STRING_ARRAY,                                                                    \
       &(o).headers,                                                                                 \
       N_ ("Send this header with each request; can be repeated"),                                   \
       N_ ("'NAME: VALUE'")},                                                                        \
      {"max-rate",                                                                                   \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_STRING,                                                                          \
       &(o).max_rate,                                                                                \
       N_ ("Limit the rate to this many bytes a second, such as 500K or 2M"),                        \
       N_ ("RATE")},                                                                                 \
      {"cost-policy",                                                                                \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_STRING,                                                                          \
       &(o).cost_policy,                                                                             \
       N_ ("Run only where the network costs allow it: always, unrestricted, standard, "             \
           "no-roaming, no-surcharge or no-cellular"),                                               \
       N_ ("NAME")},                                                                                 \
      {"no-cellular",                                                                                \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_NONE,                                                                            \
       &(o).no_cellular,                                                                             \
       N_ ("Do not run on cellular networks"),                                                       \
       NULL},                                                                                        \
      {"only-when-idle",                                                                             \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_NONE,                                                                            \
       &(o).only_when_idle,                                                                          \
       N_ ("Run only while the user is idle"),                                                       \
       NULL},                                                                                        \
      {"only-on-external-power",          0,   0, G_OPTION_ARG_NONE, &(o).only_on_external_power,    \
       N_ ("Run only on external power"), NULL},                                                     \
      {"deadline",                                                                                   \
       0,                                                                                            \
       0,                                                                                            \
       G_OPTION_ARG_STRING,                                                                          \
       &(o).deadline,                                                                                \
       N_ ("Stop waiting for comfort at this time: “2026-11-22 06:00”, “06:00” or “+8h”"),           \
       N_ ("TIME")},                                                                                 \
  {                                                                                                  \
    "priority", 'p', 0, G_OPTION_ARG_STRING, &(o).priority,                                          \
        N_ ("foreground, high, normal or low"), N_ ("PRIORITY")                                      \
  }

G_END_DECLS
