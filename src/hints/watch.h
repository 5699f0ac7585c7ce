/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The present properties of one object of a service. The service may start, stop and be replaced at any time. If it
 * answers with an error or too late, it counts as absent until its owner or its properties change.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlWatch SlWatch;

typedef enum {
  SL_WATCH_NONE = 0,
  SL_WATCH_START = 1 << 0, /* D-Bus may start the service, once, at the beginning */
  /*
   * Signals come from another path than the object's (logind's …/user/self); each makes us read all properties again.
   */
  SL_WATCH_ANY_PATH = 1 << 1,
} SlWatchFlags;

typedef struct {
  const char *name;
  const char *path;
  const char *interface;
  SlWatchFlags flags;
} SlWatchObject;

/*
 * @values: all properties, a{sv}, with unchecked types; NULL: the service is gone. Called on the main loop after each
 * change; not at the beginning if there is nothing.
 */
typedef void (*SlWatchChanged) (GVariant *values, gpointer user_data);

/* @bus: NULL: the service is never there */
SlWatch *sl_watch_new (GDBusConnection *bus,
                       const SlWatchObject *object,
                       SlWatchChanged changed,
                       gpointer user_data);
/* (transfer none) (nullable): a{sv}, as last reported */
GVariant *sl_watch_get_values (SlWatch *watch);
void sl_watch_free (SlWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlWatch, sl_watch_free)

G_END_DECLS
