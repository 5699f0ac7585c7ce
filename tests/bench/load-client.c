/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client that puts the load of a benchmark on the daemon, and does as little work itself as possible: one
 * connection, one match rule for all objects, no proxies. Prints its result as "name value" lines.
 */
#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BUS_NAME        "org.sluice.Sluice1"
#define MANAGER_PATH    "/org/sluice/Sluice1"
#define DOWNLOAD_PATH   MANAGER_PATH "/download"
#define MANAGER_IFACE   BUS_NAME ".Manager"
#define DOWNLOAD_IFACE  BUS_NAME ".Download"
#define CALL_TIMEOUT_MS (600 * 1000)

static GDBusConnection *bus;

/* Many downloads, and how far they are. */
typedef struct {
  GMainLoop *loop;    /* (owned) */
  const char *end;    /* the state that each has to reach */
  gboolean finalizes; /* call Finalize() of each transferred download */
  guint wanted;
  guint done;
  guint failed;
  guint replies; /* how many replies are still to come */
} Crowd;

static void G_GNUC_NORETURN
fail (const char *what, const GError *error)
{
  g_printerr ("load-client: %s: %s\n", what, error != NULL ? error->message : "failed");
  exit (EXIT_FAILURE);
}

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* (transfer full) */
static GVariant *
call (const char *path, const char *interface, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (bus, BUS_NAME, path, interface, method, arguments, NULL,
                                   G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, &error);

  if (reply == NULL)
    fail (method, error);
  return reply;
}

static guint64
get_uint64 (const char *path, const char *name)
{
  g_autoptr (GVariant) reply = call (path, "org.freedesktop.DBus.Properties", "Get",
                                     g_variant_new ("(ss)", DOWNLOAD_IFACE, name));
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint64 (value);
}

/* (transfer floating): properties of one download; each "Name=value" in @extra is a string, with a few exceptions */
static GVariant *
properties_new (const char *local_path, gboolean automatic, char **extra)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "LocalPath", g_variant_new_string (local_path));
  if (automatic) {
    g_variant_builder_add (&builder, "{sv}", "AutoStart", g_variant_new_boolean (TRUE));
    g_variant_builder_add (&builder, "{sv}", "AutoFinalize", g_variant_new_boolean (TRUE));
  }
  for (; extra != NULL && *extra != NULL; extra++) {
    g_auto (GStrv) pair = g_strsplit (*extra, "=", 2);

    if (g_str_equal (pair[0], "SecurityFlags"))
      g_variant_builder_add (&builder, "{sv}", pair[0],
                             g_variant_new_strv ((const char *const *)&pair[1], 1));
    else if (g_str_equal (pair[0], "MaxBytesPerSecond"))
      g_variant_builder_add (&builder, "{sv}", pair[0],
                             g_variant_new_uint64 (g_ascii_strtoull (pair[1], NULL, 10)));
    else
      g_variant_builder_add (&builder, "{sv}", pair[0], g_variant_new_string (pair[1]));
  }
  return g_variant_builder_end (&builder);
}

static void
crowd_check (Crowd *crowd)
{
  if (crowd->done + crowd->failed >= crowd->wanted && crowd->replies == 0)
    g_main_loop_quit (crowd->loop);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    fail ("call", error);
  crowd->replies--;
  crowd_check (crowd);
}

static void
crowd_call (Crowd *crowd, const char *path, const char *method, GVariant *arguments)
{
  crowd->replies++;
  g_dbus_connection_call (bus, BUS_NAME, path, DOWNLOAD_IFACE, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, on_reply, crowd);
}

static void
on_status (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  Crowd *crowd = user_data;
  const char *state = NULL;
  const char *error = NULL;

  g_variant_get (parameters, "(&stt&s)", &state, NULL, NULL, &error);
  if (g_str_equal (state, crowd->end))
    crowd->done++;
  else if (g_str_equal (state, "failed")) {
    g_printerr ("load-client: %s: %s\n", path, error);
    crowd->failed++;
  } else if (g_str_equal (state, "transferred") && crowd->finalizes)
    crowd_call (crowd, path, "Finalize", g_variant_new ("(a{sv})", NULL));
  crowd_check (crowd);
}

static void
crowd_watch (Crowd *crowd)
{
  crowd->loop = g_main_loop_new (NULL, FALSE);
  g_dbus_connection_signal_subscribe (bus, NULL, DOWNLOAD_IFACE, "StatusChanged", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_status, crowd, NULL);
}

/* get URI PATH [NAME=VALUE…]: one download from creation to finalized */
static int
run_get (int argc, char **argv)
{
  Crowd crowd = {.wanted = 1, .end = "finalized"};
  gint64 start = g_get_monotonic_time ();

  crowd_watch (&crowd);
  g_variant_unref (
      call (MANAGER_PATH, MANAGER_IFACE, "CreateDownload",
            g_variant_new ("(s@a{sv})", argv[0], properties_new (argv[1], TRUE, argv + 2))));
  g_main_loop_run (crowd.loop);
  g_print ("seconds %.4f\n", seconds_since (start));
  return crowd.failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* (transfer floating): @count ranges of @length bytes, one every @step bytes */
static GVariant *
ranges_new (guint64 count, guint64 step, guint64 length)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tt)"));
  for (guint64 i = 0; i < count; i++)
    g_variant_builder_add (&builder, "(tt)", i * step, length);
  return g_variant_builder_end (&builder);
}

static guint64
parse_number (const char *text)
{
  return g_ascii_strtoull (text, NULL, 10);
}

/* ranges URI PATH COUNT STEP LENGTH: prints how long COUNT ranges of one file take, from Start() to transferred */
static int
run_ranges (int argc, char **argv)
{
  Crowd crowd = {.wanted = 1, .end = "transferred"};
  char *extra[] = {"Priority=foreground", NULL};
  g_autoptr (GVariant) reply = NULL;
  const char *path = NULL;
  gint64 start;

  crowd_watch (&crowd);
  reply = call (MANAGER_PATH, MANAGER_IFACE, "CreateDownload",
                g_variant_new ("(s@a{sv})", argv[0], properties_new (argv[1], FALSE, extra)));
  g_variant_get (reply, "(&o)", &path);
  start = g_get_monotonic_time ();
  crowd_call (&crowd, path, "Start",
              g_variant_new ("(@a(tt))", ranges_new (parse_number (argv[2]), parse_number (argv[3]),
                                                     parse_number (argv[4]))));
  g_main_loop_run (crowd.loop);
  g_print ("seconds %.4f\n", seconds_since (start));
  if (crowd.failed == 0)
    g_variant_unref (call (path, DOWNLOAD_IFACE, "Finalize", g_variant_new ("(a{sv})", NULL)));
  return crowd.failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* (transfer full): the reply of CreateDownloads() for BASE/0 to BASE/COUNT-1 */
static GVariant *
create_many (const char *base, const char *directory, guint count, gboolean automatic)
{
  GVariantBuilder requests;

  g_variant_builder_init (&requests, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < count; i++) {
    g_autofree char *uri = g_strdup_printf ("%s/%u", base, i);
    g_autofree char *path = g_strdup_printf ("%s/%u", directory, i);

    g_variant_builder_add (&requests, "(s@a{sv})", uri, properties_new (path, automatic, NULL));
  }
  return call (MANAGER_PATH, MANAGER_IFACE, "CreateDownloads",
               g_variant_new ("(a(sa{sv}))", &requests));
}

/* many BASE DIRECTORY COUNT auto|explicit: prints how long it takes from one call until all are finalized */
static int
run_many (int argc, char **argv)
{
  Crowd crowd = {.wanted = (guint)g_ascii_strtoull (argv[2], NULL, 10),
                 .end = "finalized",
                 .finalizes = g_str_equal (argv[3], "explicit")};
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariantIter) paths = NULL;
  const char *path;

  crowd_watch (&crowd);
  reply = create_many (argv[0], argv[1], crowd.wanted, !crowd.finalizes);
  g_print ("created %.4f\n", seconds_since (start));
  if (crowd.finalizes) {
    g_variant_get (reply, "(ao)", &paths);
    while (g_variant_iter_loop (paths, "&o", &path))
      crowd_call (&crowd, path, "Start", g_variant_new ("(a(tt))", NULL));
  }
  g_main_loop_run (crowd.loop);
  g_print ("seconds %.4f\n", seconds_since (start));
  return crowd.failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* fill URI DIRECTORY COUNT: creates many queued downloads of one address, in calls of 5,000 */
static int
run_fill (int argc, char **argv)
{
  guint count = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  gint64 start = g_get_monotonic_time ();

  for (guint done = 0; done < count; done += 5000) {
    g_autofree char *prefix = g_strdup_printf ("%s/%u-", argv[1], done);
    GVariantBuilder requests;

    g_variant_builder_init (&requests, G_VARIANT_TYPE ("a(sa{sv})"));
    for (guint i = 0; i < MIN (5000, count - done); i++) {
      g_autofree char *path = g_strdup_printf ("%s%u", prefix, i);

      g_variant_builder_add (&requests, "(s@a{sv})", argv[0], properties_new (path, TRUE, NULL));
    }
    g_variant_unref (call (MANAGER_PATH, MANAGER_IFACE, "CreateDownloads",
                           g_variant_new ("(a(sa{sv}))", &requests)));
  }
  g_print ("seconds %.4f\n", seconds_since (start));
  return EXIT_SUCCESS;
}

/* list LIMIT TIMES: prints how long each ListDownloads() takes */
static int
run_list (int argc, char **argv)
{
  guint times = (guint)g_ascii_strtoull (argv[1], NULL, 10);

  for (guint i = 0; i < times; i++) {
    gint64 start = g_get_monotonic_time ();
    GVariantBuilder filter;
    g_autoptr (GVariant) reply = NULL;
    g_autoptr (GVariant) paths = NULL;

    g_variant_builder_init (&filter, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&filter, "{sv}", "Limit",
                           g_variant_new_uint32 ((guint)g_ascii_strtoull (argv[0], NULL, 10)));
    reply = call (MANAGER_PATH, MANAGER_IFACE, "ListDownloads", g_variant_new ("(a{sv})", &filter));
    paths = g_variant_get_child_value (reply, 0);
    g_print ("seconds %.6f\ncount %" G_GSIZE_FORMAT "\n", seconds_since (start),
             g_variant_n_children (paths));
  }
  return EXIT_SUCCESS;
}

static void
on_name (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

/* answer: waits for the name on the bus and for the first answer; prints the time of the answer */
static int
run_answer (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint watch = g_bus_watch_name_on_connection (bus, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                on_name, NULL, loop, NULL);

  g_main_loop_run (loop);
  g_variant_unref (call (MANAGER_PATH, "org.freedesktop.DBus.Properties", "Get",
                         g_variant_new ("(ss)", MANAGER_IFACE, "QueuedTransfers")));
  g_print ("monotonic %.6f\n", (double)g_get_monotonic_time () / G_USEC_PER_SEC);
  g_bus_unwatch_name (watch);
  return EXIT_SUCCESS;
}

/* (transfer full): the object path of a new foreground download, started */
static char *
start_one (char **argv, gboolean finalizes)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) reply = NULL;
  char *path = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "LocalPath", g_variant_new_string (argv[1]));
  g_variant_builder_add (&builder, "{sv}", "Priority", g_variant_new_string ("foreground"));
  g_variant_builder_add (&builder, "{sv}", "AutoStart", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&builder, "{sv}", "AutoFinalize", g_variant_new_boolean (finalizes));
  reply = call (MANAGER_PATH, MANAGER_IFACE, "CreateDownload",
                g_variant_new ("(sa{sv})", argv[0], &builder));
  g_variant_get (reply, "(o)", &path);
  return path;
}

/* Calls GetStatus() once. Stores the state in @state (16 bytes), and returns the transferred bytes. */
static guint64
get_status (const char *path, char *state)
{
  g_autoptr (GVariant) reply = call (path, DOWNLOAD_IFACE, "GetStatus", NULL);
  const char *text = NULL;
  guint64 transferred = 0;

  g_variant_get (reply, "(&stt&s&s)", &text, NULL, &transferred, NULL, NULL);
  g_strlcpy (state, text, 16);
  return transferred;
}

/* latency URI PATH: calls GetStatus() once a millisecond until finalized; prints the time of each call in ms */
static int
run_latency (int argc, char **argv)
{
  g_autofree char *path = start_one (argv, TRUE);
  char state[16] = "";

  while (!g_str_equal (state, "finalized") && !g_str_equal (state, "failed")) {
    gint64 start = g_get_monotonic_time ();

    get_status (path, state);
    g_print ("ms %.3f\n", seconds_since (start) * 1000);
    g_usleep (1000);
  }
  return g_str_equal (state, "failed") ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* pause URI PATH BYTES: pauses once BYTES are there; prints how long after the call the last byte was read */
static int
run_pause (int argc, char **argv)
{
  g_autofree char *path = start_one (argv, FALSE);
  guint64 enough = g_ascii_strtoull (argv[2], NULL, 10);
  char state[16] = "";
  gint64 start;
  double last;
  guint64 fetched;

  while (get_status (path, state) < enough) {
    if (g_str_equal (state, "failed") || g_str_equal (state, "transferred"))
      fail ("pause", NULL);
    g_usleep (1000);
  }
  start = g_get_monotonic_time ();
  g_variant_unref (call (path, DOWNLOAD_IFACE, "Pause", NULL));
  last = seconds_since (start);
  g_print ("reply_ms %.3f\n", last * 1000);
  fetched = get_uint64 (path, "BytesFetched");
  while (seconds_since (start) < last + 0.3) {
    guint64 now = get_uint64 (path, "BytesFetched");

    if (now != fetched)
      last = seconds_since (start);
    fetched = now;
    g_usleep (1000);
  }
  g_print ("ms %.3f\n", last * 1000);
  g_variant_unref (call (path, DOWNLOAD_IFACE, "Abort", NULL));
  return EXIT_SUCCESS;
}

/* pace URI PATH RATE SECONDS: limits a download to RATE; prints its mean rate over SECONDS after its first byte */
static int
run_pace (int argc, char **argv)
{
  double seconds = g_ascii_strtod (argv[3], NULL);
  guint64 rate = g_ascii_strtoull (argv[2], NULL, 10);
  g_autofree char *limit = g_strdup_printf ("MaxBytesPerSecond=%" G_GUINT64_FORMAT, rate);
  char *extra[] = {limit, NULL};
  g_autoptr (GVariant) reply =
      call (MANAGER_PATH, MANAGER_IFACE, "CreateDownload",
            g_variant_new ("(s@a{sv})", argv[0], properties_new (argv[1], TRUE, extra)));
  const char *path = NULL;
  guint64 before;
  gint64 start;

  g_variant_get (reply, "(&o)", &path);
  while ((before = get_uint64 (path, "BytesFetched")) == 0)
    g_usleep (1000);
  start = g_get_monotonic_time ();
  g_usleep ((gulong)(seconds * G_USEC_PER_SEC));
  g_print ("rate %.0f\n",
           (double)(get_uint64 (path, "BytesFetched") - before) / seconds_since (start));
  g_variant_unref (call (path, DOWNLOAD_IFACE, "Abort", NULL));
  return EXIT_SUCCESS;
}

/* start URI PATH: starts a foreground download; prints its object path */
static int
run_start (int argc, char **argv)
{
  g_autofree char *path = start_one (argv, TRUE);

  g_print ("object %s\n", path);
  return EXIT_SUCCESS;
}

/* kill PID OBJECT MS: after MS asks for the status of the download, and kills the daemon at once; prints the status */
static int
run_kill (int argc, char **argv)
{
  gint64 start = g_get_monotonic_time ();
  double seconds = g_ascii_strtod (argv[2], NULL) / 1000;
  char state[16] = "";
  guint64 transferred;

  do {
    transferred = get_status (argv[1], state);
  } while (seconds_since (start) < seconds);
  if (kill ((pid_t)g_ascii_strtoull (argv[0], NULL, 10), SIGKILL) != 0)
    fail ("kill", NULL);
  g_print ("transferred %" G_GUINT64_FORMAT "\nstate %s\n", transferred, state);
  return EXIT_SUCCESS;
}

/* status OBJECT: prints the status of the download */
static int
run_status (int argc, char **argv)
{
  char state[16] = "";
  guint64 transferred = get_status (argv[0], state);

  g_print ("transferred %" G_GUINT64_FORMAT "\nstate %s\n", transferred, state);
  return EXIT_SUCCESS;
}

/* finish OBJECT: waits until the download is finalized */
static int
run_finish (int argc, char **argv)
{
  char state[16] = "";

  while (!g_str_equal (state, "finalized") && !g_str_equal (state, "failed")) {
    get_status (argv[0], state);
    g_usleep (10000);
  }
  return g_str_equal (state, "failed") ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const struct {
  const char *name;
  int arguments; /* the least number */
  int (*run) (int argc, char **argv);
} commands[] = {
    {"get", 2, run_get},       {"many", 4, run_many},     {"fill", 3, run_fill},
    {"list", 2, run_list},     {"answer", 0, run_answer}, {"latency", 2, run_latency},
    {"pause", 3, run_pause},   {"pace", 4, run_pace},     {"start", 2, run_start},
    {"kill", 3, run_kill},     {"status", 1, run_status}, {"finish", 1, run_finish},
    {"ranges", 5, run_ranges},
};

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (bus == NULL)
    fail ("bus", error);
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name) && argc - 2 >= commands[i].arguments)
      return commands[i].run (argc - 2, argv + 2);
  g_printerr ("usage: load-client "
              "get|many|fill|list|answer|latency|pause|pace|start|kill|status|finish|ranges …\n");
  return EXIT_FAILURE;
}
