/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads links and their costs from a snapshot of NetworkManager's objects. Pure: makes no calls. */
#pragma once

#include "hints/conditions.h"

G_BEGIN_DECLS

/*
 * @objects: a{oa{sa{sv}}}, as ObjectManager.GetManagedObjects returns it. Writes connectivity, vpn and links (without
 * index and user_data). A value of an undocumented type counts as unknown. Returns (transfer full) (element-type
 * utf8): for each link the path of its connection's settings, "" for none.
 */
GPtrArray *sl_network_objects_read (GVariant *objects, SlConditions *conditions);

G_END_DECLS
