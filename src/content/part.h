/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A part file: a hidden file beside the target, into which bytes arrive in any order.
 * All functions block and may be called from several threads at once; none is for the main loop
 * but those that say so.
 */
#pragma once

#include "base/ranges.h"
#include "base/stamp.h"
#include "content/file-system.h"
#include "content/place.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* More than this is never written without having been synced and recorded. */
#define SL_PART_MAX_UNRECORDED (7 * 1024 * 1024)
/*
 * When so much has been written, it's time for a sync. What is left below the other is written while the sync is made and
 * recorded; no piece may be larger, or it would wait for a sync that is not due.
 */
#define SL_PART_SYNC_EVERY (5 * 1024 * 1024)

/*
 * If the address of the data and its offset in the file are equal modulo this, the data may be written with O_DIRECT, without a
 * copy.
 */
#define SL_PART_ALIGN SL_FS_DIRECT_ALIGN

typedef struct _SlPart SlPart; /* counted references */

/* What has been synced: the ranges, and the stamp of the file that holds them. */
typedef struct {
  SlRanges *ranges; /* (owned) */
  SlStamp stamp;
} SlSynced;

void sl_synced_clear (SlSynced *synced);

/*
 * Opens or makes the part file at @place. What is recorded, @claimed in the file that had @stamp, is
 * checked against what is there: sl_part_dup_written () says what of it holds good.
 * (transfer full) (nullable)
 */
SlPart *
sl_part_open (const SlPlace *place, const SlStamp *stamp, const SlRanges *claimed, GError **error);
SlPart *sl_part_ref (SlPart *part);
void sl_part_unref (SlPart *part);

/* Computes the digest that @expected was made with while bytes arrive in order; before the first write. */
void sl_part_compute_digest (SlPart *part, const char *expected);

/* Drops all content and begins with a new file, so that nothing recorded of the old one holds for it. */
gboolean sl_part_reset (SlPart *part, GError **error);
/* So much of the file system stays free (as in SlSettings; 0 before that is said); before the first write. */
void sl_part_set_minimum_free (SlPart *part, guint64 minimum_free);
/*
 * The file is going to have @size bytes: an error if there is no room for them above what has to stay free, or if no file
 * can be so large. From here on, room is reserved a step ahead of what is written; where the file system can't, that's no
 * error.
 */
gboolean sl_part_reserve (SlPart *part, guint64 size, GError **error);

/*
 * Waits until there is room below SL_PART_MAX_UNRECORDED, then writes all of @data. Cancelling ends the wait and not the
 * writing: what was fetched is not to be fetched again.
 */
gboolean sl_part_write (SlPart *part,
                        guint64 offset,
                        gconstpointer data,
                        gsize length,
                        GCancellable *cancellable,
                        GError **error);
/* Whether the caller should sync now; TRUE for one caller at a time, which then has to sync. */
gboolean sl_part_wants_sync (SlPart *part);
/* Syncs what has been written before the call, and says what that is. */
gboolean sl_part_sync (SlPart *part, SlSynced *synced, GError **error);
/* So many bytes in all have been recorded: makes room for that much more. From any thread, the main loop's too. */
void sl_part_set_recorded (SlPart *part, guint64 total);

/* Whether a sync or a seal found that others deleted, replaced or truncated the file. */
gboolean sl_part_is_lost (SlPart *part);
/* How much of the file has been written. From any thread, the main loop's too. */
guint64 sl_part_get_written (SlPart *part);
/* (transfer full): which ranges have been written. From any thread, the main loop's too. */
SlRanges *sl_part_dup_written (SlPart *part);
/*
 * The first stretch of @wanted (nullable: all) below @size, which may be SL_SIZE_UNKNOWN, that has not been written, and is
 * not in @taken (nullable). FALSE when there is none. From any thread, the main loop's too.
 */
gboolean sl_part_find_missing (
    SlPart *part, const SlRanges *wanted, guint64 size, const SlRanges *taken, SlRange *missing);

/* Nobody writes for now: gives back what was reserved and not written, syncs, and seals the file as it is. */
gboolean sl_part_pause (SlPart *part, SlSynced *synced, GError **error);
/*
 * Once it's sealed, the file is published at once, and publishing syncs the directory. So the seal of one whose bytes may all
 * be fetched again (SL_PART_MAX_UNRECORDED) doesn't: if the power fails between the two, they are. Before the seal.
 */
void sl_part_expect_publication (SlPart *part);
/*
 * All has arrived: sets size and times, syncs file and directory, completes the digest.
 * @modified: (seconds) the time to give to the file, 0 for none. @digest: (out) (nullable) when one was computed
 *
 * The digest is of what was handed to the kernel, for bytes that arrived in order since the file was opened, and of what
 * the file was read back to hold, for all others. What somebody else writes into the file while it's being fetched changes
 * neither the one nor the other's stamp in a way that could be told from our own writes, and so isn't noticed unless
 * it's read back; from the seal on, every change is.
 */
gboolean
sl_part_seal (SlPart *part, gint64 modified, SlSynced *synced, char **digest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPart, sl_part_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlSynced, sl_synced_clear)

G_END_DECLS
