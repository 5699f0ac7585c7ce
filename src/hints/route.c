/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the kernel for a route: one RTM_GETROUTE, rtnetlink(7). */
#include "hints/route.h"

#include "base/fd.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
  struct nlmsghdr header;
  struct rtmsg route;
  struct rtattr attribute;
  guint8 address[16];
} Request;

/* The length of the request. */
static gsize
fill_request (Request *request, GInetAddress *address)
{
  gsize size = g_inet_address_get_native_size (address);
  gsize length = offsetof (Request, address) + size;

  request->header.nlmsg_len = (guint32)length;
  request->header.nlmsg_type = RTM_GETROUTE;
  request->header.nlmsg_flags = NLM_F_REQUEST;
  request->route.rtm_family = (guint8)g_inet_address_get_family (address);
  request->route.rtm_dst_len = (guint8)(8 * size);
  request->attribute.rta_type = RTA_DST;
  request->attribute.rta_len = (guint16)RTA_LENGTH (size);
  memcpy (request->address, g_inet_address_to_bytes (address), size);
  return length;
}

/* The interface in a reply; 0 for an error or an unreachable route. */
static guint
read_answer (const struct nlmsghdr *answer)
{
  const struct rtmsg *route = NLMSG_DATA (answer);
  const struct rtattr *attribute;
  guint left;

  if (answer->nlmsg_type != RTM_NEWROUTE || answer->nlmsg_len < NLMSG_LENGTH (sizeof *route))
    return 0;
  /* an address of this machine, on whichever interface */
  if (route->rtm_type == RTN_LOCAL)
    return SL_ROUTE_LOOPBACK;
  if (route->rtm_type != RTN_UNICAST)
    return 0;
  left = RTM_PAYLOAD (answer);
  for (attribute = RTM_RTA (route); RTA_OK (attribute, left);
       attribute = RTA_NEXT (attribute, left)) {
    guint32 index;
    if (attribute->rta_type != RTA_OIF || RTA_PAYLOAD (attribute) < sizeof index)
      continue;
    memcpy (&index, RTA_DATA (attribute), sizeof index);
    return index;
  }
  return 0;
}

guint
sl_route_lookup (GInetAddress *address)
{
  Request request = {0};
  gsize length = fill_request (&request, address);
  union {
    struct nlmsghdr header;
    char bytes[4096];
  } answer;
  gssize received = -1;
  g_auto (SlFd) fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return 0;
  /* the kernel has answered when send () returns */
  if (send (fd, &request, length, 0) == (gssize)length)
    received = recv (fd, &answer, sizeof answer, MSG_DONTWAIT);
  if (received < (gssize)sizeof answer.header || !NLMSG_OK (&answer.header, (gsize)received))
    return 0;
  return read_answer (&answer.header);
}
