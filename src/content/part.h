/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A part file: a hidden file in the target's directory, into which bytes arrive in any order. All functions block,
 * and may be called from several threads at once. Only those that say so are for the main loop.
 */
#pragma once

#include "base/ranges.h"
#include "base/stamp.h"
#include "content/file-system.h"
#include "content/place.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* At most this many bytes are written without being synced and recorded. */
#define SL_PART_MAX_UNRECORDED (7 * 1024 * 1024)
/* A sync is due after this many bytes. */
#define SL_PART_SYNC_EVERY (5 * 1024 * 1024)

/*
 * If the address of the data and its offset in the file are equal modulo this, the data may be written with O_DIRECT, without a
 * copy.
 */
#define SL_PART_ALIGN SL_FS_DIRECT_ALIGN

typedef struct _SlPart SlPart; /* counted references */

/* The result of a sync: the ranges on disk, and the stamp of the file. */
typedef struct {
  SlRanges *ranges; /* (owned) */
  SlStamp stamp;
} SlSynced;

void sl_synced_clear (SlSynced *synced);

/*
 * (transfer full) (nullable): opens or creates the part file at @place. Checks the recorded ranges @claimed, of the
 * file that had @stamp, against the file; sl_part_dup_written () returns those that are there.
 */
SlPart *
sl_part_open (const SlPlace *place, const SlStamp *stamp, const SlRanges *claimed, GError **error);
SlPart *sl_part_ref (SlPart *part);
void sl_part_unref (SlPart *part);

/* Computes a digest of the kind of @expected while bytes arrive in order; call it before the first write. */
void sl_part_compute_digest (SlPart *part, const char *expected);

/* Drops all content and starts with a new file, so that no record of the old one applies to it. */
gboolean sl_part_reset (SlPart *part, GError **error);
/* Sets how much of the file system stays free (as in SlSettings; 0 by default); call it before the first write. */
void sl_part_set_minimum_free (SlPart *part, guint64 minimum_free);
/*
 * Announces that the file will have @size bytes. FALSE with @error if there is no space for them beyond what must
 * stay free, or if the file system does not support that size. From then on, space is reserved a step ahead of the
 * writes; a file system that can't do that is no error.
 */
gboolean sl_part_reserve (SlPart *part, guint64 size, GError **error);

/*
 * Waits until there is room below SL_PART_MAX_UNRECORDED, then writes all of @data. Cancelling ends only the wait:
 * fetched bytes are written, so that they need not be fetched again.
 */
gboolean sl_part_write (SlPart *part,
                        guint64 offset,
                        gconstpointer data,
                        gsize length,
                        GCancellable *cancellable,
                        GError **error);
/* Whether a sync is due; TRUE for one caller at a time, which must then sync. */
gboolean sl_part_wants_sync (SlPart *part);
/* Syncs everything written before the call, and returns what that is. */
gboolean sl_part_sync (SlPart *part, SlSynced *synced, GError **error);
/* @total: bytes recorded in total; makes room for more. From any thread, also the main loop's. */
void sl_part_set_recorded (SlPart *part, guint64 total);

/* Whether a sync or a seal found that others deleted, replaced or truncated the file. */
gboolean sl_part_is_lost (SlPart *part);
/* How much of the file has been written. From any thread, also the main loop's. */
guint64 sl_part_get_written (SlPart *part);
/* (transfer full): the written ranges. From any thread, also the main loop's. */
SlRanges *sl_part_dup_written (SlPart *part);
/*
 * The first stretch of @wanted (nullable: all) below @size, which may be SL_SIZE_UNKNOWN, that has not been written, and is
 * not in @taken (nullable). FALSE when there is none. From any thread, the main loop's too.
 */
gboolean sl_part_find_missing (
    SlPart *part, const SlRanges *wanted, guint64 size, const SlRanges *taken, SlRange *missing);

/* Call it when writing pauses: releases reserved space that was not written, syncs, and seals the file as it is. */
gboolean sl_part_pause (SlPart *part, SlSynced *synced, GError **error);
/*
 * Once it's sealed, the file is published at once, and publishing syncs the directory. So the seal of one whose bytes may all
 * be fetched again (SL_PART_MAX_UNRECORDED) doesn't: if the power fails between the two, they are. Before the seal.
 */
void sl_part_expect_publication (SlPart *part);
/*
 * Call it when all bytes have arrived: sets size and times, syncs file and directory, and completes the digest.
 * @modified: the time to give to the file (Unix s); 0: none. @digest: (out) (nullable): if one was computed
 *
 * The digest covers the bytes that were written, if they arrived in order since the file was opened, and for all
 * others the bytes that were read back from the file. During the transfer, writes of other programs can't be told
 * from our own, neither by digest nor by stamp, so they are detected only if they are read back. After the seal every
 * change is detected.
 */
gboolean
sl_part_seal (SlPart *part, gint64 modified, SlSynced *synced, char **digest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPart, sl_part_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlSynced, sl_synced_clear)

G_END_DECLS
