/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a connection's settings say about downloads, in NetworkManager's user data. The keys are those of Mogwai, a
 * download scheduler: "connection.allow-downloads" and "connection.allow-downloads-when-metered" are "0" or "1";
 * "connection.tariff" (see policy/tariff.h) counts only if "connection.tariff-enabled" is "1".
 */
#pragma once

#include "policy/tariff.h"

G_BEGIN_DECLS

typedef struct {
  gboolean downloads_forbidden;
  gboolean when_metered; /* downloads are allowed although the connection is metered */
  SlTariff *tariff;      /* (owned) (nullable) */
} SlConnectionPolicy;

/*
 * @user_data: (nullable) a{ss}. A missing key has its default: downloads are allowed, but not when metered. An
 * invalid value counts as missing, and is logged once.
 */
void sl_connection_policy_init (SlConnectionPolicy *policy, GVariant *user_data);
void sl_connection_policy_clear (SlConnectionPolicy *policy);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlConnectionPolicy, sl_connection_policy_clear)

G_END_DECLS
