/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks what callers pass: addresses, paths, request headers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): @text in its normal form; NULL with INVALID_URI and the cause */
char *sl_uri_normalize (const char *text, GError **error);
/* (transfer full) (nullable): an absolute path without ".", empty or ".." parts; NULL with INVALID_ARGUMENT */
char *sl_path_normalize (const char *path, GError **error);
/* FALSE with INVALID_ARGUMENT if a field of @headers (a{ss}) is not allowed or malformed. */
gboolean sl_headers_check (GVariant *headers, GError **error);

G_END_DECLS
