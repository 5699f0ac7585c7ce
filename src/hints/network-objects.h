/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What NetworkManager's objects say of the network, taken from one look at all of them. Pure: nothing is asked. */
#pragma once

#include "hints/conditions.h"

G_BEGIN_DECLS

/*
 * @objects: a{oa{sa{sv}}}, as ObjectManager.GetManagedObjects gives it. Writes connectivity, vpn and links (without
 * index and user_data); what is not of the documented type is taken for unknown. Returns (transfer full)
 * (element-type utf8): for each link the path of its connection's settings, "" for none.
 */
GPtrArray *sl_network_objects_read (GVariant *objects, SlConditions *conditions);

G_END_DECLS
