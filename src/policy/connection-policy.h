/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a connection's settings say about downloads: NetworkManager's user data, in the keys of Mogwai, a download
 * scheduler. "connection.allow-downloads" and "connection.allow-downloads-when-metered" are "0" or "1", as is
 * "connection.tariff-enabled", without which "connection.tariff" (see policy/tariff.h) doesn't count.
 */
#pragma once

#include "policy/tariff.h"

G_BEGIN_DECLS

typedef struct {
  gboolean downloads_forbidden;
  gboolean when_metered; /* they are allowed also when it's metered */
  SlTariff *tariff;      /* (owned) (nullable) */
} SlConnectionPolicy;

/*
 * @user_data: (nullable) a{ss}. What isn't said forbids nothing and allows nothing else; what can't be understood
 * counts as not said, and is logged the first time.
 */
void sl_connection_policy_init (SlConnectionPolicy *policy, GVariant *user_data);
void sl_connection_policy_clear (SlConnectionPolicy *policy);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlConnectionPolicy, sl_connection_policy_clear)

G_END_DECLS
