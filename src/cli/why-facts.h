/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What “why” has to know besides the download itself. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of the service */
typedef struct {
  GVariant *conditions; /* (owned) (nullable) a{sv} */
  GVariant *config;     /* (owned) a(ssvs) */
  guint active;         /* downloads that have a slot */
  guint queued;
  guint foreground; /* downloads of the foreground that move */
  gboolean suspended;
} WhyFacts;

void why_facts_clear (WhyFacts *facts);
/* (transfer full) (nullable): a setting as it stands in a file; @file (nullable) gets where it's from */
char *why_facts_find_setting (const WhyFacts *facts,
                              const char *group,
                              const char *key,
                              const char **file);

/* Whether the download with these properties is of the foreground. */
gboolean why_is_foreground (GVariant *values);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WhyFacts, why_facts_clear)

G_END_DECLS
