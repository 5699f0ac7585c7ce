/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many files and sockets this process may have open. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Once, before there are threads: as many as the hard limit allows. The soft one of 1024 is for programs that use
 * select (), which this one does not.
 */
void sl_descriptors_raise (void);
/* How many there can be once that is done. */
guint64 sl_descriptors_get_limit (void);

G_END_DECLS
