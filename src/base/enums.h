/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations that travel over the bus and into the database as strings. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  SL_STATE_CREATED,
  SL_STATE_QUEUED,
  SL_STATE_TRANSFERRING,
  SL_STATE_PAUSED,
  SL_STATE_RETRYING,
  SL_STATE_FAILED,
  SL_STATE_TRANSFERRED,
  SL_STATE_FINALIZED,
  SL_STATE_ABORTED,
} SlState;
#define SL_N_STATES         (SL_STATE_ABORTED + 1)
#define SL_STATE_BIT(state) (1u << (state))

/* Ordered: the smaller the value, the sooner it runs. */
typedef enum {
  SL_PRIORITY_FOREGROUND,
  SL_PRIORITY_HIGH,
  SL_PRIORITY_NORMAL,
  SL_PRIORITY_LOW,
} SlPriority;
#define SL_N_PRIORITIES (SL_PRIORITY_LOW + 1)

typedef enum {
  SL_REDIRECT_ALLOW,
  SL_REDIRECT_REPORT,
  SL_REDIRECT_REFUSE,
} SlRedirectPolicy;

/* Why something does not move; a set. */
typedef enum {
  SL_REASON_NONE = 0,
  SL_REASON_NO_NETWORK = 1 << 0,
  SL_REASON_SLOTS_FULL = 1 << 1,
  SL_REASON_BACKOFF = 1 << 2,
  SL_REASON_DISK_FULL = 1 << 3,
} SlReasons;

/* Which faults of a server's certificate are overlooked; a set. */
typedef enum {
  SL_SECURITY_FULL = 0,
  SL_SECURITY_IGNORE_UNKNOWN_CA = 1 << 0,
  SL_SECURITY_IGNORE_COMMON_NAME = 1 << 1,
  SL_SECURITY_IGNORE_DATE = 1 << 2,
  SL_SECURITY_ALL = (1 << 3) - 1,
} SlSecurityFlags;

const char *sl_state_to_string (SlState state);
gboolean sl_state_from_string (const char *text, SlState *state);
const char *sl_priority_to_string (SlPriority priority);
gboolean sl_priority_from_string (const char *text, SlPriority *priority);
const char *sl_redirect_policy_to_string (SlRedirectPolicy policy);
gboolean sl_redirect_policy_from_string (const char *text, SlRedirectPolicy *policy);
/* (transfer container): the names of the members of the set, ended by NULL */
const char **sl_reasons_to_strv (SlReasons reasons);
const char **sl_security_flags_to_strv (SlSecurityFlags flags);
gboolean sl_security_flags_from_strv (const char *const *names, SlSecurityFlags *flags);

G_END_DECLS
