/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a download moves or doesn't, in sentences. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* What is known of the service besides the download. */
typedef struct {
  GVariant *conditions; /* (owned) (nullable) a{sv} */
  GVariant *config;     /* (owned) a(ssvs) */
  guint active;         /* downloads that have a slot */
  guint queued;
  guint foreground; /* downloads of the foreground that move */
  gboolean suspended;
} WhyFacts;

void why_facts_clear (WhyFacts *facts);

/* Whether the download with these properties is of the foreground. */
gboolean why_is_foreground (GVariant *values);

/* (transfer full) (element-type utf8) */
GPtrArray *why_explain (const WhyFacts *facts, SluiceDownload *download);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WhyFacts, why_facts_clear)

G_END_DECLS
