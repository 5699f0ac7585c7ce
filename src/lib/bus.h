/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The service on the bus: one match rule for the signals of all its objects, the watch of its name, its return when
 * it went away, and the objects that the program holds, by their paths. Manager and downloads stand on it, and know
 * nothing of each other; what they have of their own it finds in their SlKind.
 */
#pragma once

#include "object.h"

G_BEGIN_DECLS

typedef struct _SlBus SlBus;

/* (transfer full): counted. @manager is the object at the root, read before all others; it is not owned. */
SlBus *sl_bus_new (GDBusConnection *connection, SlObject *manager);
SlBus *sl_bus_ref (SlBus *bus);
void sl_bus_unref (SlBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBus, sl_bus_unref)

/* Whether the service is there. */
gboolean sl_bus_is_connected (SlBus *bus);

/* From here to sl_bus_remove () signals reach the object, and it is read whenever the service comes. It is not owned. */
void sl_bus_add (SlBus *bus, SlObject *object);
void sl_bus_remove (SlBus *bus, SlObject *object);
/* (transfer none) (nullable): the one that stands for @path */
SlObject *sl_bus_lookup (SlBus *bus, const char *path);

/*
 * Calls to an object. There is no time limit: Finalize() of a large file reads all of it, and the bus tells when the
 * service dies. @task is a task of the object's GObject, (transfer full), and gets the reply, a GVariant tuple.
 */
void sl_bus_call (SlBus *bus, SlObject *object, const char *method, GVariant *args, GTask *task);
void sl_bus_set (SlBus *bus, SlObject *object, const char *name, GVariant *value, GTask *task);
/*
 * Reads all properties into the object. If the service does not know it any more, its kind's set_gone () is called,
 * and the error is SLUICE_ERROR_NOT_FOUND.
 */
void sl_bus_read (SlBus *bus, SlObject *object, GTask *task);

G_END_DECLS
