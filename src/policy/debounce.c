/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debounces hints: worse news counts at once, better news only after it has lasted. */
#include "policy/debounce.h"

/* How long better news must last: at first (doubled after each relapse), and at most. */
#define SETTLE_FIRST (300 * G_TIME_SPAN_MILLISECOND)
#define SETTLE_LAST  (60 * G_TIME_SPAN_SECOND)
/* Trouble is forgotten when it has been over for this time. */
#define FORGET_AFTER (5 * G_TIME_SPAN_MINUTE)

/* What can be bad. From METERED on, each is about one link. */
typedef enum {
  TROUBLE_NO_NETWORK,
  TROUBLE_PORTAL,
  TROUBLE_BATTERY,
  TROUBLE_CRITICAL,
  TROUBLE_POWER_SAVER,
  TROUBLE_USER,
  TROUBLE_GAME,
  TROUBLE_VPN,
  TROUBLE_METERED,
  TROUBLE_CELLULAR,
  TROUBLE_ROAMING,
} Trouble;
#define N_TROUBLES (TROUBLE_ROAMING + 1)

/* A trouble that exists or existed lately. */
typedef struct {
  Trouble trouble;
  guint link;      /* index of the link; 0: about the machine */
  gint64 ended_at; /* when it was first seen to be over; G_MAXINT64 while it exists */
  guint relapses;
} Entry;

struct _SlDebounce {
  GArray *entries; /* (owned) (element-type Entry) */
  gint64 next_change;
};

SlDebounce *
sl_debounce_new (void)
{
  SlDebounce *debounce = g_new0 (SlDebounce, 1);

  debounce->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  debounce->next_change = G_MAXINT64;
  return debounce;
}

void
sl_debounce_free (SlDebounce *debounce)
{
  g_array_unref (debounce->entries);
  g_free (debounce);
}

static gboolean
is_metered (SlMetered metered)
{
  return metered == SL_METERED_YES || metered == SL_METERED_GUESS_YES;
}

/* Whether the hints have @trouble; @link: NULL if it is about the machine. */
static gboolean
is_there (const SlConditions *conditions, const SlLink *link, Trouble trouble)
{
  switch (trouble) {
  case TROUBLE_NO_NETWORK:
    return conditions->connectivity == SL_CONNECTIVITY_NONE;
  case TROUBLE_PORTAL:
    return conditions->connectivity == SL_CONNECTIVITY_PORTAL;
  case TROUBLE_BATTERY:
    return conditions->on_battery;
  case TROUBLE_CRITICAL:
    return conditions->battery_critical;
  case TROUBLE_POWER_SAVER:
    return conditions->power_saver;
  case TROUBLE_USER:
    return !conditions->user_idle;
  case TROUBLE_GAME:
    return conditions->game_mode;
  case TROUBLE_VPN:
    return conditions->vpn;
  case TROUBLE_METERED:
    return is_metered (link->metered);
  case TROUBLE_CELLULAR:
    return link->cellular;
  case TROUBLE_ROAMING:
    return link->roaming;
  }
  g_return_val_if_reached (FALSE);
}

/* Makes @conditions have @trouble. */
static void
put_there (SlConditions *conditions, SlLink *link, Trouble trouble)
{
  switch (trouble) {
  case TROUBLE_NO_NETWORK:
    conditions->connectivity = SL_CONNECTIVITY_NONE;
    return;
  case TROUBLE_PORTAL:
    if (conditions->connectivity != SL_CONNECTIVITY_NONE)
      conditions->connectivity = SL_CONNECTIVITY_PORTAL;
    return;
  case TROUBLE_BATTERY:
    conditions->on_battery = TRUE;
    return;
  case TROUBLE_CRITICAL:
    conditions->battery_critical = TRUE;
    return;
  case TROUBLE_POWER_SAVER:
    conditions->power_saver = TRUE;
    return;
  case TROUBLE_USER:
    conditions->user_idle = FALSE;
    return;
  case TROUBLE_GAME:
    conditions->game_mode = TRUE;
    return;
  case TROUBLE_VPN:
    conditions->vpn = TRUE;
    return;
  case TROUBLE_METERED:
    link->metered = SL_METERED_YES;
    return;
  case TROUBLE_CELLULAR:
    link->cellular = TRUE;
    return;
  case TROUBLE_ROAMING:
    link->roaming = TRUE;
    return;
  }
}

static Entry *
find_entry (SlDebounce *debounce, Trouble trouble, guint link)
{
  for (guint i = 0; i < debounce->entries->len; i++) {
    Entry *entry = &g_array_index (debounce->entries, Entry, i);
    if (entry->trouble == trouble && entry->link == link)
      return entry;
  }
  return NULL;
}

static void
note_trouble (SlDebounce *debounce, Trouble trouble, guint link)
{
  Entry *entry = find_entry (debounce, trouble, link);

  if (entry == NULL) {
    Entry begun = {trouble, link, G_MAXINT64, 0};
    g_array_append_val (debounce->entries, begun);
  } else if (entry->ended_at != G_MAXINT64) {
    entry->ended_at = G_MAXINT64;
    entry->relapses++;
  }
}

static gint64
get_settle_time (const Entry *entry)
{
  return MIN (SETTLE_FIRST << MIN (entry->relapses, 10), SETTLE_LAST);
}

/* The hints have no trouble any more: whether @entry still counts. */
static gboolean
still_counts (SlDebounce *debounce, Entry *entry, gint64 now)
{
  gint64 until;

  if (entry->ended_at == G_MAXINT64)
    entry->ended_at = now;
  until = entry->ended_at + get_settle_time (entry);
  if (now >= until)
    return FALSE;
  debounce->next_change = MIN (debounce->next_change, until);
  return TRUE;
}

/* Notes @trouble if @conditions have it; adds it to them if it ended only a moment ago. */
static void
apply_one (
    SlDebounce *debounce, SlConditions *conditions, SlLink *link, Trouble trouble, gint64 now)
{
  guint index = link != NULL ? link->index : 0;
  Entry *entry;

  if (is_there (conditions, link, trouble)) {
    note_trouble (debounce, trouble, index);
    return;
  }
  entry = find_entry (debounce, trouble, index);
  if (entry != NULL && still_counts (debounce, entry, now))
    put_there (conditions, link, trouble);
}

/* Ends the troubles of links that are gone. */
static void
end_of_gone_links (SlDebounce *debounce, const SlConditions *conditions, gint64 now)
{
  for (guint i = 0; i < debounce->entries->len; i++) {
    Entry *entry = &g_array_index (debounce->entries, Entry, i);
    const SlLink *link =
        entry->link != 0 ? sl_conditions_find_link (conditions, entry->link) : NULL;
    if (entry->link != 0 && entry->ended_at == G_MAXINT64 &&
        (link == NULL || link->index != entry->link))
      entry->ended_at = now;
  }
}

static void
forget_old (SlDebounce *debounce, gint64 now)
{
  for (guint i = debounce->entries->len; i > 0; i--) {
    const Entry *entry = &g_array_index (debounce->entries, Entry, i - 1);
    if (entry->ended_at != G_MAXINT64 && now - entry->ended_at > FORGET_AFTER)
      g_array_remove_index_fast (debounce->entries, i - 1);
  }
}

SlConditions *
sl_debounce_apply (SlDebounce *debounce, const SlConditions *conditions, gint64 now)
{
  SlConditions *debounced = sl_conditions_copy (conditions);

  debounce->next_change = G_MAXINT64;
  for (guint trouble = 0; trouble < TROUBLE_METERED; trouble++)
    apply_one (debounce, debounced, NULL, (Trouble)trouble, now);
  for (guint i = 0; i < debounced->links->len; i++) {
    for (guint trouble = TROUBLE_METERED; trouble < N_TROUBLES; trouble++)
      apply_one (debounce, debounced, debounced->links->pdata[i], (Trouble)trouble, now);
  }
  end_of_gone_links (debounce, conditions, now);
  forget_old (debounce, now);
  return debounced;
}

gint64
sl_debounce_get_next_change (const SlDebounce *debounce)
{
  return debounce->next_change;
}
