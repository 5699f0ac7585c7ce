/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl conditions: the conditions that can hold downloads, and the links. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "table.h"
#include "text.h"
#include "values.h"

#include <glib/gi18n.h>

static const struct {
  const char *name; /* on the bus */
  const char *label;
} hints[] = {
    {"Connectivity", N_ ("Connectivity")},
    {"Metered", N_ ("Metered")},
    {"Roaming", N_ ("Roaming")},
    {"Cellular", N_ ("Cellular network")},
    {"LinkBusy", N_ ("Network is busy")},
    {"Vpn", N_ ("VPN")},
    {"OnBattery", N_ ("On battery")},
    {"BatteryLevel", N_ ("Battery")},
    {"PowerSaver", N_ ("Power is being saved")},
    {"UserIdle", N_ ("User is idle")},
    {"GameMode", N_ ("A game is being played")},
    {"InWindow", N_ ("Within the allowed hours")},
};

static const char *
answer (gboolean yes)
{
  return yes ? _ ("yes") : _ ("no");
}

static const char *
metered_text (GVariant *values)
{
  gboolean metered = values_get_flag (values, "Metered");

  if (!values_get_flag (values, "MeteredGuess"))
    return answer (metered);
  return metered ? _ ("yes (a guess)") : _ ("no (a guess)");
}

/* (transfer full) */
static char *
window_text (GVariant *conditions)
{
  const char *now = answer (values_get_flag (conditions, "InWindow"));
  gint64 change = values_get_time (conditions, "WindowChange");
  g_autofree char *until = change > 0 ? text_time (change) : NULL;

  /* TRANSLATORS: yes or no, and a point in time */
  return until != NULL ? g_strdup_printf (_ ("%s, until %s"), now, until) : g_strdup (now);
}

/* (transfer full) */
static char *
hint_text (GVariant *conditions, const char *name)
{
  if (g_str_equal (name, "Connectivity"))
    return text_safe (values_get_text (conditions, name));
  if (g_str_equal (name, "Metered"))
    return g_strdup (metered_text (conditions));
  if (g_str_equal (name, "BatteryLevel"))
    return g_strdup_printf ("%.0f %%", values_get_double (conditions, name));
  if (g_str_equal (name, "InWindow"))
    return window_text (conditions);
  return g_strdup (answer (values_get_flag (conditions, name)));
}

static void
print_hints (GVariant *conditions)
{
  g_autoptr (GVariant) sources = g_variant_lookup_value (conditions, "Sources", NULL);
  const char *const head[] = {_ ("HINT"), _ ("VALUE"), _ ("SOURCE"), NULL};
  g_auto (Table) table = TABLE_INIT;

  table_add (&table, head);
  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++) {
    const char *source = sources != NULL ? values_get_text (sources, hints[i].name) : "";
    gboolean available = *source != '\0' && !g_str_equal (source, "unavailable");
    /* a hint without a source has a default that holds no download, so the value is not worth showing */
    g_autofree char *value = available ? hint_text (conditions, hints[i].name) : g_strdup ("-");
    g_autofree char *shown = available ? text_safe (source) : output_dim (_ ("unavailable"));
    const char *const row[] = {_ (hints[i].label), value, shown, NULL};
    table_add (&table, row);
  }
  table_print (&table);
}

/* (transfer full): the name, with the operator of a cellular network */
static char *
connection_text (GVariant *link)
{
  g_autofree char *name = text_safe (values_get_text (link, "Connection"));
  g_autofree char *operator_ = text_safe (values_get_text (link, "Operator"));

  if (*operator_ != '\0')
    return g_strdup_printf ("%s (%s)", *name != '\0' ? name : "-", operator_);
  return g_strdup (*name != '\0' ? name : "-");
}

/* (transfer full) */
static char *
rate_text (guint64 rate)
{
  g_autofree char *size = text_size (rate);

  return rate == 0 ? g_strdup (_ ("unknown")) : g_strdup_printf ("%s/s", size);
}

static void
add_link (Table *table, GVariant *link)
{
  const char *name = values_get_text (link, "Interface");
  g_autofree char *interface = text_safe (*name != '\0' ? name : "-");
  g_autofree char *connection = connection_text (link);
  g_autofree char *cost = text_safe (values_get_text (link, "Cost"));
  g_autofree char *capacity = rate_text (values_get_number (link, "Capacity"));
  g_autofree char *used = text_size (values_get_number (link, "Used"));
  const char *const row[] = {interface,
                             connection,
                             metered_text (link),
                             answer (values_get_flag (link, "Cellular")),
                             cost,
                             capacity,
                             used,
                             NULL};

  table_add (table, row);
}

static void
print_links (GVariant *conditions)
{
  g_autoptr (GVariant) links =
      g_variant_lookup_value (conditions, "Links", G_VARIANT_TYPE ("aa{sv}"));
  const char *const head[] = {
      _ ("INTERFACE"), _ ("CONNECTION"), _ ("METERED"),    _ ("CELLULAR"),
      _ ("COST"),      _ ("CAPACITY"),   _ ("THIS MONTH"), NULL,
  };
  g_auto (Table) table = TABLE_INIT;

  table_add (&table, head);
  for (gsize i = 0; links != NULL && i < g_variant_n_children (links); i++) {
    g_autoptr (GVariant) link = g_variant_get_child_value (links, i);
    add_link (&table, link);
  }
  g_print ("\n");
  if (links != NULL && g_variant_n_children (links) > 0)
    table_print (&table);
  else
    g_print ("%s\n", _ ("No connection is known."));
}

int
cmd_conditions (const Command *command, int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (GVariant) conditions = NULL;
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv) || !options_take_no_arguments (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  if (manager == NULL || !client_refresh (manager, &code))
    return code;
  conditions = sluice_manager_dup_conditions (manager);
  if (conditions == NULL) {
    g_printerr (_ ("sluicectl: The service does not report conditions; it is an older version.\n"));
    return EXIT_GENERAL;
  }
  if (output_is_json ()) {
    g_autoptr (JsonNode) node = output_node (conditions);
    output_print_json (node, TRUE);
  } else {
    print_hints (conditions);
    print_links (conditions);
    output_suspended (manager);
  }
  return EXIT_OK;
}
