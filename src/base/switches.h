/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Switches, options without a value: GLib takes “--switch=value” and drops the value, we don't. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * (transfer none) (nullable): the first switch of the command line that was given a value. The options are those of
 * both tables, each of which may be NULL.
 */
const GOptionEntry *
sl_switches_find_value (const GOptionEntry *own, const GOptionEntry *common, int argc, char **argv);

G_END_DECLS
