/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of the configuration files, as a table: their names, kinds and limits, and which of two values is tighter. */
#pragma once

#include "base/policy-settings.h"
#include "base/settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* All that can be configured. */
typedef struct {
  SlSettings transfers;
  SlPolicySettings policy;
} SlConfigured;

void sl_configured_init (SlConfigured *configured);
void sl_configured_copy (SlConfigured *to, const SlConfigured *from);
void sl_configured_clear (SlConfigured *configured);

typedef struct _SlKey SlKey;

guint sl_keys_count (void);
/* (transfer none) */
const SlKey *sl_keys_get (guint index);
/* FALSE when there is no such key. */
gboolean sl_keys_find (const char *group, const char *name, guint *index);
gboolean sl_keys_has_group (const char *group);
const char *sl_key_get_group (const SlKey *key);
const char *sl_key_get_name (const SlKey *key);

/* Sets the key's member of @configured; FALSE with @error, which says what would be acceptable. */
gboolean
sl_key_parse (const SlKey *key, const char *text, SlConfigured *configured, GError **error);
/* (transfer full): the value as it's written in a file */
char *sl_key_format (const SlKey *key, const SlConfigured *configured);
/* (transfer floating): b for a switch, u for a count, otherwise s as in a file */
GVariant *sl_key_to_variant (const SlKey *key, const SlConfigured *configured);
/* Whether a value of @key could make a limit of @other hold less: the hours of other limits do so, and what is metered. */
gboolean sl_key_undoes (const SlKey *key, const SlKey *other);
/* Whether @a allows downloads no more by this key than @b does. */
gboolean sl_key_is_as_tight (const SlKey *key, const SlConfigured *a, const SlConfigured *b);

G_END_DECLS
