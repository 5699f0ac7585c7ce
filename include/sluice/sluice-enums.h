/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations of a download's properties. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * SluiceState:
 * @SLUICE_STATE_UNKNOWN: not known to this version of the library, or not read yet
 * @SLUICE_STATE_CREATED: created, not started
 * @SLUICE_STATE_QUEUED: waits for a slot
 * @SLUICE_STATE_TRANSFERRING: bytes flow
 * @SLUICE_STATE_PAUSED: paused by a caller
 * @SLUICE_STATE_RETRYING: waits after an error that may pass
 * @SLUICE_STATE_FAILED: ended by an error; can be started again
 * @SLUICE_STATE_TRANSFERRED: all bytes are on disk, not published yet
 * @SLUICE_STATE_FINALIZED: published, for good
 * @SLUICE_STATE_ABORTED: given up, for good
 *
 * The states of a download.
 */
typedef enum {
  SLUICE_STATE_UNKNOWN,
  SLUICE_STATE_CREATED,
  SLUICE_STATE_QUEUED,
  SLUICE_STATE_TRANSFERRING,
  SLUICE_STATE_PAUSED,
  SLUICE_STATE_RETRYING,
  SLUICE_STATE_FAILED,
  SLUICE_STATE_TRANSFERRED,
  SLUICE_STATE_FINALIZED,
  SLUICE_STATE_ABORTED,
} SluiceState;

/**
 * SluicePriority:
 * @SLUICE_PRIORITY_UNKNOWN: not known to this version of the library, or not read yet
 * @SLUICE_PRIORITY_FOREGROUND: somebody waits for it
 * @SLUICE_PRIORITY_HIGH: before normal downloads
 * @SLUICE_PRIORITY_NORMAL: the default
 * @SLUICE_PRIORITY_LOW: after all other downloads
 *
 * How urgent a download is.
 */
typedef enum {
  SLUICE_PRIORITY_UNKNOWN,
  SLUICE_PRIORITY_FOREGROUND,
  SLUICE_PRIORITY_HIGH,
  SLUICE_PRIORITY_NORMAL,
  SLUICE_PRIORITY_LOW,
} SluicePriority;

#define SLUICE_TYPE_STATE (sluice_state_get_type ())
GType sluice_state_get_type (void);
const char *sluice_state_to_string (SluiceState state);

#define SLUICE_TYPE_PRIORITY (sluice_priority_get_type ())
GType sluice_priority_get_type (void);
const char *sluice_priority_to_string (SluicePriority priority);

G_END_DECLS
