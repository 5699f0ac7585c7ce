/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Breaks connections whose local address is gone. */
#define G_LOG_DOMAIN "sluice-http"

#include "http/stale-connections.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

G_LOCK_DEFINE_STATIC (watched);
static GPtrArray *watched; /* (element-type GWeakRef) (owned) */

static void
weak_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* (transfer full) (element-type GSocket): the living sockets; forgets the others. Call it with the lock. */
static GPtrArray *
get_living (void)
{
  GPtrArray *living = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = watched != NULL ? watched->len : 0; i > 0; i--) {
    GSocket *socket = g_weak_ref_get (watched->pdata[i - 1]);
    if (socket != NULL)
      g_ptr_array_add (living, socket);
    else
      g_ptr_array_remove_index_fast (watched, i - 1);
  }
  return living;
}

void
sl_stale_connections_watch (GSocket *socket)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, socket);
  G_LOCK (watched);
  if (watched == NULL)
    watched = g_ptr_array_new_with_free_func (weak_free);
  /* forgets dead sockets */
  g_ptr_array_unref (get_living ());
  g_ptr_array_add (watched, weak);
  G_UNLOCK (watched);
}

/* Whether an interface has @address, even if it is down. */
static gboolean
is_ours (const struct ifaddrs *interfaces, GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);
  gsize size = g_inet_address_get_native_size (address);

  for (const struct ifaddrs *one = interfaces; one != NULL; one = one->ifa_next) {
    const struct sockaddr *own = one->ifa_addr;
    const void *place = NULL;
    if (own == NULL || own->sa_family != (int)g_inet_address_get_family (address))
      continue;
    if (own->sa_family == AF_INET)
      place = &((const struct sockaddr_in *)own)->sin_addr;
    else
      place = &((const struct sockaddr_in6 *)own)->sin6_addr;
    if (memcmp (place, bytes, size) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_stale (const struct ifaddrs *interfaces, GSocket *socket)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return FALSE;
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  /* the loopback accepts more addresses than its interface lists */
  return !g_inet_address_get_is_loopback (address) && !is_ours (interfaces, address);
}

/* Not with shutdown (): readers could take that for the orderly end of a body. */
static void
break_off (GSocket *socket)
{
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

  g_debug ("A connection has lost its address");
  if (connect (g_socket_get_fd (socket), &nowhere, sizeof nowhere) != 0)
    g_debug ("It could not be broken off: %s", g_strerror (errno));
}

void
sl_stale_connections_break (void)
{
  g_autoptr (GPtrArray) living = NULL;
  struct ifaddrs *interfaces = NULL;

  G_LOCK (watched);
  living = get_living ();
  G_UNLOCK (watched);
  if (living->len == 0 || getifaddrs (&interfaces) != 0)
    return;
  for (guint i = 0; i < living->len; i++) {
    if (is_stale (interfaces, living->pdata[i]))
      break_off (living->pdata[i]);
  }
  freeifaddrs (interfaces);
}
