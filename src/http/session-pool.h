/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SoupSessions of one thread, one for each SlAccess. libsoup reuses idle connections within a session and never
 * beyond it, so requests share connections only if their SlAccess is equal.
 *
 * At most SL_SESSION_POOL_MAX sessions are kept. If there are more, the one that was unused for longest is closed
 * with its connections. A session in use is never closed, so there can be more while more are in use.
 */
#pragma once

#include "http/access.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* As many as there are sets of accepted certificate faults, so that one owner alone never exceeds it. */
#define SL_SESSION_POOL_MAX 8

typedef struct _SlSessionPool SlSessionPool;

SlSessionPool *sl_session_pool_new (void);
/* Closes all sessions; none may be in use. */
void sl_session_pool_free (SlSessionPool *pool);

/* (transfer none): the session of @access, created if needed; in use until released as many times */
SoupSession *sl_session_pool_acquire (SlSessionPool *pool, const SlAccess *access);
void sl_session_pool_release (SlSessionPool *pool, SoupSession *session);

/* Lets libsoup return connections to its pool or close them, which it does in the thread's context. */
void sl_session_pool_settle (void);

G_END_DECLS
