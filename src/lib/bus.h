/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The service on the bus: receives the signals of all its objects with one match rule, watches its name, starts it
 * again when it has gone, and finds the objects that the program holds by their paths. The manager and the downloads
 * use it and know nothing about each other; their SlKind says what differs between them.
 */
#pragma once

#include "object.h"

G_BEGIN_DECLS

typedef struct _SlBus SlBus;

/* (transfer full): counted references. @manager: (transfer none): the object at the root, which is read first */
SlBus *sl_bus_new (GDBusConnection *connection, SlObject *manager);
SlBus *sl_bus_ref (SlBus *bus);
void sl_bus_unref (SlBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBus, sl_bus_unref)

/* Whether the service is on the bus. */
gboolean sl_bus_is_connected (SlBus *bus);

/*
 * @object: (transfer none). Until sl_bus_remove () it receives its signals, and is read whenever the service appears on
 * the bus.
 */
void sl_bus_add (SlBus *bus, SlObject *object);
void sl_bus_remove (SlBus *bus, SlObject *object);
/* (transfer none) (nullable): the object with @path */
SlObject *sl_bus_lookup (SlBus *bus, const char *path);

/*
 * Calls @method of @object. There is no time limit, because Finalize() of a large file may read all of it; if the
 * service ends, the bus says so. @task: (transfer full): a task of the object's GObject; returns the reply, a GVariant
 * tuple
 */
void sl_bus_call (SlBus *bus, SlObject *object, const char *method, GVariant *args, GTask *task);
void sl_bus_set (SlBus *bus, SlObject *object, const char *name, GVariant *value, GTask *task);
/*
 * Reads all properties into @object. If the service does not know the object any more, calls set_gone () of its kind,
 * and fails with SLUICE_ERROR_NOT_FOUND.
 */
void sl_bus_read (SlBus *bus, SlObject *object, GTask *task);

G_END_DECLS
