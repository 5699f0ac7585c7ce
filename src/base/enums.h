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

/* In order: a smaller value runs sooner. */
typedef enum {
  SL_PRIORITY_FOREGROUND,
  SL_PRIORITY_HIGH,
  SL_PRIORITY_NORMAL,
  SL_PRIORITY_LOW,
} SlPriority;
#define SL_N_PRIORITIES (SL_PRIORITY_LOW + 1)

/* Foreground, or any other priority. Each class has slots and a rate of its own. */
typedef enum { SL_CLASS_BACKGROUND, SL_CLASS_FOREGROUND } SlClass;
#define SL_N_CLASSES (SL_CLASS_FOREGROUND + 1)
SlClass sl_class_of (SlPriority priority);

typedef enum {
  SL_REDIRECT_ALLOW,
  SL_REDIRECT_REPORT,
  SL_REDIRECT_REFUSE,
} SlRedirectPolicy;

/* The costs at which a download runs: names and meanings of Delivery Optimization's DODownloadCostPolicy. */
typedef enum {
  SL_COST_POLICY_UNSET, /* the default of its priority */
  SL_COST_POLICY_ALWAYS,
  SL_COST_POLICY_UNRESTRICTED,
  SL_COST_POLICY_STANDARD,
  SL_COST_POLICY_NO_ROAMING,
  SL_COST_POLICY_NO_SURCHARGE,
  SL_COST_POLICY_NO_CELLULAR,
} SlCostPolicy;
#define SL_N_COST_POLICIES (SL_COST_POLICY_NO_CELLULAR + 1)

/* The words of an enumeration: the n-th belongs to the value n. Of a set: the n-th belongs to the bit n. */
typedef struct {
  const char *const *words;
  guint n;
} SlWords;

/* Why something does not run; a set. enums.c has the names, in this order. */
typedef enum {
  SL_REASON_NONE = 0,
  SL_REASON_NO_NETWORK = 1 << 0,
  SL_REASON_CAPTIVE_PORTAL = 1 << 1,
  SL_REASON_METERED = 1 << 2,
  SL_REASON_ROAMING = 1 << 3,
  SL_REASON_CELLULAR = 1 << 4,
  SL_REASON_VPN = 1 << 5,
  SL_REASON_BATTERY = 1 << 6,
  SL_REASON_POWER_SAVER = 1 << 7,
  SL_REASON_USER_ACTIVE = 1 << 8,
  SL_REASON_GAME_MODE = 1 << 9,
  SL_REASON_LINK_BUSY = 1 << 10,
  SL_REASON_OUTSIDE_WINDOW = 1 << 11,
  SL_REASON_RATE_ZERO = 1 << 12,
  SL_REASON_DATA_CAP = 1 << 13,
  SL_REASON_SUSPENDED = 1 << 14,
  SL_REASON_SLOTS_FULL = 1 << 15,
  SL_REASON_BACKOFF = 1 << 16,
  SL_REASON_DISK_FULL = 1 << 17,
  SL_REASON_ADMIN_POLICY =
      1 << 18, /* with another reason: only the administrator's limits hold it */
  SL_REASON_STARTING_OVER = 1 << 19, /* much of what was fetched was useless */
} SlReasons;
#define SL_N_REASONS 20

/*
 * A set of what is allowed although it is refused by default: faults of a server's certificate, and targets of
 * redirects.
 */
typedef enum {
  SL_SECURITY_FULL = 0,
  SL_SECURITY_IGNORE_UNKNOWN_CA = 1 << 0,
  SL_SECURITY_IGNORE_COMMON_NAME = 1 << 1,
  SL_SECURITY_IGNORE_DATE = 1 << 2,
  SL_SECURITY_ALLOW_PRIVATE_REDIRECT = 1 << 3, /* from a public address to a private one */
  SL_SECURITY_CERTIFICATE = (1 << 3) - 1,      /* all that are about certificates */
  SL_SECURITY_ALL = (1 << 4) - 1,
} SlSecurityFlags;

extern const SlWords sl_state_words;
extern const SlWords sl_priority_words;
extern const SlWords sl_redirect_policy_words;
extern const SlWords sl_cost_policy_words; /* the empty word is SL_COST_POLICY_UNSET */
extern const SlWords sl_security_words;

gboolean sl_words_find (const SlWords *words, const char *text, guint *value);
/* (transfer container): the words of the members of @set, ended by NULL */
const char **sl_words_to_strv (const SlWords *words, guint set);
/* FALSE if @list has a word that @words does not have */
gboolean sl_words_from_strv (const SlWords *words, const char *const *list, guint *set);

const char *sl_state_to_string (SlState state);
const char *sl_cost_policy_to_string (SlCostPolicy policy);
/* (transfer container): the names of the members of the set, ended by NULL */
const char **sl_reasons_to_strv (SlReasons reasons);

G_END_DECLS
