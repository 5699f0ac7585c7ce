/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints on cellular networks, from ModemManager. One call of its object manager returns everything about all
 * modems; we call again when something relevant changes. Bearers (connections) are not among its objects, so each is
 * watched.
 */
#include "hints/modem.h"

#include "hints/peer.h"
#include "hints/watch.h"

#define NAME           "org.freedesktop.ModemManager1"
#define ROOT           "/org/freedesktop/ModemManager1"
#define MODEM          "org.freedesktop.ModemManager1.Modem"
#define MODEM_3GPP     "org.freedesktop.ModemManager1.Modem.Modem3gpp"
#define BEARER         "org.freedesktop.ModemManager1.Bearer"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES     "org.freedesktop.DBus.Properties"

/* MMModemPortType and MMModem3gppRegistrationState of ModemManager */
enum { PORT_NET = 2 };
enum { STATE_ROAMING = 5, STATE_ROAMING_SMS_ONLY = 7, STATE_ROAMING_CSFB_NOT_PREFERRED = 10 };

struct _SlModem {
  SlPeer *peer;      /* (owned) */
  gboolean reading;  /* a call is pending */
  gboolean again;    /* something changed after the call was sent: call again */
  GVariant *objects; /* (owned) (nullable) a{oa{sa{sv}}} of the last reply; NULL: no ModemManager */
  GHashTable *bearers; /* (owned) path → SlWatch (owned) */
  GVariant
      *modems; /* (owned) (nullable) a(asbs): interfaces, roaming, operator; as last reported */
  SlSourceChanged changed;
  gpointer user_data;
};

/* The properties that matter. */
static const char *const read_for[] = {"Ports", "Bearers", "RegistrationState", "OperatorName"};

static void
add_ports (GVariantBuilder *interfaces, GVariant *properties)
{
  g_autoptr (GVariant) ports =
      g_variant_lookup_value (properties, "Ports", G_VARIANT_TYPE ("a(su)"));
  GVariantIter iter;
  const char *name;
  guint32 type;

  if (ports == NULL)
    return;
  g_variant_iter_init (&iter, ports);
  while (g_variant_iter_next (&iter, "(&su)", &name, &type)) {
    if (type == PORT_NET)
      g_variant_builder_add (interfaces, "s", name);
  }
}

/* (transfer full): paths; may be empty */
static const char **
get_bearers (GVariant *properties)
{
  const char **paths = NULL;

  if (!g_variant_lookup (properties, "Bearers", "^a&o", &paths))
    paths = g_new0 (const char *, 1);
  return paths;
}

/*
 * Adds the interfaces of bearers: with several connections each has an interface of its own, which is not among the
 * modem's ports.
 */
static void
add_bearers (SlModem *modem, GVariantBuilder *interfaces, GVariant *properties)
{
  g_autofree const char **paths = get_bearers (properties);

  for (const char **path = paths; *path != NULL; path++) {
    SlWatch *watch = g_hash_table_lookup (modem->bearers, *path);
    GVariant *values = watch != NULL ? sl_watch_get_values (watch) : NULL;
    gboolean connected;
    const char *interface;

    if (values != NULL && g_variant_lookup (values, "Connected", "b", &connected) && connected &&
        g_variant_lookup (values, "Interface", "&s", &interface) && *interface != '\0')
      g_variant_builder_add (interfaces, "s", interface);
  }
}

static gboolean
is_roaming (GVariant *properties)
{
  guint32 state;

  return g_variant_lookup (properties, "RegistrationState", "u", &state) &&
         (state == STATE_ROAMING || state == STATE_ROAMING_SMS_ONLY ||
          state == STATE_ROAMING_CSFB_NOT_PREFERRED);
}

/* @interfaces: a{sa{sv}} of one object; ignored unless it is a modem */
static void
add_modem (SlModem *modem, GVariantBuilder *modems, GVariant *interfaces)
{
  g_autoptr (GVariant) properties =
      g_variant_lookup_value (interfaces, MODEM, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) cellular =
      g_variant_lookup_value (interfaces, MODEM_3GPP, G_VARIANT_TYPE_VARDICT);
  g_autofree char *operator_ = NULL;

  if (properties == NULL)
    return;
  g_variant_builder_open (modems, G_VARIANT_TYPE ("(asbs)"));
  g_variant_builder_open (modems, G_VARIANT_TYPE ("as"));
  add_ports (modems, properties);
  add_bearers (modem, modems, properties);
  g_variant_builder_close (modems);
  g_variant_builder_add (modems, "b", cellular != NULL && is_roaming (cellular));
  if (cellular != NULL)
    g_variant_lookup (cellular, "OperatorName", "s", &operator_);
  g_variant_builder_add (modems, "s", operator_ != NULL ? operator_ : "");
  g_variant_builder_close (modems);
}

/* (transfer full) (nullable): a(asbs) of all modems */
static GVariant *
gather (SlModem *modem)
{
  GVariantBuilder modems;
  GVariantIter iter;
  GVariant *interfaces;

  if (modem->objects == NULL)
    return NULL;
  g_variant_builder_init (&modems, G_VARIANT_TYPE ("a(asbs)"));
  g_variant_iter_init (&iter, modem->objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
    add_modem (modem, &modems, interfaces);
  return g_variant_ref_sink (g_variant_builder_end (&modems));
}

static void
report (SlModem *modem)
{
  g_autoptr (GVariant) modems = gather (modem);

  if (modems == modem->modems ||
      (modems != NULL && modem->modems != NULL && g_variant_equal (modems, modem->modems)))
    return;
  g_clear_pointer (&modem->modems, g_variant_unref);
  modem->modems = g_steal_pointer (&modems);
  modem->changed (modem->user_data);
}

static void
on_bearer (GVariant *values, gpointer data)
{
  report (data);
}

/* Moves the watches of one modem's bearers to @kept, and watches new bearers. */
static void
keep_bearers (SlModem *modem, GHashTable *kept, GVariant *interfaces)
{
  g_autoptr (GVariant) properties =
      g_variant_lookup_value (interfaces, MODEM, G_VARIANT_TYPE_VARDICT);
  g_autofree const char **paths = properties != NULL ? get_bearers (properties) : NULL;

  for (const char **path = paths; path != NULL && *path != NULL; path++) {
    const SlWatchObject object = {NAME, *path, BEARER, SL_WATCH_NONE};
    gpointer name, watch;

    if (g_hash_table_contains (kept, *path))
      continue;
    if (g_hash_table_steal_extended (modem->bearers, *path, &name, &watch))
      g_hash_table_insert (kept, name, watch);
    else
      g_hash_table_insert (kept, g_strdup (*path),
                           sl_watch_new (sl_peer_get_bus (modem->peer), &object, on_bearer, modem));
  }
}

static GHashTable *
new_bearers (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)sl_watch_free);
}

static void
watch_bearers (SlModem *modem)
{
  GHashTable *kept = new_bearers ();
  GVariantIter iter;
  GVariant *interfaces;

  if (modem->objects != NULL) {
    g_variant_iter_init (&iter, modem->objects);
    while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
      keep_bearers (modem, kept, interfaces);
  }
  g_hash_table_unref (modem->bearers);
  modem->bearers = kept;
}

/* @objects: (transfer full) (nullable) */
static void
take_objects (SlModem *modem, GVariant *objects)
{
  g_clear_pointer (&modem->objects, g_variant_unref);
  modem->objects = objects;
  watch_bearers (modem);
  report (modem);
}

static void read_all (SlModem *modem);

static void
on_read (GVariant *reply, gpointer data)
{
  SlModem *modem = data;

  modem->reading = FALSE;
  if (modem->again)
    read_all (modem);
  take_objects (modem, reply != NULL ? g_variant_get_child_value (reply, 0) : NULL);
}

static void
read_all (SlModem *modem)
{
  static const SlPeerMethod method = {ROOT, OBJECT_MANAGER, "GetManagedObjects", "(a{oa{sa{sv}}})"};

  modem->again = modem->reading;
  if (modem->reading)
    return;
  modem->reading = TRUE;
  sl_peer_call (modem->peer, &method, NULL, on_read);
}

static void
on_objects (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *member,
            GVariant *args,
            gpointer data)
{
  read_all (data);
}

/* Signal strength changes often, and does not matter. */
static gboolean
is_relevant (GVariant *args)
{
  g_autoptr (GVariant) changes = NULL;
  g_autofree const char **invalidated = NULL;
  const char *interface;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(sa{sv}as)")))
    return FALSE;
  g_variant_get (args, "(&s@a{sv}^a&s)", &interface, &changes, &invalidated);
  if (!g_str_equal (interface, MODEM) && !g_str_equal (interface, MODEM_3GPP))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (read_for); i++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (changes, read_for[i], NULL);
    if (value != NULL || g_strv_contains (invalidated, read_for[i]))
      return TRUE;
  }
  return FALSE;
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *member,
               GVariant *args,
               gpointer data)
{
  SlModem *modem = data;

  /* after a failed call, any signal is a reason to call again */
  if (modem->objects == NULL || is_relevant (args))
    read_all (modem);
}

static void
on_owner (const char *owner, gpointer data)
{
  SlModem *modem = data;

  modem->reading = FALSE;
  modem->again = FALSE;
  if (owner == NULL) {
    take_objects (modem, NULL);
    return;
  }
  sl_peer_subscribe (modem->peer, ROOT, OBJECT_MANAGER, NULL, on_objects);
  sl_peer_subscribe (modem->peer, NULL, PROPERTIES, "PropertiesChanged", on_properties);
  read_all (modem);
}

SlModem *
sl_modem_new (GDBusConnection *system, SlSourceChanged changed, gpointer user_data)
{
  SlModem *modem = g_new0 (SlModem, 1);

  modem->changed = changed;
  modem->user_data = user_data;
  modem->bearers = new_bearers ();
  modem->peer = sl_peer_new (system, NAME, SL_PEER_NONE, on_owner, modem);
  return modem;
}

/*
 * (transfer full) (nullable): (asbs), the modem of @link. ModemManager does not know the name of a PPP interface. If
 * another source says that the link is cellular, and there is only one modem, it is that modem.
 */
static GVariant *
find_modem (SlModem *modem, const SlLink *link)
{
  gsize n_modems = g_variant_n_children (modem->modems);

  for (gsize i = 0; i < n_modems; i++) {
    g_autoptr (GVariant) found = g_variant_get_child_value (modem->modems, i);
    g_autofree const char **interfaces = NULL;

    g_variant_get (found, "(^a&sbs)", &interfaces, NULL, NULL);
    if (g_strv_contains (interfaces, link->interface))
      return g_steal_pointer (&found);
  }
  return link->cellular && n_modems == 1 ? g_variant_get_child_value (modem->modems, 0) : NULL;
}

void
sl_modem_fold (SlModem *modem, SlConditions *conditions)
{
  if (modem->modems == NULL)
    return;
  conditions->sources[SL_HINT_CELLULAR] = "ModemManager";
  conditions->sources[SL_HINT_ROAMING] = "ModemManager";
  for (guint i = 0; i < conditions->links->len; i++) {
    SlLink *link = conditions->links->pdata[i];
    g_autoptr (GVariant) found = find_modem (modem, link);

    if (found == NULL)
      continue;
    link->cellular = TRUE;
    g_free (link->operator_);
    g_variant_get (found, "(asbs)", NULL, &link->roaming, &link->operator_);
  }
}

void
sl_modem_free (SlModem *modem)
{
  sl_peer_free (modem->peer);
  g_hash_table_unref (modem->bearers);
  g_clear_pointer (&modem->objects, g_variant_unref);
  g_clear_pointer (&modem->modems, g_variant_unref);
  g_free (modem);
}
