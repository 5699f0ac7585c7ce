/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client that changes a property of a mock of NetworkManager, and measures how long the daemon takes to react. Prints
 * its result as "name value" lines.
 */
#include <gio/gio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BUS_NAME        "org.sluice.Sluice1"
#define MANAGER_PATH    "/org/sluice/Sluice1"
#define MANAGER_IFACE   BUS_NAME ".Manager"
#define DOWNLOAD_IFACE  BUS_NAME ".Download"
#define PROPERTIES      "org.freedesktop.DBus.Properties"
#define NM_NAME         "org.freedesktop.NetworkManager"
#define NM_DEVICE       "/org/freedesktop/NetworkManager/Devices/1"
#define CALL_TIMEOUT_MS (600 * 1000)
/* Values of NMMetered. */
#define METERED_YES 1
#define METERED_NO  2

static GDBusConnection *session, *machine;

/* What the client waits for after it has changed the property (a flip). Times are monotonic; 0: not yet. */
typedef struct {
  GMainLoop *loop;   /* (owned) */
  GHashTable *told;  /* (owned) paths of the downloads that have reported the change */
  gboolean held;     /* whether "metered" has to be among the reasons */
  guint wanted;      /* how many downloads have to report */
  gint64 hint_at;    /* when the mock sent its signal */
  gint64 stopped_at; /* when StatusChanged said “queued” */
  gint64 told_at;    /* when the last of the wanted downloads reported */
} Flip;

static void G_GNUC_NORETURN
fail (const char *what, const GError *error)
{
  g_printerr ("flip-client: %s: %s\n", what, error != NULL ? error->message : "failed");
  exit (EXIT_FAILURE);
}

static double
to_ms (gint64 time)
{
  return (double)time / 1000;
}

/* (transfer full): the reply of the daemon */
static GVariant *
call (const char *path, const char *interface, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (session, BUS_NAME, path, interface, method, arguments, NULL,
                                   G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, &error);

  if (reply == NULL)
    fail (method, error);
  return reply;
}

static guint64
get_fetched (const char *path)
{
  g_autoptr (GVariant) reply =
      call (path, PROPERTIES, "Get", g_variant_new ("(ss)", DOWNLOAD_IFACE, "BytesFetched"));
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint64 (value);
}

/* Flips. */

static void
check (Flip *flip)
{
  if (flip->hint_at != 0 && flip->told_at != 0)
    g_main_loop_quit (flip->loop);
}

static void
on_hint (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *signal,
         GVariant *parameters,
         gpointer data)
{
  Flip *flip = data;

  if (flip->hint_at == 0)
    flip->hint_at = g_get_monotonic_time ();
  check (flip);
}

/* Whether @changes of a download are those that the client waits for. */
static gboolean
is_told (const Flip *flip, GVariant *changes)
{
  g_autofree const char **reasons = NULL;
  const char *state = "";

  if (!g_variant_lookup (changes, "StateReasons", "^a&s", &reasons) ||
      !g_variant_lookup (changes, "State", "&s", &state))
    return FALSE;
  if (flip->held)
    return g_str_equal (state, "queued") && g_strv_contains (reasons, "metered");
  return !g_strv_contains (reasons, "metered");
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer data)
{
  Flip *flip = data;
  g_autoptr (GVariant) changes = g_variant_get_child_value (parameters, 1);

  if (!is_told (flip, changes) || !g_hash_table_add (flip->told, g_strdup (path)))
    return;
  if (g_hash_table_size (flip->told) == flip->wanted)
    flip->told_at = g_get_monotonic_time ();
  check (flip);
}

static void
on_status (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  Flip *flip = data;
  const char *state = NULL;

  g_variant_get (parameters, "(&stt&s)", &state, NULL, NULL, NULL);
  if (flip->stopped_at == 0 && g_str_equal (state, "queued"))
    flip->stopped_at = g_get_monotonic_time ();
}

static void
flip_watch (Flip *flip)
{
  flip->loop = g_main_loop_new (NULL, FALSE);
  flip->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_dbus_connection_signal_subscribe (machine, NM_NAME, PROPERTIES, "PropertiesChanged", NM_DEVICE,
                                      NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_hint, flip, NULL);
  g_dbus_connection_signal_subscribe (session, BUS_NAME, PROPERTIES, "PropertiesChanged", NULL,
                                      DOWNLOAD_IFACE, G_DBUS_SIGNAL_FLAGS_NONE, on_properties, flip,
                                      NULL);
  g_dbus_connection_signal_subscribe (session, BUS_NAME, DOWNLOAD_IFACE, "StatusChanged", NULL,
                                      NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_status, flip, NULL);
}

static void
flip_clear (Flip *flip)
{
  g_main_loop_unref (flip->loop);
  g_hash_table_unref (flip->told);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Flip, flip_clear)

static void
on_flipped (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (reply == NULL)
    fail ("UpdateProperties", error);
}

/* Has the mock change the property; waits for the mock's signal and for the reports of @wanted downloads. */
static void
flip_to (Flip *flip, guint metered, guint wanted)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_hash_table_remove_all (flip->told);
  flip->held = metered == METERED_YES;
  flip->wanted = wanted;
  flip->hint_at = flip->stopped_at = 0;
  flip->told_at = wanted == 0 ? g_get_monotonic_time () : 0;
  g_variant_builder_add (&values, "{sv}", "Metered", g_variant_new_uint32 (metered));
  g_dbus_connection_call (machine, NM_NAME, NM_DEVICE, "org.freedesktop.DBus.Mock",
                          "UpdateProperties",
                          g_variant_new ("(sa{sv})", NM_NAME ".Device", &values), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, on_flipped, NULL);
  g_main_loop_run (flip->loop);
}

/* Commands. */

/* (transfer full): the object of a new background download, started */
static char *
start_one (const char *uri, const char *local_path)
{
  GVariantBuilder properties = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) reply = NULL;
  char *path = NULL;

  g_variant_builder_add (&properties, "{sv}", "LocalPath", g_variant_new_string (local_path));
  g_variant_builder_add (&properties, "{sv}", "AutoStart", g_variant_new_boolean (TRUE));
  reply = call (MANAGER_PATH, MANAGER_IFACE, "CreateDownload",
                g_variant_new ("(sa{sv})", uri, &properties));
  g_variant_get (reply, "(o)", &path);
  return path;
}

/* one URI PATH: holds a running download, and releases it */
static int
run_one (char **argv)
{
  g_autofree char *path = start_one (argv[0], argv[1]);
  g_auto (Flip) flip = {0};
  guint64 fetched;

  flip_watch (&flip);
  while (get_fetched (path) == 0)
    g_usleep (1000);
  flip_to (&flip, METERED_YES, 1);
  g_print ("stopped_ms %.3f\nheld_ms %.3f\n", to_ms (flip.stopped_at - flip.hint_at),
           to_ms (flip.told_at - flip.hint_at));
  fetched = get_fetched (path);
  g_usleep (G_USEC_PER_SEC / 5);
  g_print ("after %" G_GUINT64_FORMAT "\n", get_fetched (path) - fetched);
  flip_to (&flip, METERED_NO, 0);
  while (get_fetched (path) == fetched)
    g_usleep (1000);
  g_print ("released_ms %.3f\n", to_ms (g_get_monotonic_time () - flip.hint_at));
  g_variant_unref (call (path, DOWNLOAD_IFACE, "Abort", NULL));
  return EXIT_SUCCESS;
}

/*
 * all yes|no COUNT: flips, and waits until COUNT downloads have reported that they are held because of it, or released
 */
static int
run_all (char **argv)
{
  g_auto (Flip) flip = {0};

  flip_watch (&flip);
  flip_to (&flip, g_str_equal (argv[0], "yes") ? METERED_YES : METERED_NO,
           (guint)g_ascii_strtoull (argv[1], NULL, 10));
  g_print ("seconds %.4f\n", (double)(flip.told_at - flip.hint_at) / G_USEC_PER_SEC);
  return EXIT_SUCCESS;
}

/* probe: calls GetStatus() of a download once a millisecond until the input ends; prints the time of each call in ms */
static int
run_probe (char **argv)
{
  GVariantBuilder filter = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  struct pollfd input = {0, POLLIN, 0};
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) paths = NULL;
  g_autofree char *path = NULL;

  g_variant_builder_add (&filter, "{sv}", "Limit", g_variant_new_uint32 (1));
  reply = call (MANAGER_PATH, MANAGER_IFACE, "ListDownloads", g_variant_new ("(a{sv})", &filter));
  paths = g_variant_get_child_value (reply, 0);
  g_variant_get_child (paths, 0, "o", &path);
  while (poll (&input, 1, 1) == 0) {
    gint64 start = g_get_monotonic_time ();
    g_variant_unref (call (path, DOWNLOAD_IFACE, "GetStatus", NULL));
    g_print ("ms %.3f\n", to_ms (g_get_monotonic_time () - start));
  }
  return EXIT_SUCCESS;
}

static const struct {
  const char *name;
  int arguments;
  int (*run) (char **argv);
} commands[] = {{"one", 2, run_one}, {"all", 2, run_all}, {"probe", 0, run_probe}};

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (session != NULL)
    machine = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (machine == NULL)
    fail ("bus", error);
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name) && argc - 2 == commands[i].arguments)
      return commands[i].run (argv + 2);
  g_printerr ("usage: flip-client one URI PATH|all yes|no COUNT|probe\n");
  return EXIT_FAILURE;
}
