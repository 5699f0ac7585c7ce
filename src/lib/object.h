/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object of the service as the program holds it: the last known properties of its D-Bus interface, which are also
 * those of a GObject. Each kind of object (manager, download) is a table; the code is the same for all.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the XML of the interface does not say about a property. */
typedef struct {
  const char *name; /* on the bus */
  /* (nullable): the type of the enumeration whose nicks are the words of the property */
  GType (*get_type) (void);
  guint64
      unknown; /* for a "t": the value of the GObject property while that of the service is not known */
  gboolean hidden; /* the GObject has no such property */
} SlPropertyNote;

/* A kind of object. Each @self is a GObject of its class. */
typedef struct {
  const GDBusInterfaceInfo *info;
  const SlPropertyNote *notes; /* (nullable): ended by a row without a name */
  guint
      first_id; /* of the first GObject property; the others follow in the order of the interface */
  /* A signal of the interface has arrived. @args: of any type, because the service sends them */
  void (*handle_signal) (gpointer self, const char *signal, GVariant *args);
  /* (nullable): The service does not know the object any more. */
  void (*set_gone) (gpointer self);
  /* (nullable), called only for the manager: The service has appeared on the bus, or gone. */
  void (*connected_changed) (gpointer self);

  /* The members from here on are set by sl_kind_install (). */
  guint n_properties;
  /* (owned) (array length=n_properties) (nullable elements): NULL for hidden properties */
  GParamSpec **specs;
} SlKind;

/* Call it in class_init: installs the properties of the interface. */
void sl_kind_install (SlKind *kind, GObjectClass *object_class);

typedef struct _SlObject SlObject;

/* (transfer full): @self owns the object, and frees it when it is finalized. */
SlObject *sl_object_new (const SlKind *kind, gpointer self);
void sl_object_free (SlObject *object);
/* Call it once, before the object is used on the bus. */
void sl_object_set_path (SlObject *object, const char *path);

const SlKind *sl_object_get_kind (SlObject *object);
/* (transfer none): the GObject */
gpointer sl_object_get_self (SlObject *object);
/* (nullable): NULL if no manager made it */
const char *sl_object_get_path (SlObject *object);
/* The name of the interface. */
const char *sl_object_get_interface (SlObject *object);

/* Stores a value, and notifies if it has changed. Ignores unknown properties, and values of the wrong type. */
void sl_object_store (SlObject *object, const char *name, GVariant *value);
/* Stores all of @values, an a{sv} of all properties or of those that have changed. */
void sl_object_store_all (SlObject *object, GVariant *values);

/* (transfer none) (nullable): the value of a property by its name on the bus; NULL while it is not known */
GVariant *sl_object_peek (SlObject *object, const char *name);
/* (transfer none) (nullable) */
const char *sl_object_peek_string (SlObject *object, const char *name);
guint64 sl_object_peek_uint64 (SlObject *object, const char *name, guint64 unknown);
/* (transfer full) (nullable) */
GVariant *sl_object_dup_value (SlObject *object, const char *name);
/* (transfer full): all known values, a{sv} by the properties' names on the bus */
GVariant *sl_object_dup_values (SlObject *object);
/* Use it as get_property () of the class. */
void sl_object_get_property (SlObject *object, guint id, GValue *value, GParamSpec *spec);

G_END_DECLS
