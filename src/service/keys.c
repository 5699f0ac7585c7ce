/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of the configuration files. sluice.conf(5) explains them. */
#include "service/keys.h"

#include "base/error.h"
#include "base/units.h"
#include "policy/cost.h"

#include <stddef.h>
#include <string.h>

typedef enum {
  KIND_COUNT,        /* guint */
  KIND_PERCENT,      /* guint */
  KIND_MILLISECONDS, /* guint */
  KIND_SECONDS,      /* guint */
  KIND_BYTES,        /* guint64; G_MAXUINT64 is "unlimited" */
  KIND_RESERVE,      /* guint64; SL_MINIMUM_FREE_AUTO is "auto" */
  KIND_SWITCH,       /* gboolean */
  KIND_COST_POLICY,
  KIND_TRISTATE,
  KIND_OVER_CAP,
  KIND_HOURS, /* SlHours *; NULL is empty */
} Kind;

/* Which of two values is tighter. */
typedef enum {
  TIGHT_ANY,    /* neither: it's no limit, and a user may set it freely */
  TIGHT_FIXED,  /* neither: the first that is set stays */
  TIGHT_LESS,   /* the smaller one */
  TIGHT_MORE,   /* the greater one */
  TIGHT_YES,    /* the one that is switched on */
  TIGHT_WITHIN, /* the one that allows nothing that the other does not */
} Tightness;

struct _SlKey {
  const char *group;
  const char *name;
  Kind kind;
  Tightness tightness;
  guint64 min; /* in the member's own unit */
  guint64 max;
  gsize offset;
};

#define SECONDS_MAX (365 * 86400u)
#define HOUR        3600

#define KEY(group, name, kind, tightness, min, max, member)                                        \
  {                                                                                                \
    group, name, KIND_##kind, TIGHT_##tightness, min, max, offsetof (SlConfigured, member)         \
  }
#define TRANSFERS(name, kind, tightness, min, max, member)                                         \
  KEY ("Transfers", name, kind, tightness, min, max, transfers.member)
#define SWITCH(group, name, priority, member)                                                      \
  KEY (group, name, SWITCH, YES, 0, 1, policy.priorities[priority].member)
#define PRIORITY(group, priority)                                                                  \
  KEY (group, "CostPolicy", COST_POLICY, WITHIN, 0, 0, policy.priorities[priority].cost_policy),   \
      KEY (group, "CostLimit", COST_POLICY, WITHIN, 0, 0, policy.priorities[priority].cost_limit), \
      SWITCH (group, "DisallowOnCellular", priority, disallow_on_cellular),                        \
      SWITCH (group, "OnlyWhenIdle", priority, only_when_idle),                                    \
      SWITCH (group, "OnlyOnExternalPower", priority, only_on_external_power),                     \
      SWITCH (group, "HoldOnPowerSaver", priority, hold_on_power_saver),                           \
      SWITCH (group, "HoldInGameMode", priority, hold_in_game_mode),                               \
      SWITCH (group, "HoldWhenBusy", priority, hold_when_busy),                                    \
      SWITCH (group, "HoldOnVpn", priority, hold_on_vpn)
#define RATE(group, name, period, class_)                                                          \
  KEY (group, name, BYTES, LESS, 0, G_MAXUINT64, policy.limits[period].rate[class_])
#define SHARE(group, name, period, class_)                                                         \
  KEY (group, name, PERCENT, LESS, 0, 100, policy.limits[period].share[class_])
#define LIMITS(group, period)                                                                      \
  RATE (group, "ForegroundRate", period, SL_CLASS_FOREGROUND),                                     \
      RATE (group, "BackgroundRate", period, SL_CLASS_BACKGROUND),                                 \
      SHARE (group, "ForegroundShare", period, SL_CLASS_FOREGROUND),                               \
      SHARE (group, "BackgroundShare", period, SL_CLASS_BACKGROUND)

static const SlKey keys[] = {
    TRANSFERS ("MaxActive", COUNT, LESS, 1, 256, max_active),
    TRANSFERS ("MaxConnections", COUNT, LESS, 1, 256, max_connections),
    TRANSFERS ("MaxConnectionsPerHost", COUNT, LESS, 1, 64, max_connections_per_host),
    TRANSFERS ("ConnectionsForeground", COUNT, LESS, 1, 16, connections_foreground),
    TRANSFERS ("ConnectionsBackground", COUNT, LESS, 1, 16, connections_background),
    TRANSFERS ("FirstByteTimeout", MILLISECONDS, ANY, 100, HOUR * 1000, first_byte_timeout),
    TRANSFERS ("StallTimeout", SECONDS, ANY, 1, HOUR, stall_timeout),
    TRANSFERS ("RetryDelayMin", MILLISECONDS, MORE, 10, HOUR * 1000, retry_delay_min),
    TRANSFERS ("RetryDelayMax", MILLISECONDS, MORE, 10, 24 * HOUR * 1000, retry_delay_max),
    TRANSFERS ("DiskFullRetry", MILLISECONDS, MORE, 100, HOUR * 1000, disk_full_retry),
    TRANSFERS ("MinimumFree", RESERVE, MORE, 0, G_MAXUINT64, minimum_free),

    KEY ("Conditions", "Hours", HOURS, WITHIN, 0, 0, policy.window),
    KEY ("Conditions", "MaxWait", SECONDS, MORE, 0, SECONDS_MAX, policy.max_wait),
    KEY ("Conditions", "IdleTime", SECONDS, MORE, 1, 86400, policy.idle_time),
    KEY ("Conditions", "MinimumBattery", PERCENT, MORE, 0, 100, policy.minimum_battery),
    KEY ("Conditions", "BusyShare", PERCENT, LESS, 1, 100, policy.busy_share),

    KEY ("Network", "Metered", TRISTATE, FIXED, 0, 0, policy.metered),
    KEY ("Network", "TrustMeteredGuess", SWITCH, YES, 0, 1, policy.trust_guess),
    KEY ("Network", "MonthlyCap", BYTES, LESS, 0, G_MAXUINT64, policy.monthly_cap),
    KEY ("Network", "MonthlyCapDay", COUNT, FIXED, 1, 28, policy.cap_day),
    KEY ("Network", "OverCap", OVER_CAP, FIXED, 0, 0, policy.over_cap),

    PRIORITY ("Foreground", SL_PRIORITY_FOREGROUND),
    PRIORITY ("High", SL_PRIORITY_HIGH),
    PRIORITY ("Normal", SL_PRIORITY_NORMAL),
    PRIORITY ("Low", SL_PRIORITY_LOW),

    LIMITS ("Limits", SL_PERIOD_ALWAYS),
    KEY ("Work", "Hours", HOURS, FIXED, 0, 0, policy.hours[SL_PERIOD_WORK]),
    LIMITS ("Work", SL_PERIOD_WORK),
    KEY ("Maintenance", "Hours", HOURS, FIXED, 0, 0, policy.hours[SL_PERIOD_MAINTENANCE]),
    LIMITS ("Maintenance", SL_PERIOD_MAINTENANCE),
};

static const char *const answers[] = {"auto", "yes", "no", NULL};
static const char *const over_caps[] = {"charged", "throttled", NULL};

void
sl_configured_init (SlConfigured *configured)
{
  configured->transfers = (SlSettings)SL_SETTINGS_DEFAULT;
  sl_policy_settings_init (&configured->policy);
}

void
sl_configured_copy (SlConfigured *to, const SlConfigured *from)
{
  to->transfers = from->transfers;
  sl_policy_settings_copy (&to->policy, &from->policy);
}

void
sl_configured_clear (SlConfigured *configured)
{
  sl_policy_settings_clear (&configured->policy);
}

guint
sl_keys_count (void)
{
  return G_N_ELEMENTS (keys);
}

const SlKey *
sl_keys_get (guint index)
{
  return &keys[index];
}

gboolean
sl_keys_find (const char *group, const char *name, guint *index)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (g_str_equal (keys[i].group, group) && g_str_equal (keys[i].name, name)) {
      *index = i;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
sl_keys_has_group (const char *group)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (g_str_equal (keys[i].group, group))
      return TRUE;
  }
  return FALSE;
}

const char *
sl_key_get_group (const SlKey *key)
{
  return key->group;
}

const char *
sl_key_get_name (const SlKey *key)
{
  return key->name;
}

/* Values. */

static gpointer
member_of (const SlKey *key, SlConfigured *configured)
{
  return (guint8 *)configured + key->offset;
}

static gconstpointer
value_of (const SlKey *key, const SlConfigured *configured)
{
  return (const guint8 *)configured + key->offset;
}

/* (transfer full): the values that the key takes, for a message */
static char *
describe_values (const SlKey *key)
{
  switch (key->kind) {
  case KIND_COUNT:
  case KIND_PERCENT:
    return g_strdup_printf ("a number from %u to %u%s", (guint)key->min, (guint)key->max,
                            key->kind == KIND_PERCENT ? ", in percent" : "");
  case KIND_MILLISECONDS:
  case KIND_SECONDS: {
    guint64 unit = key->kind == KIND_SECONDS ? 1000 : 1;
    g_autofree char *min = sl_units_format_duration (key->min * unit);
    g_autofree char *max = sl_units_format_duration (key->max * unit);
    return g_strdup_printf ("a time from %s to %s, as 500ms, 30s, 5min, 2h or 7d", min, max);
  }
  case KIND_BYTES:
    return g_strdup ("a number of bytes, as 500K, 2M or 1G, or “unlimited”");
  case KIND_RESERVE:
    return g_strdup ("a number of bytes, as 500M or 2G, or “auto”");
  case KIND_SWITCH:
    return g_strdup ("“true” or “false”");
  case KIND_COST_POLICY:
    return g_strdup ("“always”, “unrestricted”, “standard”, “no-roaming”, “no-surcharge” or "
                     "“no-cellular”");
  case KIND_TRISTATE:
    return g_strdup ("“auto”, “yes” or “no”");
  case KIND_OVER_CAP:
    return g_strdup ("“charged” or “throttled”");
  case KIND_HOURS:
    return g_strdup ("hours of the week, as Mon-Fri 08:00-18:00; Sat 10:00-14:00");
  }
  g_return_val_if_reached (NULL);
}

static gboolean
parse_name (const char *const *names, const char *text, guint *value)
{
  for (guint i = 0; names[i] != NULL; i++) {
    if (g_str_equal (names[i], text)) {
      *value = i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
parse_switch (const char *text, gboolean *value)
{
  static const char *const words[] = {"false", "true", "no", "yes", "0", "1", NULL};
  guint found;

  if (!parse_name (words, text, &found))
    return FALSE;
  *value = found % 2;
  return TRUE;
}

static gboolean
parse_number (const SlKey *key, const char *text, guint *value)
{
  g_autofree char *number = g_strdup (text);
  guint64 parsed;

  if (key->kind == KIND_PERCENT && g_str_has_suffix (number, "%"))
    number[strlen (number) - 1] = '\0';
  g_strchomp (number);
  if (!g_ascii_string_to_unsigned (number, 10, key->min, key->max, &parsed, NULL))
    return FALSE;
  *value = (guint)parsed;
  return TRUE;
}

static gboolean
parse_duration (const SlKey *key, const char *text, guint *value)
{
  guint64 parsed;

  if (!sl_units_parse_duration (text, &parsed))
    return FALSE;
  if (key->kind == KIND_SECONDS)
    parsed = (parsed + 999) / 1000;
  if (parsed < key->min || parsed > key->max)
    return FALSE;
  *value = (guint)parsed;
  return TRUE;
}

static gboolean
parse_reserve (const char *text, guint64 *value)
{
  guint64 parsed = SL_MINIMUM_FREE_AUTO;

  if (!g_str_equal (text, "auto") && (!sl_units_parse_bytes (text, &parsed) || parsed > G_MAXINT64))
    return FALSE;
  *value = parsed;
  return TRUE;
}

static gboolean
parse_cost_policy (const char *text, SlCostPolicy *value)
{
  return *text != '\0' && sl_words_find (&sl_cost_policy_words, text, (guint *)value);
}

static gboolean
parse_hours (const char *text, SlHours **value, GError **error)
{
  SlHours *hours = NULL;

  if (*text != '\0' && (hours = sl_hours_parse (text, error)) == NULL)
    return FALSE;
  g_clear_pointer (value, sl_hours_free);
  *value = hours;
  return TRUE;
}

static gboolean
parse_value (const SlKey *key, const char *text, gpointer member, GError **error)
{
  switch (key->kind) {
  case KIND_COUNT:
  case KIND_PERCENT:
    return parse_number (key, text, member);
  case KIND_MILLISECONDS:
  case KIND_SECONDS:
    return parse_duration (key, text, member);
  case KIND_BYTES:
    return sl_units_parse_bytes (text, member);
  case KIND_RESERVE:
    return parse_reserve (text, member);
  case KIND_SWITCH:
    return parse_switch (text, member);
  case KIND_COST_POLICY:
    return parse_cost_policy (text, member);
  case KIND_TRISTATE:
    return parse_name (answers, text, member);
  case KIND_OVER_CAP:
    return parse_name (over_caps, text, member);
  case KIND_HOURS:
    return parse_hours (text, member, error);
  }
  g_return_val_if_reached (FALSE);
}

gboolean
sl_key_parse (const SlKey *key, const char *text, SlConfigured *configured, GError **error)
{
  g_autofree char *value = g_strstrip (g_strdup (text));
  g_autofree char *wanted = NULL;
  g_autoptr (GError) cause = NULL;

  if (parse_value (key, value, member_of (key, configured), &cause))
    return TRUE;
  wanted = describe_values (key);
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
               "%s=%s in [%s] is no acceptable value (%s%s%s)", key->name, value, key->group,
               wanted, cause != NULL ? "; " : "", cause != NULL ? cause->message : "");
  return FALSE;
}

static char *
format_value (const SlKey *key, gconstpointer value)
{
  switch (key->kind) {
  case KIND_COUNT:
    return g_strdup_printf ("%u", *(const guint *)value);
  case KIND_PERCENT:
    return g_strdup_printf ("%u%%", *(const guint *)value);
  case KIND_MILLISECONDS:
    return sl_units_format_duration (*(const guint *)value);
  case KIND_SECONDS:
    return sl_units_format_duration (*(const guint *)value * G_GUINT64_CONSTANT (1000));
  case KIND_BYTES:
    return sl_units_format_bytes (*(const guint64 *)value);
  case KIND_RESERVE:
    return *(const guint64 *)value == SL_MINIMUM_FREE_AUTO
               ? g_strdup ("auto")
               : sl_units_format_bytes (*(const guint64 *)value);
  case KIND_SWITCH:
    return g_strdup (*(const gboolean *)value ? "true" : "false");
  case KIND_COST_POLICY:
    return g_strdup (sl_cost_policy_to_string (*(const SlCostPolicy *)value));
  case KIND_TRISTATE:
    return g_strdup (answers[*(const SlTristate *)value]);
  case KIND_OVER_CAP:
    return g_strdup (over_caps[*(const SlOverCap *)value]);
  case KIND_HOURS: {
    const SlHours *hours = *(SlHours *const *)value;
    return hours != NULL ? sl_hours_to_string (hours) : g_strdup ("");
  }
  }
  g_return_val_if_reached (NULL);
}

char *
sl_key_format (const SlKey *key, const SlConfigured *configured)
{
  return format_value (key, value_of (key, configured));
}

GVariant *
sl_key_to_variant (const SlKey *key, const SlConfigured *configured)
{
  if (key->kind == KIND_COUNT)
    return g_variant_new_uint32 (*(const guint *)value_of (key, configured));
  if (key->kind == KIND_SWITCH)
    return g_variant_new_boolean (*(const gboolean *)value_of (key, configured));
  return g_variant_new_take_string (sl_key_format (key, configured));
}

/* Tightening. */

static guint64
get_number (const SlKey *key, const SlConfigured *configured)
{
  gconstpointer value = value_of (key, configured);

  /* its largest possible value, so that it's never loosened */
  if (key->kind == KIND_RESERVE && *(const guint64 *)value == SL_MINIMUM_FREE_AUTO)
    return SL_MINIMUM_FREE_AUTO_MAX;
  return key->kind == KIND_BYTES || key->kind == KIND_RESERVE ? *(const guint64 *)value
                                                              : *(const guint *)value;
}

/* Whether @a lies within @b; NULL is always. */
static gboolean
hours_are_within (const SlHours *a, const SlHours *b)
{
  g_autoptr (SlHours) both = NULL;

  if (a == NULL || b == NULL)
    return b == NULL;
  both = sl_hours_intersect (a, b);
  return sl_hours_equal (both, a);
}

/* MaxWait's value 0 is without end. */
static guint64
get_wait (guint64 seconds)
{
  return seconds != 0 ? seconds : G_MAXUINT64;
}

static gboolean
is_within (const SlKey *key, const SlConfigured *a, const SlConfigured *b)
{
  if (key->kind == KIND_HOURS)
    return hours_are_within (*(SlHours *const *)value_of (key, a),
                             *(SlHours *const *)value_of (key, b));
  return sl_cost_policy_is_within (*(const SlCostPolicy *)value_of (key, a),
                                   *(const SlCostPolicy *)value_of (key, b));
}

gboolean
sl_key_is_as_tight (const SlKey *key, const SlConfigured *a, const SlConfigured *b)
{
  g_autofree char *one = NULL, *other = NULL;

  switch (key->tightness) {
  case TIGHT_ANY:
    return TRUE;
  case TIGHT_FIXED:
    one = sl_key_format (key, a);
    other = sl_key_format (key, b);
    return g_str_equal (one, other);
  case TIGHT_LESS:
    /* Adding a cap where there was none loosens the policy: below a known cap, "standard" downloads run. */
    if (key->offset == offsetof (SlConfigured, policy.monthly_cap) &&
        b->policy.monthly_cap == SL_CAP_NONE)
      return a->policy.monthly_cap == SL_CAP_NONE;
    return get_number (key, a) <= get_number (key, b);
  case TIGHT_MORE:
    if (key->offset == offsetof (SlConfigured, policy.max_wait))
      return get_wait (get_number (key, a)) >= get_wait (get_number (key, b));
    return get_number (key, a) >= get_number (key, b);
  case TIGHT_YES:
    return get_number (key, a) >= get_number (key, b);
  case TIGHT_WITHIN:
    return is_within (key, a, b);
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
is_of (const SlKey *key, const char *const *groups)
{
  return g_strv_contains (groups, key->group);
}

gboolean
sl_key_undoes (const SlKey *key, const SlKey *other)
{
  static const char *const rates[] = {"Limits", "Work", "Maintenance", NULL};
  static const char *const network[] = {"Network", NULL};
  static const char *const costs[] = {"CostPolicy", "CostLimit", NULL};

  /* within the hours of a period its own limits hold, instead of those that are set */
  if (is_of (key, rates) && g_str_equal (key->name, "Hours"))
    return is_of (other, rates);
  /* whether a limit of cost holds anything back depends on what the network costs */
  return is_of (key, network) && (is_of (other, network) || g_strv_contains (costs, other->name));
}
