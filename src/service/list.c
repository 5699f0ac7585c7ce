/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ListDownloads and GetDownload. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/list.h"

#include "base/error.h"
#include "service/answer.h"

/* The filter of ListDownloads; NULL and 0 match all. */
typedef struct {
  const char *id;
  const char *uri;
  const char *content_id;
  const char *display_name;
  const char *local_path;
  const char *state;
  const char *after;
  guint32 limit;
  gboolean all_users;
} Filter;

/* The filter. */

static gboolean
take_string (Filter *filter, const char *key, GVariant *value)
{
  const struct {
    const char *key;
    const char **member;
  } strings[] = {
      {"Id", &filter->id},
      {"Uri", &filter->uri},
      {"ContentId", &filter->content_id},
      {"DisplayName", &filter->display_name},
      {"LocalPath", &filter->local_path},
      {"State", &filter->state},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++) {
    if (g_str_equal (key, strings[i].key) && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)) {
      *strings[i].member = g_variant_get_string (value, NULL);
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
take_key (Filter *filter, const char *key, GVariant *value, GError **error)
{
  if (take_string (filter, key, value))
    return TRUE;
  if (g_str_equal (key, "After") && g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH)) {
    filter->after = g_variant_get_string (value, NULL);
    return TRUE;
  }
  if (g_str_equal (key, "Limit") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)) {
    filter->limit = g_variant_get_uint32 (value);
    return TRUE;
  }
  if (g_str_equal (key, "AllUsers") && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)) {
    filter->all_users = g_variant_get_boolean (value);
    return TRUE;
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
               "The filter has no key “%s” of type “%s”", key, g_variant_get_type_string (value));
  return FALSE;
}

static gboolean
parse_filter (GVariant *values, Filter *filter, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *child;
  guint state;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &child)) {
    g_autoptr (GVariant) value = child;
    if (!take_key (filter, key, value, error))
      return FALSE;
  }
  if (filter->state != NULL && !sl_words_find (&sl_state_words, filter->state, &state)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "There is no state “%s”",
                 filter->state);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_all_users (const Filter *filter, const SlCaller *caller, GError **error)
{
  if (!filter->all_users || sl_door_admits (caller, SL_RIGHT_SERVICE, NULL))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NOT_AUTHORIZED,
               "User %u may not list the downloads of all users; leave out AllUsers", caller->uid);
  return FALSE;
}

static gboolean
is_wanted (const char *wanted, const char *value)
{
  return wanted == NULL || g_strcmp0 (wanted, value != NULL ? value : "") == 0;
}

static gboolean
matches (const Filter *filter, const SlRecord *record)
{
  return is_wanted (filter->id, record->id.text) && is_wanted (filter->uri, record->asked.uri) &&
         is_wanted (filter->content_id, record->asked.content_id) &&
         is_wanted (filter->display_name, record->asked.display_name) &&
         is_wanted (filter->local_path, record->asked.local_path) &&
         is_wanted (filter->state, sl_state_to_string (record->state));
}

/* The downloads. */

/* (transfer none) (nullable): NULL also for another user's */
static SlDownload *
find_own (SlQueue *queue, const SlCaller *caller, const SlId *id)
{
  SlDownload *download = sl_queue_find (queue, id);

  return sl_door_admits (caller, SL_RIGHT_OWN, download) ? download : NULL;
}

/* (transfer none) (nullable) @first: the download after @after (nullable). FALSE with @error when that isn't there. */
static gboolean
find_first (
    SlQueue *queue, const SlCaller *caller, const char *after, SlDownload **first, GError **error)
{
  SlDownload *before = NULL;
  SlId id;

  if (after != NULL) {
    before = sl_id_parse_path (&id, after) ? find_own (queue, caller, &id) : NULL;
    if (before == NULL) {
      sl_door_set_not_found (error, after);
      return FALSE;
    }
  }
  *first = sl_queue_get_next (queue, before);
  return TRUE;
}

/* (transfer full): the paths of the downloads that match, from @download on, with a NULL at the end */
static GPtrArray *
collect (SlQueue *queue, const SlCaller *caller, const Filter *filter, SlDownload *download)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (; download != NULL && (filter->limit == 0 || paths->len < filter->limit);
       download = sl_queue_get_next (queue, download)) {
    const SlRecord *record = sl_download_get_record (download);
    if (matches (filter, record) &&
        (filter->all_users || sl_door_admits (caller, SL_RIGHT_OWN, download)))
      g_ptr_array_add (paths, sl_id_to_path (&record->id));
  }
  g_ptr_array_add (paths, NULL);
  return paths;
}

void
sl_list_downloads (SlQueue *queue, const SlCall *call)
{
  g_autoptr (GVariant) values = g_variant_get_child_value (call->parameters, 0);
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  Filter filter = {0};
  SlDownload *first;

  if (!parse_filter (values, &filter, &error) || !check_all_users (&filter, call->caller, &error) ||
      !find_first (queue, call->caller, filter.after, &first, &error)) {
    sl_answer_error (call->invocation, error);
    return;
  }
  paths = collect (queue, call->caller, &filter, first);
  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(^ao)", paths->pdata));
}

void
sl_list_get_download (SlQueue *queue, const SlCall *call)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  const char *text;
  SlId id;

  g_variant_get (call->parameters, "(&s)", &text);
  if (!sl_id_parse (&id, text) || find_own (queue, call->caller, &id) == NULL) {
    g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND,
                 "There is no download with the id “%s”", text);
    sl_answer_error (call->invocation, error);
    return;
  }
  path = sl_id_to_path (&id);
  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(o)", path));
}
