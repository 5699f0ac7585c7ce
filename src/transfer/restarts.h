/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits how often a download begins again. It begins again when the fetched bytes had to be dropped: the server has a
 * new version, or can't resume, or another program changed the part file. That happens with good servers too, but must
 * end. Counted since the last Start:
 * - after SL_RESTARTS_MANY restarts it has one connection, pauses before each try, and says so;
 * - after SL_RESTARTS_LIMIT restarts it fails if SL_RESTARTS_FACTOR times the file's size was dropped, or the size is
 * unknown;
 * - after SL_RESTARTS_MAX restarts it fails in any case.
 */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

#define SL_RESTARTS_MANY   3
#define SL_RESTARTS_LIMIT  10
#define SL_RESTARTS_FACTOR 5
#define SL_RESTARTS_MAX    50

/* Counts a restart in which @dropped fetched bytes were dropped. */
void sl_restarts_count (SlRecord *record, guint64 dropped);
/* Start was called: counts from 0 again. */
void sl_restarts_reset (SlRecord *record);
gboolean sl_restarts_are_many (const SlRecord *record);
/*
 * FALSE with @error, which has the code of @cause, if it has begun again too often. @cause: (nullable) of the last
 * restart
 */
gboolean sl_restarts_may_continue (const SlRecord *record, const GError *cause, GError **error);
/* (transfer full): @cause; after many restarts its message also says how much was fetched in vain */
GError *sl_restarts_explain (const SlRecord *record, const GError *cause);

G_END_DECLS
