/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of an object of the service, as last heard: types, values, and notifications. */
#include "config.h"

#include "object.h"

#include "sluice-enums-private.h"

struct _SlObject {
  const SlKind *kind; /* (unowned): lives as long as the program */
  GObject *self;      /* (unowned): it owns this */
  char *path;         /* (owned) (nullable) */
  GVariant **values;  /* (owned) (array length=kind->n_properties) (nullable elements) */
};

static const GDBusPropertyInfo *
property_info (const SlKind *kind, guint index)
{
  return kind->info->properties[index];
}

/* The index of the property with @name on the bus; -1 if there is none. */
static int
property_index (const SlKind *kind, const char *name)
{
  for (guint i = 0; i < kind->n_properties; i++) {
    if (g_str_equal (property_info (kind, i)->name, name))
      return (int)i;
  }
  return -1;
}

/* Types */

/* Turns "BytesTotal" into "bytes-total". */
static char *
dashed (const char *name)
{
  GString *text = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++) {
    if (g_ascii_isupper (*c) && c != name)
      g_string_append_c (text, '-');
    g_string_append_c (text, g_ascii_tolower (*c));
  }
  return g_string_free (text, FALSE);
}

static const SlPropertyNote *
find_note (const SlKind *kind, const char *name)
{
  static const SlPropertyNote nothing = {NULL};

  for (const SlPropertyNote *note = kind->notes; note != NULL && note->name != NULL; note++) {
    if (g_str_equal (note->name, name))
      return note;
  }
  return &nothing;
}

static GParamSpec *
new_spec (const GDBusPropertyInfo *info, const SlPropertyNote *note)
{
  const GParamFlags flags =
      G_PARAM_READABLE | G_PARAM_STATIC_NICK | G_PARAM_STATIC_BLURB | G_PARAM_EXPLICIT_NOTIFY;
  g_autofree char *name = dashed (info->name);

  if (note->get_type != NULL)
    return g_param_spec_enum (name, NULL, NULL, note->get_type (), 0, flags);
  if (g_str_equal (info->signature, "s") || g_str_equal (info->signature, "o"))
    return g_param_spec_string (name, NULL, NULL, NULL, flags);
  if (g_str_equal (info->signature, "b"))
    return g_param_spec_boolean (name, NULL, NULL, FALSE, flags);
  if (g_str_equal (info->signature, "u"))
    return g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, flags);
  if (g_str_equal (info->signature, "t"))
    return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, note->unknown, flags);
  if (g_str_equal (info->signature, "x"))
    return g_param_spec_int64 (name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  if (g_str_equal (info->signature, "as"))
    return g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, flags);
  return g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE (info->signature), NULL, flags);
}

void
sl_kind_install (SlKind *kind, GObjectClass *object_class)
{
  GDBusPropertyInfo **infos = kind->info->properties;

  while (infos[kind->n_properties] != NULL)
    kind->n_properties++;
  kind->specs = g_new0 (GParamSpec *, kind->n_properties);
  for (guint i = 0; i < kind->n_properties; i++) {
    const SlPropertyNote *note = find_note (kind, infos[i]->name);

    if (note->hidden)
      continue;
    kind->specs[i] = new_spec (infos[i], note);
    g_object_class_install_property (object_class, kind->first_id + i, kind->specs[i]);
  }
}

/* Objects */

SlObject *
sl_object_new (const SlKind *kind, gpointer self)
{
  SlObject *object = g_new0 (SlObject, 1);

  object->kind = kind;
  object->self = self;
  object->values = g_new0 (GVariant *, kind->n_properties);
  return object;
}

void
sl_object_free (SlObject *object)
{
  for (guint i = 0; i < object->kind->n_properties; i++)
    g_clear_pointer (&object->values[i], g_variant_unref);
  g_free (object->values);
  g_free (object->path);
  g_free (object);
}

void
sl_object_set_path (SlObject *object, const char *path)
{
  g_assert (object->path == NULL);
  object->path = g_strdup (path);
}

const SlKind *
sl_object_get_kind (SlObject *object)
{
  return object->kind;
}

gpointer
sl_object_get_self (SlObject *object)
{
  return object->self;
}

const char *
sl_object_get_path (SlObject *object)
{
  return object->path;
}

const char *
sl_object_get_interface (SlObject *object)
{
  return object->kind->info->name;
}

/* Values */

void
sl_object_store (SlObject *object, const char *name, GVariant *value)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (value);
  const SlKind *kind = object->kind;
  int index = property_index (kind, name);

  if (index < 0)
    return;
  if (!g_str_equal (g_variant_get_type_string (value),
                    property_info (kind, (guint)index)->signature))
    return;
  if (object->values[index] != NULL && g_variant_equal (object->values[index], value))
    return;
  g_clear_pointer (&object->values[index], g_variant_unref);
  object->values[index] = g_steal_pointer (&held);
  if (kind->specs[index] != NULL)
    g_object_notify_by_pspec (object->self, kind->specs[index]);
}

void
sl_object_store_all (SlObject *object, GVariant *values)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_object_freeze_notify (object->self);
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    sl_object_store (object, name, value);
  g_object_thaw_notify (object->self);
}

GVariant *
sl_object_peek (SlObject *object, const char *name)
{
  int index = property_index (object->kind, name);

  return index < 0 ? NULL : object->values[index];
}

const char *
sl_object_peek_string (SlObject *object, const char *name)
{
  GVariant *value = sl_object_peek (object, name);

  return value == NULL ? NULL : g_variant_get_string (value, NULL);
}

guint64
sl_object_peek_uint64 (SlObject *object, const char *name, guint64 unknown)
{
  GVariant *value = sl_object_peek (object, name);

  return value == NULL ? unknown : g_variant_get_uint64 (value);
}

GVariant *
sl_object_dup_value (SlObject *object, const char *name)
{
  GVariant *value = sl_object_peek (object, name);

  return value == NULL ? NULL : g_variant_ref (value);
}

GVariant *
sl_object_dup_values (SlObject *object)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < object->kind->n_properties; i++) {
    if (object->values[i] != NULL)
      g_variant_builder_add (&builder, "{sv}", property_info (object->kind, i)->name,
                             object->values[i]);
  }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
variant_to_value (GVariant *variant, GValue *value)
{
  if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, sl_enum_from_nick (G_VALUE_TYPE (value),
                                                g_variant_get_string (variant, NULL)));
  else if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, g_variant_get_string (variant, NULL));
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, g_variant_get_boolean (variant));
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, g_variant_get_uint32 (variant));
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, g_variant_get_uint64 (variant));
  else if (G_VALUE_HOLDS_INT64 (value))
    g_value_set_int64 (value, g_variant_get_int64 (variant));
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    g_value_take_boxed (value, g_variant_dup_strv (variant, NULL));
  else
    g_value_set_variant (value, variant);
}

void
sl_object_get_property (SlObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const SlKind *kind = object->kind;
  GVariant *known;

  if (id < kind->first_id || id >= kind->first_id + kind->n_properties) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object->self, id, spec);
    return;
  }
  known = object->values[id - kind->first_id];
  /* a default would mark @value as borrowed, and what is set after it would leak */
  if (known == NULL)
    g_param_value_set_default (spec, value);
  else
    variant_to_value (known, value);
}
