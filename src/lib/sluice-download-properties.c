/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference of the properties of SluiceDownload. object.c makes them from the D-Bus interface, so that there is no
 * place for this beside the code. Not compiled: the GIR is made from it.
 */

/**
 * SluiceDownload:interface-version:
 *
 * The version of the interface `org.sluice.Sluice1.Download` that the service has; 1 so far. It grows when
 * members are added.
 */

/**
 * SluiceDownload:id:
 *
 * The id of the download, a random UUID. It never changes, and [method@Sluice.Manager.get_download_async]
 * finds the download by it.
 */

/**
 * SluiceDownload:owner:
 *
 * The user id (uid) of the caller that made the download.
 */

/**
 * SluiceDownload:job:
 *
 * The object path of the job that the download belongs to; `/` is none. There are no jobs yet, so it is
 * always `/`.
 */

/**
 * SluiceDownload:uri:
 *
 * The address, http or https, without a fragment. Can be changed while it is created, paused or failed.
 * What has been fetched is kept if the new address proves to have the same file (same strong ETag, or same
 * Last-Modified and size); else the download begins again.
 */

/**
 * SluiceDownload:content-id:
 *
 * An identity of the content that the caller chooses: free text of at most 256 bytes, which the service
 * does not interpret. Empty is none. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:display-name:
 *
 * A name for people, at most 256 bytes. Empty is none. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:correlation-vector:
 *
 * Free text of at most 256 bytes that goes with the download into the log. Empty is none. Can be changed
 * until the download has ended.
 */

/**
 * SluiceDownload:local-path:
 *
 * Where the finished file is going to be: an absolute path, in a directory that exists. Empty while none
 * was given, and then the download cannot be started. Can be changed while it is created.
 *
 * A path that ends in a slash names a directory. The file's name then comes from the response, or else from
 * the address, with a number added when that name is taken; from then on this is the full path. Until the
 * file is published its bytes are in a hidden file in the same directory.
 */

/**
 * SluiceDownload:overwrite:
 *
 * Whether [method@Sluice.Download.finalize_async] may replace an existing file. %FALSE by default: an
 * existing file is then %SLUICE_ERROR_FILE_EXISTS, when the download is started and again when it is
 * finalized. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:priority:
 *
 * How urgent the download is; %SLUICE_PRIORITY_NORMAL unless asked for otherwise. Can be changed until the
 * download has ended, also while bytes flow. To set it, give the word of the bus, as
 * [func@Sluice.Priority.to_string] returns it.
 */

/**
 * SluiceDownload:auto-start:
 *
 * Whether the download is started by its creation; %FALSE by default. It matters in
 * [method@Sluice.Manager.create_download_async] only.
 */

/**
 * SluiceDownload:auto-finalize:
 *
 * Whether the service finalizes the download by itself as soon as all bytes are there; %FALSE by default.
 * If that fails the state becomes %SLUICE_STATE_FAILED. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:http-headers:
 *
 * Further request headers, `a{ss}`, at most 64 with 16384 bytes in all. Can be changed until the download
 * has ended.
 *
 * Those that the service decides itself are not allowed: Host, Range, If-Range, Accept-Encoding,
 * Connection, Content-Length, Transfer-Encoding, TE, Upgrade and Expect. Authorization and Cookie are not
 * sent to another origin after a redirect. Always empty if
 * [property@Sluice.Download:http-headers-write-only] is %TRUE.
 */

/**
 * SluiceDownload:http-headers-write-only:
 *
 * Whether [property@Sluice.Download:http-headers] is kept from being read; %FALSE by default. Once %TRUE it
 * stays so.
 */

/**
 * SluiceDownload:security-flags:
 *
 * Which checks of the server's certificate are left out, each of them dangerous: `ignore-unknown-ca`,
 * `ignore-common-name`, `ignore-date`. Empty, the default, is full checking. Can be changed until the
 * download has ended.
 */

/**
 * SluiceDownload:redirect-policy:
 *
 * What is done with a redirect: `allow` (the default) follows it, `report` follows it and tells the address
 * in [property@Sluice.Download:effective-uri], `refuse` fails with %SLUICE_ERROR_REDIRECT. At most 10
 * redirects are followed. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:allow-insecure-redirect:
 *
 * Whether a redirect from https to http is followed; %FALSE by default. Can be changed until the download
 * has ended.
 */

/**
 * SluiceDownload:dynamic-content:
 *
 * Whether the server makes the content anew for every request; %FALSE by default. If so, the download has
 * one connection and does not resume, but begins again when it was interrupted. Can be changed while it is
 * created, paused or failed.
 */

/**
 * SluiceDownload:max-size:
 *
 * The most bytes that the file may have; a larger one fails with %SLUICE_ERROR_TOO_LARGE. 0, the default,
 * is no limit. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:cost-policy:
 *
 * On what costs the download runs: `always`, `unrestricted`, `standard`, `no-roaming`, `no-surcharge` or `no-cellular`. Setting it
 * to the empty string returns to the default: `always` for the priority `foreground`, `standard` for the others, unless
 * the administrator says otherwise. Can be changed until the download has ended, and holds at once.
 */

/**
 * SluiceDownload:disallow-on-cellular:
 *
 * Whether the download is held on a cellular network. False by default; can be changed until it has ended.
 */

/**
 * SluiceDownload:only-when-idle:
 *
 * Whether the download only runs while the user is idle. False by default; can be changed until it has ended.
 */

/**
 * SluiceDownload:only-on-external-power:
 *
 * Whether the download is held while the machine runs on battery. False by default; can be changed until it has
 * ended.
 */

/**
 * SluiceDownload:ignore-conditions:
 *
 * Whether the download runs whatever the conditions: neither cost nor comfort hold it any more. False by default; can
 * be changed until it has ended.
 */

/**
 * SluiceDownload:deadline:
 *
 * From when on the download doesn't wait for comfort any more, in Unix microseconds; 0, the default, is never. What
 * costs money and a nearly empty battery hold it all the same. Can be changed until it has ended.
 */

/**
 * SluiceDownload:held-since:
 *
 * Since when conditions have held the download back, in Unix microseconds; 0 when they don't.
 */

/**
 * SluiceDownload:max-bytes-per-second:
 *
 * The most bytes a second that are read from the network for this download, over all its connections. 0, the
 * default, is no limit. Can be changed until the download has ended, and holds at once.
 */

/**
 * SluiceDownload:digest:
 *
 * The digest that the whole file must have: `sha256:` or `sha512:` and hexadecimal digits. Empty, the
 * default, is none. It is checked before the file appears under its name; another content is
 * %SLUICE_ERROR_DIGEST_MISMATCH. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:no-progress-timeout:
 *
 * After how many seconds without a byte the download fails with %SLUICE_ERROR_NO_PROGRESS, although it was
 * tried. 0, the default, leaves it to the priority: 300 seconds for %SLUICE_PRIORITY_FOREGROUND, 86400 for
 * the others. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:minimum-retry-delay:
 *
 * The least number of seconds between two tries. 0, the default, leaves it to the service, which waits
 * longer after each failure. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:maximum-download-time:
 *
 * After how many seconds of transferring the download fails with %SLUICE_ERROR_MAXIMUM_TIME; time in which
 * it waits does not count. 0, the default, is 90 days. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:progress-interval:
 *
 * The seconds between two [signal@Sluice.Download::status-changed] while bytes flow; 1 by default. 0 turns
 * them off, but for changes of state. Can be changed until the download has ended.
 */

/**
 * SluiceDownload:progress-percent:
 *
 * Emit [signal@Sluice.Download::status-changed] also each time that so many percent more have arrived, at
 * most ten times a second. At most 100; 0, the default, is off. Can be changed until the download has
 * ended.
 */

/**
 * SluiceDownload:persistent:
 *
 * Whether the download survives a restart of the service; %TRUE by default. If not, the service forgets it
 * then and deletes what was fetched, and this object becomes %SLUICE_STATE_ABORTED with
 * %SLUICE_ERROR_NOT_FOUND. Can be changed while it is created.
 */

/**
 * SluiceDownload:state:
 *
 * What the download does. After a restart of the service one that was transferring is queued, and goes on
 * by itself; the other states are as they were.
 *
 * The state and the error that goes with it arrive one after the other: connect to `notify::error` as well,
 * or call [method@Sluice.Download.refresh_async] when the state becomes %SLUICE_STATE_FAILED.
 */

/**
 * SluiceDownload:state-reasons:
 *
 * Why the download does not move, when the service makes it wait. Other words may be added. Empty when it
 * moves, or when it was not asked to.
 *
 * - Of the network: `no-network`, `captive-portal` (the network wants a login).
 * - Of money: `metered`, `roaming`, `cellular`, `data-cap`.
 * - Of comfort, which [property@Sluice.Download:deadline] ends: `user-active`, `game-mode`, `battery`,
 *   `power-saver`, `link-busy`, `vpn`, `outside-window`.
 * - `starting-over`, beside `backoff`: much of what was fetched was of no use.
 * - `rate-zero`: the limit of its class is 0. `admin-policy`, beside another: only the administrator wants it so.
 *   `suspended`: [property@Sluice.Manager:suspended].
 * - `slots-full` (other downloads come first), `backoff` (the wait after an error, until
 *   [property@Sluice.Download:retry-at]), `disk-full`.
 */

/**
 * SluiceDownload:bytes-total:
 *
 * The size in bytes of what was asked for: the file's, or the sum of the ranges. %G_MAXUINT64 while it is
 * unknown.
 */

/**
 * SluiceDownload:bytes-transferred:
 *
 * How many of [property@Sluice.Download:bytes-total] have been written. It notifies at the pace of
 * [signal@Sluice.Download::status-changed]. It falls when the download begins again, and by a few MiB when
 * the service was killed, as only what is safe on disk counts then.
 */

/**
 * SluiceDownload:bytes-fetched:
 *
 * How many bytes of content have been read from the network since the download was made, those of given-up
 * attempts included. Its changes are not announced: [method@Sluice.Download.refresh_async] brings it up to
 * date.
 */

/**
 * SluiceDownload:bytes-per-second:
 *
 * The rate now, averaged over about three seconds; 0 when no byte flows. Its changes are not announced:
 * [method@Sluice.Download.refresh_async] brings it up to date.
 */

/**
 * SluiceDownload:transferred-ranges:
 *
 * Offset and length, `a(tt)`, of each part that is safe on disk, in order and not overlapping. A restart of
 * the service goes on from there. Its changes are not announced: [method@Sluice.Download.refresh_async]
 * brings it up to date.
 */

/**
 * SluiceDownload:error:
 *
 * The last error, as a full D-Bus error name; empty is none. It is final in state %SLUICE_STATE_FAILED, and
 * one that may pass in %SLUICE_STATE_RETRYING. [method@Sluice.Download.dup_error] returns it as a
 * [struct@GLib.Error].
 */

/**
 * SluiceDownload:error-context:
 *
 * Where the last error arose: `policy`, `queue`, `local-file`, `remote-file`, `transport`, `integrity` or
 * `notification`; empty is none.
 */

/**
 * SluiceDownload:error-message:
 *
 * The last error for a person to read: what was done, with which host or path, and the cause. Empty is
 * none.
 */

/**
 * SluiceDownload:error-count:
 *
 * How often the transfer has been interrupted by an error since the download was made.
 */

/**
 * SluiceDownload:restart-count:
 *
 * How often all that had been fetched was dropped, because the file changed on the server, because the
 * server would not resume, or because the content was changed on disk. Restarts of the service are not
 * counted.
 */

/**
 * SluiceDownload:retry-at:
 *
 * When the service tries again, in microseconds since 1970 (UTC), if the state is %SLUICE_STATE_RETRYING;
 * else 0. A restart of the service keeps it.
 */

/**
 * SluiceDownload:http-status:
 *
 * The status code of the last HTTP response; 0 before there was one.
 */

/**
 * SluiceDownload:response-headers:
 *
 * The header fields of the last response, `a{ss}`: names in lower case, repeated fields joined by commas,
 * at most 16384 bytes. Empty before there was one.
 */

/**
 * SluiceDownload:effective-uri:
 *
 * The address after redirects, if [property@Sluice.Download:redirect-policy] is `report`; else that of
 * [property@Sluice.Download:uri].
 */

/**
 * SluiceDownload:creation-time:
 *
 * When the download was made, in microseconds since 1970 (UTC).
 */

/**
 * SluiceDownload:modification-time:
 *
 * When a property, the state or the progress last changed, in microseconds since 1970 (UTC). Its changes
 * are not announced: [method@Sluice.Download.refresh_async] brings it up to date.
 */

/**
 * SluiceDownload:transfer-completion-time:
 *
 * When the last byte arrived, in microseconds since 1970 (UTC); 0 while bytes are missing.
 */

/**
 * SluiceDownload:expiry-time:
 *
 * When the service will forget the download, in microseconds since 1970 (UTC): a day after it ended, or 90
 * days after its last change if nobody asked for it.
 */
