/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All signals of the service. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/signals.h"

void
sl_signals_emit (GDBusConnection *connection,
                 const SlSignalSource *source,
                 const char *name,
                 GVariant *parameters)
{
  /* a broadcast reaches only the owner, because all connections of the session bus are one user's */
  g_dbus_connection_emit_signal (connection, NULL, source->path, source->interface, name,
                                 parameters, NULL);
}

void
sl_signals_emit_changed (GDBusConnection *connection,
                         const SlSignalSource *source,
                         GVariant *values)
{
  SlSignalSource properties = *source;

  properties.interface = "org.freedesktop.DBus.Properties";
  sl_signals_emit (connection, &properties, "PropertiesChanged",
                   g_variant_new ("(s@a{sv}as)", source->interface, values, NULL));
}
