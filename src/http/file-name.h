/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File names that others suggest: from Content-Disposition (RFC 6266) or an address, made safe. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * (transfer full): a name that can stand in a directory: no slash, no control character, not hidden, not
 * "." or "..", valid UTF-8, at most 255 bytes with its extension kept. "download" when nothing is left of @suggested.
 */
char *sl_file_name_make_safe (const char *suggested);
/* (transfer full) (nullable): of a Content-Disposition field, made safe; NULL when it names none */
char *sl_file_name_from_disposition (const char *field);
/* (transfer full): of the last segment of the path of @uri, made safe */
char *sl_file_name_from_uri (const char *uri);

G_END_DECLS
