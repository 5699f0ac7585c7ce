/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of files, given by callers and by servers (Location): what is one, and how it is asked for.
 *
 * The rule: path and query are asked for letter by letter, as signatures are over the text (RFC 3986, section 6.2.2, would
 * allow to rewrite escapes; others don't). Only what can't stand in a request line is escaped: spaces, controls and what
 * is not ASCII. The host, in contrast, is decoded, and has to be a host name or an IP address then: whatever else could
 * become lines of a request to a proxy.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): an absolute address of http or https, without its fragment; NULL with @why (static) */
GUri *sl_address_parse (const char *text, const char **why);
/* (transfer full) (nullable): where @location, as a response from @base sent it, leads to; NULL with @why (static) */
GUri *sl_address_resolve (GUri *base, const char *location, const char **why);

/* (transfer full): host and port of @address, as they are written, in lower case: what one server is known by */
char *sl_address_dup_server (const char *address);
gboolean sl_address_same_origin (GUri *a, GUri *b);
/* Whether @address is of this machine, of its link, or of a private network (RFC 6890), also when wrapped into IPv6. */
gboolean sl_address_is_private (GInetAddress *address);
/* Whether the host of @uri is written as such an address, or as a name of this machine (RFC 6761). */
gboolean sl_address_names_private (GUri *uri);

G_END_DECLS
