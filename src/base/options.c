/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of options, and the checks of callers' values. */
#include "base/options.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/validate.h"

#include <stddef.h>
#include <string.h>

#define LABEL_MAX 256

#define CREATED SL_STATE_BIT (SL_STATE_CREATED)
#define STOPPED (CREATED | SL_STATE_BIT (SL_STATE_PAUSED) | SL_STATE_BIT (SL_STATE_FAILED))
#define LIVE                                                                                       \
  (STOPPED | SL_STATE_BIT (SL_STATE_QUEUED) | SL_STATE_BIT (SL_STATE_TRANSFERRING) |               \
   SL_STATE_BIT (SL_STATE_RETRYING) | SL_STATE_BIT (SL_STATE_TRANSFERRED))

#define OPTION(number_, type_, member_, kind_, property_, column_, since_, states_, ...)           \
  {.number = SL_OPTION_##number_,                                                                  \
   .property = property_,                                                                          \
   .column = column_,                                                                              \
   .since = since_,                                                                                \
   .kind = SL_VALUE_##kind_,                                                                       \
   .offset = offsetof (SlOptions, member_),                                                        \
   .states = states_,                                                                              \
   ##__VA_ARGS__},
static const SlOption table[] = {
#include "base/options.def"
};
#undef OPTION

const SlOption *
sl_option_get (guint number)
{
  return &table[number];
}

const SlOption *
sl_option_find (const char *property)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (g_str_equal (table[i].property, property))
      return &table[i];
  }
  return NULL;
}

gpointer
sl_options_member (SlOptions *options, const SlOption *option)
{
  return (guint8 *)options + option->offset;
}

static gconstpointer
const_member (const SlOptions *options, const SlOption *option)
{
  return (const guint8 *)options + option->offset;
}

/* Call it when the member holds nothing. */
static void
set_default (SlOptions *options, const SlOption *option)
{
  gpointer member = sl_options_member (options, option);

  switch (option->kind) {
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
    *(gint64 *)member = option->initial;
    break;
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_UINT32:
  case SL_VALUE_ENUM:
  case SL_VALUE_SET:
    *(guint *)member = (guint)option->initial;
    break;
  default:
    break;
  }
}

void
sl_options_init (SlOptions *options)
{
  memset (options, 0, sizeof *options);
  for (guint i = 0; i < SL_N_OPTIONS; i++)
    set_default (options, &table[i]);
}

void
sl_options_clear (SlOptions *options)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++)
    sl_value_clear (table[i].kind, sl_options_member (options, &table[i]));
}

void
sl_options_copy (SlOptions *to, const SlOptions *from)
{
  to->set = from->set;
  for (guint i = 0; i < SL_N_OPTIONS; i++)
    sl_value_copy (table[i].kind, sl_options_member (to, &table[i]),
                   const_member (from, &table[i]));
}

gboolean
sl_options_is_set (const SlOptions *options, SlOptionNumber number)
{
  return (options->set & SL_OPTION_BIT (number)) != 0;
}

GVariant *
sl_options_get (const SlOptions *options, const SlOption *option)
{
  return g_variant_take_ref (
      sl_value_to_variant (option->kind, option->words, const_member (options, option)));
}

void
sl_options_unset (SlOptions *options, const SlOption *option)
{
  sl_value_clear (option->kind, sl_options_member (options, option));
  set_default (options, option);
  options->set &= ~SL_OPTION_BIT (option->number);
}

/* Refusals. */

static gboolean
refuse (const SlOption *option, const char *why, GError **error)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s %s", option->property, why);
  return FALSE;
}

/* Appends “a”, “b” or “c”; @before_last stands between the last two. */
static void
list_words (GString *list, const SlWords *words, const char *before_last)
{
  guint first = *words->words[0] == '\0' ? 1 : 0;

  for (guint i = first; i < words->n; i++) {
    if (i > first)
      g_string_append (list, i + 1 == words->n ? before_last : ", ");
    g_string_append_printf (list, "“%s”", words->words[i]);
  }
}

static gboolean
refuse_word (const SlOption *option, GError **error)
{
  g_autoptr (GString) why = g_string_new ("is ");
  gboolean has_empty = *option->words->words[0] == '\0';

  list_words (why, option->words, has_empty ? ", " : " or ");
  if (has_empty)
    g_string_append (why, ", or empty for the default");
  return refuse (option, why->str, error);
}

static gboolean
refuse_set (const SlOption *option, GError **error)
{
  g_autoptr (GString) why = g_string_new ("can have only ");

  list_words (why, option->words, " and ");
  return refuse (option, why->str, error);
}

/* One function for each kind takes a value. FALSE with @error leaves the member unchanged. */

static gboolean
take_text (const SlOption *option, char **member, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  gboolean is_given = *text != '\0' || !(option->flags & SL_OPTION_MAY_BE_EMPTY);
  g_autofree char *normal = NULL;

  if (option->max != 0 && strlen (text) > option->max) {
    g_autofree char *why =
        g_strdup_printf ("has more than %" G_GUINT64_FORMAT " bytes", option->max);
    return refuse (option, why, error);
  }
  if (option->normalize == NULL)
    normal = *text != '\0' ? g_strdup (text) : NULL;
  else if (is_given && (normal = option->normalize (text, error)) == NULL)
    return FALSE;
  g_free (*member);
  /* a copy, as GLib makes texts with room to grow, and very many of these are kept */
  *member = g_strdup (normal);
  return TRUE;
}

static gboolean
take_boolean (const SlOption *option, gboolean *member, GVariant *value, GError **error)
{
  if ((option->flags & SL_OPTION_LATCHES) && *member && !g_variant_get_boolean (value))
    return refuse (option, "can’t be taken back", error);
  *member = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
take_uint32 (const SlOption *option, guint32 *member, GVariant *value, GError **error)
{
  if (option->max != 0 && g_variant_get_uint32 (value) > option->max)
    return refuse (option, option->hint, error);
  *member = g_variant_get_uint32 (value);
  return TRUE;
}

/* A time; not before 1970. */
static gboolean
take_int64 (const SlOption *option, gint64 *member, GVariant *value, GError **error)
{
  if (g_variant_get_int64 (value) < 0)
    return refuse (option, option->hint, error);
  *member = g_variant_get_int64 (value);
  return TRUE;
}

static gboolean
take_word (const SlOption *option, guint *member, GVariant *value, GError **error)
{
  return sl_words_find (option->words, g_variant_get_string (value, NULL), member) ||
         refuse_word (option, error);
}

static gboolean
take_set (const SlOption *option, guint *member, GVariant *value, GError **error)
{
  g_autofree const char **list = g_variant_get_strv (value, NULL);

  return sl_words_from_strv (option->words, list, member) || refuse_set (option, error);
}

static gboolean
take_fields (const SlOption *option, GVariant **member, GVariant *value, GError **error)
{
  if (!option->check (value, error))
    return FALSE;
  g_clear_pointer (member, g_variant_unref);
  if (g_variant_n_children (value) > 0)
    *member = sl_fields_compact (value);
  return TRUE;
}

static gboolean
take (const SlOption *option, gpointer member, GVariant *value, GError **error)
{
  switch (option->kind) {
  case SL_VALUE_TEXT:
    return take_text (option, member, value, error);
  case SL_VALUE_BOOLEAN:
    return take_boolean (option, member, value, error);
  case SL_VALUE_UINT32:
    return take_uint32 (option, member, value, error);
  case SL_VALUE_UINT64:
    *(guint64 *)member = g_variant_get_uint64 (value);
    return TRUE;
  case SL_VALUE_INT64:
    return take_int64 (option, member, value, error);
  case SL_VALUE_ENUM:
    return take_word (option, member, value, error);
  case SL_VALUE_SET:
    return take_set (option, member, value, error);
  case SL_VALUE_FIELDS:
    return take_fields (option, member, value, error);
  default:
    g_return_val_if_reached (FALSE);
  }
}

gboolean
sl_options_set (SlOptions *options, const SlOption *option, GVariant *value, GError **error)
{
  if (!take (option, sl_options_member (options, option), value, error))
    return FALSE;
  options->set |= SL_OPTION_BIT (option->number);
  if (option->kind == SL_VALUE_ENUM && *g_variant_get_string (value, NULL) == '\0')
    sl_options_unset (options, option);
  return TRUE;
}

gboolean
sl_options_hides (const SlOptions *options, const SlOption *option)
{
  return (option->flags & SL_OPTION_SECRET) && options->headers_write_only;
}

gboolean
sl_options_have_secrets (const SlOptions *options)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (sl_options_is_set (options, i) && sl_options_hides (options, sl_option_get (i)))
      return TRUE;
  }
  return FALSE;
}

void
sl_options_unset_secrets (SlOptions *options)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (sl_option_get (i)->flags & SL_OPTION_SECRET)
      sl_options_unset (options, sl_option_get (i));
  }
}
