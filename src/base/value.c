/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles members of which only the kind is known. */
#include "base/value.h"

#include "base/id.h"
#include "base/ranges.h"

#include <string.h>

static gpointer
dup_text (gconstpointer text)
{
  return g_strdup (text);
}

static gpointer
dup_fields (gconstpointer fields)
{
  return g_variant_ref ((GVariant *)fields);
}

static gpointer
dup_ranges (gconstpointer ranges)
{
  return sl_ranges_copy (ranges);
}

static void
free_fields (gpointer fields)
{
  g_variant_unref (fields);
}

static void
free_ranges (gpointer ranges)
{
  sl_ranges_unref (ranges);
}

/* For each kind: the size of a member, its type on the bus, and how to copy and free what it points to. */
static const struct {
  gsize size;
  const char *type;
  gpointer (*dup) (gconstpointer); /* NULL: the member points to nothing */
  void (*free) (gpointer);
} kinds[] = {
    [SL_VALUE_TEXT] = {sizeof (char *), "s", dup_text, g_free},
    [SL_VALUE_BOOLEAN] = {sizeof (gboolean), "b", NULL, NULL},
    [SL_VALUE_INT32] = {sizeof (gint32), "i", NULL, NULL},
    [SL_VALUE_UINT32] = {sizeof (guint32), "u", NULL, NULL},
    [SL_VALUE_INT64] = {sizeof (gint64), "x", NULL, NULL},
    [SL_VALUE_UINT64] = {sizeof (guint64), "t", NULL, NULL},
    [SL_VALUE_SIZE] = {sizeof (guint64), "t", NULL, NULL},
    [SL_VALUE_ENUM] = {sizeof (guint), "s", NULL, NULL},
    [SL_VALUE_SET] = {sizeof (guint), "as", NULL, NULL},
    [SL_VALUE_FIELDS] = {sizeof (GVariant *), "a{ss}", dup_fields, free_fields},
    [SL_VALUE_RANGES] = {sizeof (SlRanges *), NULL, dup_ranges, free_ranges},
    [SL_VALUE_ID] = {sizeof (SlId), NULL, NULL, NULL},
};

const char *
sl_value_get_type (SlValueKind kind)
{
  return kinds[kind].type;
}

void
sl_value_copy (SlValueKind kind, gpointer to, gconstpointer from)
{
  gpointer held;

  memcpy (to, from, kinds[kind].size);
  if (kinds[kind].dup == NULL)
    return;
  memcpy (&held, from, sizeof held);
  held = held != NULL ? kinds[kind].dup (held) : NULL;
  memcpy (to, &held, sizeof held);
}

void
sl_value_clear (SlValueKind kind, gpointer member)
{
  gpointer held;

  if (kinds[kind].free == NULL)
    return;
  memcpy (&held, member, sizeof held);
  if (held != NULL)
    kinds[kind].free (held);
  memset (member, 0, sizeof held);
}

static GVariant *
set_to_variant (const SlWords *words, guint set)
{
  g_autofree const char **list = sl_words_to_strv (words, set);

  return g_variant_new_strv (list, -1);
}

GVariant *
sl_value_to_variant (SlValueKind kind, const SlWords *words, gconstpointer member)
{
  switch (kind) {
  case SL_VALUE_TEXT: {
    const char *text = *(char *const *)member;
    return g_variant_new_string (text != NULL ? text : "");
  }
  case SL_VALUE_BOOLEAN:
    return g_variant_new_boolean (*(const gboolean *)member);
  case SL_VALUE_INT32:
    return g_variant_new_int32 (*(const gint32 *)member);
  case SL_VALUE_UINT32:
    return g_variant_new_uint32 (*(const guint32 *)member);
  case SL_VALUE_INT64:
    return g_variant_new_int64 (*(const gint64 *)member);
  case SL_VALUE_UINT64:
  case SL_VALUE_SIZE:
    return g_variant_new_uint64 (*(const guint64 *)member);
  case SL_VALUE_ENUM:
    return g_variant_new_string (words->words[*(const guint *)member]);
  case SL_VALUE_SET:
    return set_to_variant (words, *(const guint *)member);
  case SL_VALUE_FIELDS: {
    GVariant *fields = *(GVariant *const *)member;
    return fields != NULL ? g_variant_ref (fields) : g_variant_new ("a{ss}", NULL);
  }
  case SL_VALUE_RANGES:
  case SL_VALUE_ID:
    break;
  }
  g_return_val_if_reached (NULL);
}

GVariant *
sl_fields_compact (GVariant *fields)
{
  /* takes a floating or a full reference */
  g_autoptr (GVariant) owned = g_variant_ref_sink (fields);
  g_autoptr (GBytes) bytes = g_bytes_new (g_variant_get_data (owned), g_variant_get_size (owned));

  return g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE ("a{ss}"), bytes, g_variant_is_normal_form (owned)));
}

static gboolean
is_plain (const char *text)
{
  for (const char *c = text; *c != '\0'; c++) {
    if (*c < ' ' || *c > '~' || *c == '\'' || *c == '\\')
      return FALSE;
  }
  return TRUE;
}

/* g_variant_print () looks each character up in Unicode's tables; the texts of HTTP fields hardly ever need it. */
static void
append_text (GString *string, const char *text)
{
  g_autoptr (GVariant) value = NULL;

  if (is_plain (text)) {
    g_string_append_c (string, '\'');
    g_string_append (string, text);
    g_string_append_c (string, '\'');
    return;
  }
  value = g_variant_ref_sink (g_variant_new_string (text));
  g_variant_print_string (value, string, FALSE);
}

char *
sl_fields_to_string (GVariant *fields)
{
  g_autoptr (GString) string = g_string_new ("{");
  const char *name, *value;
  GVariantIter iter;

  if (g_variant_n_children (fields) == 0)
    return g_variant_print (fields, FALSE);
  g_variant_iter_init (&iter, fields);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    if (string->len > 1)
      g_string_append (string, ", ");
    append_text (string, name);
    g_string_append (string, ": ");
    append_text (string, value);
  }
  g_string_append_c (string, '}');
  return g_string_free (g_steal_pointer (&string), FALSE);
}
