/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the machine says at one moment: all hints folded into one value, which is not changed after that. A hint that
 * no source reports has the value that holds nothing back.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* As NetworkManager's NMConnectivityState. */
typedef enum {
  SL_CONNECTIVITY_UNKNOWN,
  SL_CONNECTIVITY_NONE,
  SL_CONNECTIVITY_PORTAL, /* a captive portal wants a login first */
  SL_CONNECTIVITY_LIMITED,
  SL_CONNECTIVITY_FULL,
} SlConnectivity;

/* As NetworkManager's NMMetered. */
typedef enum {
  SL_METERED_UNKNOWN,
  SL_METERED_YES,
  SL_METERED_NO,
  SL_METERED_GUESS_YES,
  SL_METERED_GUESS_NO,
} SlMetered;

/* A network interface that is up, and what going over it costs. */
typedef struct {
  guint index;     /* of the interface; 0 when unknown */
  char *interface; /* (owned) its name; "" when unknown */
  char *uuid;      /* (owned) of the connection, to count by; "" for none */
  char *name;      /* (owned) of the connection, for people; "" for none */
  SlMetered metered;
  gboolean cellular;
  gboolean roaming;
  gboolean vpn;        /* a tunnel; it costs what the primary link costs */
  gboolean primary;    /* has the default route, or carries the tunnel that has it */
  gboolean busy;       /* other programs send and receive much */
  guint64 capacity;    /* bytes a second, as measured; 0 when unknown */
  char *operator_;     /* (owned) of a cellular network; "" for none */
  GVariant *user_data; /* (owned) (nullable) a{ss}: "user" data in the connection's settings */
} SlLink;

/* The hints, and the keys of the property Sources. */
typedef enum {
  SL_HINT_CONNECTIVITY,
  SL_HINT_METERED,
  SL_HINT_ROAMING,
  SL_HINT_CELLULAR,
  SL_HINT_VPN,
  SL_HINT_ON_BATTERY,
  SL_HINT_BATTERY_LEVEL,
  SL_HINT_POWER_SAVER,
  SL_HINT_USER_IDLE,
  SL_HINT_GAME_MODE,
  SL_HINT_LINK_BUSY,
  SL_N_HINTS
} SlHint;

typedef struct {
  SlConnectivity connectivity;
  gboolean vpn; /* one is up */
  gboolean on_battery;
  double battery_level; /* percent; 100 when unknown */
  gboolean battery_critical;
  gboolean power_saver;
  gboolean user_idle; /* TRUE when unknown */
  gboolean game_mode;
  GPtrArray *links; /* (owned) (element-type SlLink), the primary first */
  /* The name of the service that reports each hint, a static string; NULL: unavailable */
  const char *sources[SL_N_HINTS];
} SlConditions;

/* (transfer full): nothing is known, nothing holds back */
SlConditions *sl_conditions_new (void);
/* (transfer full) */
SlConditions *sl_conditions_copy (const SlConditions *conditions);
void sl_conditions_free (SlConditions *conditions);
gboolean sl_conditions_equal (const SlConditions *a, const SlConditions *b);
/* (transfer none) (nullable): the link of the interface @index; the primary for 0, and for one that is not there */
const SlLink *sl_conditions_find_link (const SlConditions *conditions, guint index);

/* (transfer full): unknown in everything, with empty strings */
SlLink *sl_link_new (guint index, const char *interface);
/* (transfer full) */
SlLink *sl_link_copy (const SlLink *link);
void sl_link_free (SlLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlConditions, sl_conditions_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlLink, sl_link_free)

G_END_DECLS
