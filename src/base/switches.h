/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Switches are options without a value. GLib accepts “--switch=value” and drops the value; we refuse it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * (transfer none) (nullable): the first switch on the command line that has a value. The options are those of both
 * tables; each may be NULL.
 */
const GOptionEntry *
sl_switches_find_value (const GOptionEntry *own, const GOptionEntry *common, int argc, char **argv);

G_END_DECLS
