/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All signals of the service go out through here, each with the user whose object it is about. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The owner of a signal that concerns all users. */
#define SL_SIGNAL_FOR_ALL G_MAXUINT32

/* Where a signal comes from; all (transfer none). */
typedef struct {
  guint32 owner; /* user id */
  const char *path;
  const char *interface;
} SlSignalSource;

/* @parameters: a tuple (floating) (nullable) */
void sl_signals_emit (GDBusConnection *connection,
                      const SlSignalSource *source,
                      const char *name,
                      GVariant *parameters);
/* PropertiesChanged; @values: a{sv} (floating) */
void sl_signals_emit_changed (GDBusConnection *connection,
                              const SlSignalSource *source,
                              GVariant *values);

G_END_DECLS
