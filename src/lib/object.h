/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object of the service as a program holds it: the properties of its D-Bus interface as last heard, which are
 * those of a GObject. A kind of object (manager, download) is a table; the rest is the same for all.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the description of an interface does not say about a property. */
typedef struct {
  const char *name; /* on the bus */
  /* (nullable): of the enumeration whose nicks are the property's words */
  GType (*get_type) (void);
  guint64 unknown; /* of a "t": its value while it is not known */
  gboolean hidden; /* the GObject has no such property */
} SlPropertyNote;

/* A kind of object. Each @self is a GObject of its class. */
typedef struct {
  const GDBusInterfaceInfo *info;
  const SlPropertyNote *notes; /* (nullable): ended by a row without a name */
  guint first_id;              /* of the GObject properties; they have the order of the interface */
  /* a signal of the interface came; @args may be of any type */
  void (*handle_signal) (gpointer self, const char *signal, GVariant *args);
  /* (nullable): the service does not know the object any more */
  void (*set_gone) (gpointer self);
  /* (nullable), asked of the manager alone: the service has come, or gone */
  void (*connected_changed) (gpointer self);

  /* From here on by sl_kind_install (). */
  guint n_properties;
  /* (owned) (array length=n_properties) (nullable elements): what is hidden has none */
  GParamSpec **specs;
} SlKind;

/* Gives a class the properties of its interface, in class_init. */
void sl_kind_install (SlKind *kind, GObjectClass *object_class);

typedef struct _SlObject SlObject;

/* @self owns what is returned, and frees it when it is finalized. */
SlObject *sl_object_new (const SlKind *kind, gpointer self);
void sl_object_free (SlObject *object);
/* Once, before it is used on the bus. */
void sl_object_set_path (SlObject *object, const char *path);

const SlKind *sl_object_get_kind (SlObject *object);
/* (transfer none): the GObject */
gpointer sl_object_get_self (SlObject *object);
/* (nullable): NULL for one that no manager made */
const char *sl_object_get_path (SlObject *object);
/* The name of the interface. */
const char *sl_object_get_interface (SlObject *object);

/* Stores a value, unless it is of the wrong type or has no place; notifies if it is another one. */
void sl_object_store (SlObject *object, const char *name, GVariant *value);
/* Stores what @values, an a{sv}, has: all properties, or those that have changed. */
void sl_object_store_all (SlObject *object, GVariant *values);

/* (transfer none) (nullable): the value of a property by its name on the bus; NULL while it is not known */
GVariant *sl_object_peek (SlObject *object, const char *name);
/* (transfer none) (nullable) */
const char *sl_object_peek_string (SlObject *object, const char *name);
guint64 sl_object_peek_uint64 (SlObject *object, const char *name, guint64 unknown);
/* (transfer full) (nullable) */
GVariant *sl_object_dup_value (SlObject *object, const char *name);
/* (transfer full): those that are known, a{sv} by their names on the bus */
GVariant *sl_object_dup_values (SlObject *object);
/* For get_property () of the class. */
void sl_object_get_property (SlObject *object, guint id, GValue *value, GParamSpec *spec);

G_END_DECLS
