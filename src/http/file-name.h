/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File names from outside, from Content-Disposition (RFC 6266) or an address, made safe. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * (transfer full): a safe name for a file: valid UTF-8, no slash, no control character, not hidden, not "." or "..",
 * at most 255 bytes with its extension kept. "download" if nothing is left of @suggested.
 */
char *sl_file_name_make_safe (const char *suggested);
/* (transfer full) (nullable): the name in a Content-Disposition field, made safe; NULL if there is none */
char *sl_file_name_from_disposition (const char *field);
/* (transfer full): of the last segment of the path of @uri, made safe */
char *sl_file_name_from_uri (const char *uri);

G_END_DECLS
