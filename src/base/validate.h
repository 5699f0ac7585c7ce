/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The check of what callers give: addresses, paths, request headers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): @text in its normal form; NULL with INVALID_URI, which says what is wrong */
char *sl_uri_normalize (const char *text, GError **error);
/* (transfer full) (nullable): an absolute path without ".", empty or ".." parts; NULL with INVALID_ARGUMENT */
char *sl_path_normalize (const char *path, GError **error);
/* FALSE with INVALID_ARGUMENT when a field of @headers (a{ss}) is not allowed or not well-formed */
gboolean sl_headers_check (GVariant *headers, GError **error);

G_END_DECLS
