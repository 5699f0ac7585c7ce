/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties of one object of a service, as they are now. The service may start, stop and be replaced at any time;
 * one that answers with an error, or not in time, is as good as absent until its owner or its properties change.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlWatch SlWatch;

typedef enum {
  SL_WATCH_NONE = 0,
  SL_WATCH_START = 1 << 0, /* D-Bus may start the service, once, at the beginning */
  /* Signals come with another path than is asked for (logind's …/user/self); each has all properties read again. */
  SL_WATCH_ANY_PATH = 1 << 1,
} SlWatchFlags;

typedef struct {
  const char *name;
  const char *path;
  const char *interface;
  SlWatchFlags flags;
} SlWatchObject;

/* @values: all properties, a{sv}, of whatever types the service gave them; NULL when it has gone. Called on the main
 * loop after each change; not when there is nothing at the beginning. */
typedef void (*SlWatchChanged) (GVariant *values, gpointer user_data);

/* @bus is NULL where there is none. */
SlWatch *sl_watch_new (GDBusConnection *bus,
                       const SlWatchObject *object,
                       SlWatchChanged changed,
                       gpointer user_data);
/* (transfer none) (nullable): a{sv}, as last told */
GVariant *sl_watch_get_values (SlWatch *watch);
void sl_watch_free (SlWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlWatch, sl_watch_free)

G_END_DECLS
