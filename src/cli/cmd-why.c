/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl why: says why downloads run or wait. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "values.h"
#include "why.h"

static void
print_text (SluiceDownload *download, GPtrArray *sentences)
{
  g_autofree char *id = g_strndup (sluice_download_get_id (download), 8);
  g_autofree char *name = text_name (download);

  g_print ("%s  %s  %s\n", id, text_state (sluice_download_get_state (download)), name);
  for (guint i = 0; i < sentences->len; i++) {
    g_autofree char *safe = text_safe (sentences->pdata[i]);
    g_print ("  %s\n", safe);
  }
}

/* (transfer full) */
static JsonNode *
make_json (SluiceDownload *download, GPtrArray *sentences)
{
  g_auto (GStrv) reasons = sluice_download_dup_state_reasons (download);
  g_autoptr (GVariant) values = sluice_download_dup_values (download);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *words = json_array_new (), *said = json_array_new ();

  for (char **reason = reasons; *reason != NULL; reason++)
    json_array_add_string_element (words, *reason);
  for (guint i = 0; i < sentences->len; i++)
    json_array_add_string_element (said, sentences->pdata[i]);
  json_object_set_string_member (object, "id", sluice_download_get_id (download));
  json_object_set_string_member (object, "state", values_get_text (values, "State"));
  json_object_set_array_member (object, "reasons", words);
  json_object_set_int_member (object, "held_since", values_get_time (values, "HeldSince"));
  json_object_set_array_member (object, "sentences", said);
  json_node_take_object (node, object);
  return node;
}

/* FALSE after an error was printed */
static gboolean
count_foreground (SluiceManager *manager, WhyFacts *facts, int *code)
{
  g_autoptr (GPtrArray) moving = client_list (manager, "transferring", code);

  for (guint i = 0; moving != NULL && i < moving->len; i++) {
    g_autoptr (GVariant) values = sluice_download_dup_values (moving->pdata[i]);
    facts->foreground += why_is_foreground (values);
  }
  return moving != NULL;
}

/* FALSE after an error was printed */
static gboolean
read_facts (SluiceManager *manager, WhyFacts *facts, int *code)
{
  if (!client_refresh (manager, code) || !count_foreground (manager, facts, code))
    return FALSE;
  facts->conditions = sluice_manager_dup_conditions (manager);
  facts->config = client_read_config (manager, code);
  g_object_get (manager, "active-transfers", &facts->active, "queued-transfers", &facts->queued,
                "suspended", &facts->suspended, NULL);
  return facts->config != NULL;
}

int
cmd_why (const Command *command, int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (JsonArray) shown = json_array_new ();
  g_auto (WhyFacts) facts = {0};
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv) || !options_take_ids (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  if (manager == NULL || !read_facts (manager, &facts, &code))
    return code;
  for (int i = 1; i < argc; i++) {
    g_autoptr (SluiceDownload) download = client_find (manager, argv[i], &code);
    g_autoptr (GPtrArray) sentences = NULL;
    if (download == NULL)
      continue;
    sentences = why_explain (&facts, download);
    if (output_is_json ())
      json_array_add_element (shown, make_json (download, sentences));
    else
      print_text (download, sentences);
  }
  if (output_is_json ())
    output_print_json_list (shown, argc > 2);
  return code;
}
