/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SoupSessions of one thread, one for each SlAccess. libsoup uses an idle connection again within its session and
 * never beyond it, so that requests share connections just where their SlAccess is equal.
 *
 * The bound: SL_SESSION_POOL_MAX sessions are kept. When there are more, the one that has been unused for longest is
 * closed with its connections; one in use never is, so that there are more for as long as more are in use at once.
 */
#pragma once

#include "http/access.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* As many as there are ways to overlook faults of certificates, so that one owner alone never exceeds it. */
#define SL_SESSION_POOL_MAX 8

typedef struct _SlSessionPool SlSessionPool;

SlSessionPool *sl_session_pool_new (void);
/* Closes all sessions; none may be in use. */
void sl_session_pool_free (SlSessionPool *pool);

/* (transfer none): the session of @access, made if there is none; in use until it was released as often */
SoupSession *sl_session_pool_acquire (SlSessionPool *pool, const SlAccess *access);
void sl_session_pool_release (SlSessionPool *pool, SoupSession *session);

/* Lets libsoup put connections back among the idle ones, or close them: it does so in the thread's context. */
void sl_session_pool_settle (void);

G_END_DECLS
