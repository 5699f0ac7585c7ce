/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An end to beginning again. Where what was fetched had to be dropped (another version, no means to resume, a part file
 * that somebody else changed), the download begins again; that happens to good servers too, but nothing may do so for
 * ever. Counted since the last Start:
 * - after SL_RESTARTS_MANY times it goes on with one connection and with a pause before each try, and says so;
 * - after SL_RESTARTS_LIMIT times it fails, if SL_RESTARTS_FACTOR times the file's size was dropped or the size is not known;
 * - after SL_RESTARTS_MAX times it fails in any case.
 */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

#define SL_RESTARTS_MANY   3
#define SL_RESTARTS_LIMIT  10
#define SL_RESTARTS_FACTOR 5
#define SL_RESTARTS_MAX    50

/* It begins again, and @dropped bytes that had been fetched are gone. */
void sl_restarts_count (SlRecord *record, guint64 dropped);
/* The caller asks for it anew. */
void sl_restarts_reset (SlRecord *record);
gboolean sl_restarts_are_many (const SlRecord *record);
/* FALSE with @error, of @cause's code, when it has begun again too often; @cause (nullable) is why the last time. */
gboolean sl_restarts_may_continue (const SlRecord *record, const GError *cause, GError **error);
/* (transfer full): @cause, with what is to be said of what was fetched in vain */
GError *sl_restarts_explain (const SlRecord *record, const GError *cause);

G_END_DECLS
