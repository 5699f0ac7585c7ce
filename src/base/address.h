/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of files, from callers and from servers (Location): their check, and their form in requests.
 *
 * Path and query are requested letter by letter, because signatures are made over the text. (RFC 3986, section 6.2.2,
 * would allow us to rewrite escapes, but not every server agrees.) Only characters that a request line can't have are
 * escaped: spaces, controls, and what is not ASCII. The host, in contrast, is decoded, and must then be a host name
 * or an IP address; anything else could become lines of a request to a proxy.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): an absolute address of http or https, without its fragment; NULL with @why (static) */
GUri *sl_address_parse (const char *text, const char **why);
/* (transfer full) (nullable): the target of @location in a response from @base; NULL with @why (static) */
GUri *sl_address_resolve (GUri *base, const char *location, const char **why);

/* (transfer full): host and port of @address as written, in lower case; they identify a server */
char *sl_address_dup_server (const char *address);
gboolean sl_address_same_origin (GUri *a, GUri *b);
/* Whether @address belongs to this machine, its link, or a private network (RFC 6890), also when embedded in IPv6. */
gboolean sl_address_is_private (GInetAddress *address);
/* Whether the host of @uri is such an address or a name of this machine (RFC 6761). */
gboolean sl_address_names_private (GUri *uri);

G_END_DECLS
