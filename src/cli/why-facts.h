/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts about the service that “why” needs besides the download. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  GVariant *conditions; /* (owned) (nullable) a{sv} */
  GVariant *config;     /* (owned) a(ssvs) */
  guint active;         /* downloads that have a slot */
  guint queued;
  guint foreground; /* foreground downloads that run */
  gboolean suspended;
} WhyFacts;

void why_facts_clear (WhyFacts *facts);
/* (transfer full) (nullable): a setting as written in a file; @file: (out) (optional): the file that it is from */
char *why_facts_find_setting (const WhyFacts *facts,
                              const char *group,
                              const char *key,
                              const char **file);

/* Whether the download with the properties @values is in the foreground. */
gboolean why_is_foreground (GVariant *values);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WhyFacts, why_facts_clear)

G_END_DECLS
