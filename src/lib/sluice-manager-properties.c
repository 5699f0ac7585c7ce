/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference of those properties of SluiceManager that the service has. object.c makes them from the D-Bus
 * interface, so that there is no place for this beside the code. Not compiled: the GIR is made from it.
 */

/**
 * SluiceManager:active-transfers:
 *
 * How many downloads hold a slot, when [method@Sluice.Manager.refresh_async] last asked.
 */

/**
 * SluiceManager:queued-transfers:
 *
 * How many downloads wait for a slot or a retry, when [method@Sluice.Manager.refresh_async] last asked.
 */

/**
 * SluiceManager:download-rate:
 *
 * Bytes a second over all transfers, averaged over about three seconds, when
 * [method@Sluice.Manager.refresh_async] last asked.
 */

/**
 * SluiceManager:conditions:
 *
 * What the hints say, by which downloads are held: `a{sv}`, whose keys the D-Bus interface
 * `org.sluice.Sluice1.Manager` tells. %NULL until the service has answered. Notifies when a hint changes;
 * of the capacity of a link and of how much was used over it, [method@Sluice.Manager.refresh_async] brings
 * the latest.
 */

/**
 * SluiceManager:suspended:
 *
 * Whether all downloads are stopped; [method@Sluice.Manager.set_suspended_async] changes it. %FALSE until the
 * service has answered.
 */

/**
 * SluiceManager:config-problems:
 *
 * What was wrong with the configuration files when the service read them last: by file, in sentences. Empty when
 * nothing was left out; %NULL until the service has answered.
 */

/**
 * SluiceManager:version:
 *
 * The version of the service, such as `0.1.0`, as it last said; %NULL until it has answered.
 */
