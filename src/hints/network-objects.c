/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What NetworkManager's objects say of the network. */
#include "hints/network-objects.h"

#define MANAGER_PATH "/org/freedesktop/NetworkManager"
#define MANAGER      "org.freedesktop.NetworkManager"
#define DEVICE       "org.freedesktop.NetworkManager.Device"
#define ACTIVE       "org.freedesktop.NetworkManager.Connection.Active"

/* The values of NMDeviceType, NMDeviceState and NMActiveConnectionState that matter here. */
enum {
  TYPE_BLUETOOTH = 5,
  TYPE_MODEM = 8,
  TYPE_TUN = 16,
  TYPE_IP_TUNNEL = 17,
  TYPE_WIREGUARD = 29,
  TYPE_LOOPBACK = 32,
};
enum { DEVICE_ACTIVATED = 100, CONNECTION_ACTIVATED = 2 };

typedef struct {
  SlLink *link;        /* (owned) */
  char *settings;      /* (owned) path; "" for none */
  gboolean by_default; /* has a default route of the machine */
  gboolean private_;   /* a tunnel as VPNs use it */
} Entry;

typedef struct {
  GVariant *objects;
  const char *primary; /* path of the active connection; "/" or "" for none */
  GVariant *devices;   /* (nullable) ao, of the primary connection */
} Snapshot;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->link, sl_link_free);
  g_free (entry->settings);
  g_free (entry);
}

/* (transfer full) (nullable): the properties a{sv} of one interface of one object */
static GVariant *
find_properties (GVariant *objects, const char *path, const char *interface)
{
  g_autoptr (GVariant) interfaces = NULL;

  interfaces = g_variant_lookup_value (objects, path, G_VARIANT_TYPE ("a{sa{sv}}"));
  if (interfaces == NULL)
    return NULL;
  return g_variant_lookup_value (interfaces, interface, G_VARIANT_TYPE_VARDICT);
}

/* 0 if it is missing or not a number */
static guint32
get_number (GVariant *properties, const char *name)
{
  guint32 number = 0;

  if (properties != NULL)
    g_variant_lookup (properties, name, "u", &number);
  return number;
}

static gboolean
get_flag (GVariant *properties, const char *name)
{
  gboolean flag = FALSE;

  return properties != NULL && g_variant_lookup (properties, name, "b", &flag) && flag;
}

/* (transfer none): valid as long as @properties; "" if it is missing. @type: "&s" or "&o" */
static const char *
get_text (GVariant *properties, const char *name, const char *type)
{
  const char *text = "";

  if (properties != NULL)
    g_variant_lookup (properties, name, type, &text);
  return text;
}

/* The taps of virtual machines have the same type as the tunnels of VPNs, but lead nowhere. */
static gboolean
is_tunnel (guint32 type, GVariant *interfaces)
{
  g_autoptr (GVariant) tun = NULL;

  if (type != TYPE_TUN)
    return type == TYPE_WIREGUARD || type == TYPE_IP_TUNNEL;
  tun = g_variant_lookup_value (interfaces, DEVICE ".Tun", G_VARIANT_TYPE_VARDICT);
  return !g_str_equal (get_text (tun, "Mode", "&s"), "tap");
}

static gboolean
contains_path (GVariant *paths, const char *path)
{
  GVariantIter iter;
  const char *other;

  if (paths == NULL)
    return FALSE;
  g_variant_iter_init (&iter, paths);
  while (g_variant_iter_next (&iter, "&o", &other)) {
    if (g_str_equal (other, path))
      return TRUE;
  }
  return FALSE;
}

static void
set_text (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

/* Reads the active connection of @device. */
static void
read_active (Entry *entry, const Snapshot *snapshot, const char *path, GVariant *device)
{
  const char *active = get_text (device, "ActiveConnection", "&o");
  g_autoptr (GVariant) connection = find_properties (snapshot->objects, active, ACTIVE);

  set_text (&entry->link->uuid, get_text (connection, "Uuid", "&s"));
  set_text (&entry->link->name, get_text (connection, "Id", "&s"));
  set_text (&entry->settings, get_text (connection, "Connection", "&o"));
  entry->by_default = get_flag (connection, "Default") || get_flag (connection, "Default6");
  entry->link->primary = (connection != NULL && g_str_equal (active, snapshot->primary)) ||
                         contains_path (snapshot->devices, path);
}

/* (transfer full) (nullable): NULL if it is not a device, not up, or leads nowhere */
static Entry *
read_device (const Snapshot *snapshot, const char *path, GVariant *interfaces)
{
  g_autoptr (GVariant) device = g_variant_lookup_value (interfaces, DEVICE, G_VARIANT_TYPE_VARDICT);
  const char *interface = get_text (device, "IpInterface", "&s");
  guint32 type = get_number (device, "DeviceType"), metered = get_number (device, "Metered");
  Entry *entry;

  if (*interface == '\0')
    interface = get_text (device, "Interface", "&s");
  if (get_number (device, "State") != DEVICE_ACTIVATED || type == TYPE_LOOPBACK ||
      *interface == '\0')
    return NULL;
  entry = g_new0 (Entry, 1);
  entry->link = sl_link_new (0, interface);
  entry->link->metered = metered <= SL_METERED_GUESS_NO ? (SlMetered)metered : SL_METERED_UNKNOWN;
  /* Bluetooth leads to a phone; NetworkManager guesses the same */
  entry->link->cellular = type == TYPE_MODEM || type == TYPE_BLUETOOTH;
  entry->link->vpn = is_tunnel (type, interfaces);
  entry->private_ = entry->link->vpn && type != TYPE_IP_TUNNEL;
  read_active (entry, snapshot, path, device);
  return entry;
}

/* The primary link first; the same links always have the same order. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(const Entry *const *)a, *second = *(const Entry *const *)b;

  if (first->link->primary != second->link->primary)
    return first->link->primary ? -1 : 1;
  return g_strcmp0 (first->link->interface, second->link->interface);
}

/* How likely it is that tunnels go over this link; if nothing says, over the one that costs money. */
static guint
rate_as_carrier (const Entry *entry)
{
  const SlLink *link = entry->link;
  gboolean costs =
      link->cellular || link->metered == SL_METERED_YES || link->metered == SL_METERED_GUESS_YES;

  return link->primary ? 4 : entry->by_default ? 3 : costs ? 2 : 1;
}

static void
charge_tunnels (GPtrArray *entries)
{
  const Entry *carrier = NULL;

  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = entries->pdata[i];
    if (!entry->link->vpn &&
        (carrier == NULL || rate_as_carrier (entry) > rate_as_carrier (carrier)))
      carrier = entry;
  }
  for (guint i = 0; i < entries->len && carrier != NULL; i++) {
    SlLink *link = ((Entry *)entries->pdata[i])->link;
    if (link->vpn) {
      link->metered = carrier->link->metered;
      link->cellular = carrier->link->cellular;
    }
  }
}

/* (transfer full) (element-type Entry) */
static GPtrArray *
read_entries (const Snapshot *snapshot, gboolean *vpn)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  g_variant_iter_init (&iter, snapshot->objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces)) {
    Entry *entry = read_device (snapshot, path, interfaces);
    g_autoptr (GVariant) active =
        g_variant_lookup_value (interfaces, ACTIVE, G_VARIANT_TYPE_VARDICT);

    if (entry != NULL)
      g_ptr_array_add (entries, entry);
    if (get_flag (active, "Vpn") && get_number (active, "State") == CONNECTION_ACTIVATED)
      *vpn = TRUE;
  }
  g_ptr_array_sort (entries, compare_entries);
  charge_tunnels (entries);
  return entries;
}

GPtrArray *
sl_network_objects_read (GVariant *objects, SlConditions *conditions)
{
  g_autoptr (GVariant) manager = find_properties (objects, MANAGER_PATH, MANAGER);
  guint32 connectivity = get_number (manager, "Connectivity");
  Snapshot snapshot = {objects, get_text (manager, "PrimaryConnection", "&o"), NULL};
  g_autoptr (GVariant) primary = find_properties (objects, snapshot.primary, ACTIVE);
  g_autoptr (GVariant) devices =
      primary != NULL ? g_variant_lookup_value (primary, "Devices", G_VARIANT_TYPE ("ao")) : NULL;
  g_autoptr (GPtrArray) entries = NULL;
  GPtrArray *settings = g_ptr_array_new_with_free_func (g_free);

  snapshot.devices = devices;
  conditions->connectivity =
      connectivity <= SL_CONNECTIVITY_FULL ? (SlConnectivity)connectivity : SL_CONNECTIVITY_UNKNOWN;
  conditions->vpn = FALSE;
  g_ptr_array_set_size (conditions->links, 0);
  entries = read_entries (&snapshot, &conditions->vpn);
  for (guint i = 0; i < entries->len; i++) {
    Entry *entry = entries->pdata[i];
    conditions->vpn = conditions->vpn || entry->private_;
    g_ptr_array_add (conditions->links, g_steal_pointer (&entry->link));
    g_ptr_array_add (settings, g_steal_pointer (&entry->settings));
  }
  return settings;
}
