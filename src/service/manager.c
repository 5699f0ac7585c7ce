/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manager object: a generated skeleton, whose handlers are here. */
#define G_LOG_DOMAIN "sluice-service"

#include "config.h"

#include "service/manager.h"

#include "base/error.h"
#include "service/answer.h"
#include "service/properties.h"
#include "service/signals.h"

#include <sluice-dbus.h>
#include <unistd.h>

#define INTERFACE "org.sluice.Sluice1.Manager"

struct _SlManager {
  SluiceDBusManager *skeleton; /* (owned) */
  SlManagerSubjects subjects;
  SlQueue *queue;  /* of subjects */
  char **problems; /* (owned): ConfigProblems as last told */
};

/* The skeleton whose properties are read off the queue when asked for. */

typedef struct {
  SluiceDBusManagerSkeleton parent;
  const SlManagerSubjects *subjects;
} SlManagerSkeleton;
typedef SluiceDBusManagerSkeletonClass SlManagerSkeletonClass;

static GType sl_manager_skeleton_get_type (void);
G_DEFINE_TYPE (SlManagerSkeleton, sl_manager_skeleton, SLUICE_DBUS_TYPE_MANAGER_SKELETON)

/* Sends it at once, so that a caller receives the signal before the answer. */
static void
emit_changed (SluiceDBusManager *skeleton, const char *property, GVariant *value)
{
  static const SlSignalSource source = {SL_SIGNAL_FOR_ALL, SL_ROOT_PATH, INTERFACE};
  GDBusInterfaceSkeleton *interface = G_DBUS_INTERFACE_SKELETON (skeleton);
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_variant_builder_add (&values, "{sv}", property, value);
  sl_signals_emit_changed (g_dbus_interface_skeleton_get_connection (interface), &source,
                           g_variant_builder_end (&values));
}

static void
sl_manager_skeleton_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const SlManagerSubjects *subjects = ((SlManagerSkeleton *)object)->subjects;
  SlScheduler *scheduler = sl_queue_get_scheduler (subjects->queue);
  const char *name = g_param_spec_get_name (pspec);

  if (g_str_equal (name, "active-transfers"))
    g_value_set_uint (value, sl_scheduler_get_active (scheduler));
  else if (g_str_equal (name, "queued-transfers"))
    g_value_set_uint (value, sl_scheduler_get_queued (scheduler));
  else if (g_str_equal (name, "download-rate"))
    g_value_set_uint64 (value, sl_scheduler_get_rate (scheduler));
  else if (g_str_equal (name, "conditions"))
    g_value_take_variant (value,
                          g_variant_ref_sink (sl_environment_describe (subjects->environment)));
  else if (g_str_equal (name, "config-problems"))
    g_value_take_boxed (value, sl_configuration_dup_problems (subjects->configuration));
  else if (g_str_equal (name, "suspended"))
    g_value_set_boolean (value, sl_scheduler_is_suspended (scheduler));
  else if (g_str_equal (name, "version"))
    g_value_set_string (value, SLUICE_VERSION);
  else
    g_value_set_uint (value, 1);
}

/* Suspended, the one that a client can write: answered when it's recorded. */

static void
set_suspended (SlManagerSkeleton *skeleton, GDBusMethodInvocation *invocation)
{
  SlScheduler *scheduler = sl_queue_get_scheduler (skeleton->subjects->queue);
  g_autoptr (GVariant) value = NULL;
  gboolean suspended, changes;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(&s&sv)", NULL, NULL,
                 &value);
  suspended = g_variant_get_boolean (value);
  changes = suspended != sl_scheduler_is_suspended (scheduler);
  sl_scheduler_set_suspended (scheduler, suspended, sl_answer_done, invocation);
  if (changes)
    emit_changed (SLUICE_DBUS_MANAGER (skeleton), "Suspended", g_variant_new_boolean (suspended));
}

/* A setter of the generated skeleton would be answered when it returns; without one, GDBus has calls to Set come here. */
static void
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer data)
{
  GDBusInterfaceSkeletonClass *generated =
      G_DBUS_INTERFACE_SKELETON_CLASS (sl_manager_skeleton_parent_class);

  if (g_str_equal (interface, "org.freedesktop.DBus.Properties"))
    set_suspended (data, invocation);
  else
    generated->get_vtable (data)->method_call (connection, sender, path, interface, method,
                                               parameters, invocation, data);
}

static GDBusInterfaceVTable *
sl_manager_skeleton_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable;
  GDBusInterfaceSkeletonClass *generated =
      G_DBUS_INTERFACE_SKELETON_CLASS (sl_manager_skeleton_parent_class);

  vtable = *generated->get_vtable (skeleton);
  vtable.method_call = on_method_call;
  vtable.set_property = NULL;
  return &vtable;
}

static void
sl_manager_skeleton_class_init (SlManagerSkeletonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = sl_manager_skeleton_get_property;
  /* nobody calls it, but there has to be one */
  object_class->set_property = G_OBJECT_CLASS (sl_manager_skeleton_parent_class)->set_property;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = sl_manager_skeleton_get_vtable;
  sluice_dbus_manager_override_properties (object_class, 1);
}

static void
sl_manager_skeleton_init (SlManagerSkeleton *skeleton)
{
}

/* Creating. */

typedef struct {
  SlManager *manager;
  GDBusMethodInvocation *invocation; /* (owned until answered) */
  gboolean single;
} Creation;

static void
on_admitted (GPtrArray *downloads, const GError *error, gpointer data)
{
  g_autofree Creation *creation = data;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *const *list;

  if (error != NULL) {
    sl_answer_error (creation->invocation, error);
    return;
  }
  for (guint i = 0; i < downloads->len; i++)
    g_ptr_array_add (paths, sl_id_to_path (&sl_download_get_record (downloads->pdata[i])->id));
  g_ptr_array_add (paths, NULL);
  list = (const char *const *)paths->pdata;
  if (creation->single)
    sluice_dbus_manager_complete_create_download (creation->manager->skeleton, creation->invocation,
                                                  list[0]);
  else
    sluice_dbus_manager_complete_create_downloads (creation->manager->skeleton,
                                                   creation->invocation, list);
}

/* (transfer full) @records */
static void
admit (SlManager *manager, GDBusMethodInvocation *invocation, GPtrArray *records, gboolean single)
{
  Creation *creation = g_new0 (Creation, 1);

  creation->manager = manager;
  creation->invocation = invocation;
  creation->single = single;
  sl_queue_admit (manager->queue, records, on_admitted, creation);
  g_ptr_array_unref (records);
}

static void
record_free_if_left (gpointer data)
{
  if (data != NULL)
    sl_record_free (data);
}

static gboolean
on_create_download (SluiceDBusManager *skeleton,
                    GDBusMethodInvocation *invocation,
                    const char *uri,
                    GVariant *properties,
                    gpointer data)
{
  SlManager *manager = data;
  GPtrArray *records = g_ptr_array_new_with_free_func (record_free_if_left);
  g_autoptr (GError) error = NULL;
  SlRecord *record = sl_properties_make_record (uri, properties, getuid (), &error);

  if (record == NULL) {
    g_ptr_array_unref (records);
    sl_answer_error (invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
  }
  g_ptr_array_add (records, record);
  admit (manager, invocation, records, TRUE);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_create_downloads (SluiceDBusManager *skeleton,
                     GDBusMethodInvocation *invocation,
                     GVariant *requests,
                     gpointer data)
{
  SlManager *manager = data;
  GPtrArray *records = g_ptr_array_new_with_free_func (record_free_if_left);
  g_autoptr (GError) error = NULL;
  GVariantIter iter;
  const char *uri;
  GVariant *child;

  g_variant_iter_init (&iter, requests);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &uri, &child)) {
    g_autoptr (GVariant) properties = child;
    SlRecord *record = sl_properties_make_record (uri, properties, getuid (), &error);
    if (record == NULL) {
      g_prefix_error (&error, "Download %u of the list: ", records->len);
      g_ptr_array_unref (records);
      sl_answer_error (invocation, error);
      return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    g_ptr_array_add (records, record);
  }
  admit (manager, invocation, records, FALSE);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* Listing. */

typedef struct {
  const char *id;
  const char *uri;
  const char *content_id;
  const char *display_name;
  const char *local_path;
  const char *state;
  const char *after;
  guint32 limit;
} Filter;

static gboolean
take_filter_key (Filter *filter, const char *key, GVariant *value, GError **error)
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
  if (g_str_equal (key, "After") && g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH)) {
    filter->after = g_variant_get_string (value, NULL);
    return TRUE;
  }
  if (g_str_equal (key, "Limit") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)) {
    filter->limit = g_variant_get_uint32 (value);
    return TRUE;
  }
  /* all objects on a session bus are of the one user */
  if (g_str_equal (key, "AllUsers") && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return TRUE;
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
    if (!take_filter_key (filter, key, value, error))
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

/* (transfer none) (nullable): where to begin; FALSE when the object to begin after is not there */
static gboolean
find_begin (SlManager *manager, const Filter *filter, SlDownload **begin, GError **error)
{
  SlDownload *after;
  SlId id;

  *begin = sl_queue_get_next (manager->queue, NULL);
  if (filter->after == NULL)
    return TRUE;
  after = sl_id_parse_path (&id, filter->after) ? sl_queue_find (manager->queue, &id) : NULL;
  if (after == NULL) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND, "There is no download “%s”",
                 filter->after);
    return FALSE;
  }
  *begin = sl_queue_get_next (manager->queue, after);
  return TRUE;
}

static gboolean
on_list_downloads (SluiceDBusManager *skeleton,
                   GDBusMethodInvocation *invocation,
                   GVariant *values,
                   gpointer data)
{
  SlManager *manager = data;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Filter filter = {0};
  SlDownload *download;

  if (!parse_filter (values, &filter, &error) ||
      !find_begin (manager, &filter, &download, &error)) {
    sl_answer_error (invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
  }
  for (; download != NULL && (filter.limit == 0 || paths->len < filter.limit);
       download = sl_queue_get_next (manager->queue, download)) {
    const SlRecord *record = sl_download_get_record (download);
    if (matches (&filter, record))
      g_ptr_array_add (paths, sl_id_to_path (&record->id));
  }
  g_ptr_array_add (paths, NULL);
  sluice_dbus_manager_complete_list_downloads (skeleton, invocation,
                                               (const char *const *)paths->pdata);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_get_download (SluiceDBusManager *skeleton,
                 GDBusMethodInvocation *invocation,
                 const char *text,
                 gpointer data)
{
  SlManager *manager = data;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  SlId id;

  if (!sl_id_parse (&id, text) || sl_queue_find (manager->queue, &id) == NULL) {
    g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND,
                 "There is no download with the id “%s”", text);
    sl_answer_error (invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
  }
  path = sl_id_to_path (&id);
  sluice_dbus_manager_complete_get_download (skeleton, invocation, path);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* Session bus: all connections are the one user's, and each hears what it has a match rule for. */

static gboolean
on_subscribe (SluiceDBusManager *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  sluice_dbus_manager_complete_subscribe (skeleton, invocation);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_unsubscribe (SluiceDBusManager *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  sluice_dbus_manager_complete_unsubscribe (skeleton, invocation);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* Configuration. */

static gboolean
on_reload_config (SluiceDBusManager *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  SlManager *manager = data;
  g_autoptr (GError) error = NULL;

  if (manager->subjects.reload (manager->subjects.user_data, &error))
    sluice_dbus_manager_complete_reload_config (skeleton, invocation);
  else
    sl_answer_error (invocation, error);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_get_effective_config (SluiceDBusManager *skeleton,
                         GDBusMethodInvocation *invocation,
                         gpointer data)
{
  SlManager *manager = data;

  sluice_dbus_manager_complete_get_effective_config (skeleton, invocation,
                                                     sl_configuration_describe (
                                                         manager->subjects.configuration));
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
sl_manager_config_changed (SlManager *manager)
{
  g_auto (GStrv) problems = sl_configuration_dup_problems (manager->subjects.configuration);

  if (g_strv_equal ((const char *const *)problems, (const char *const *)manager->problems))
    return;
  emit_changed (manager->skeleton, "ConfigProblems",
                g_variant_new_strv ((const char *const *)problems, -1));
  g_strfreev (manager->problems);
  manager->problems = g_steal_pointer (&problems);
}

void
sl_manager_conditions_changed (SlManager *manager)
{
  emit_changed (manager->skeleton, "Conditions",
                sl_environment_describe (manager->subjects.environment));
}

static void
emit_of (SlManager *manager, SlDownload *download, const char *signal)
{
  GDBusInterfaceSkeleton *interface = G_DBUS_INTERFACE_SKELETON (manager->skeleton);
  const SlRecord *record = sl_download_get_record (download);
  SlSignalSource source = {record->owner, SL_ROOT_PATH, INTERFACE};
  g_autofree char *path = sl_id_to_path (&record->id);

  sl_signals_emit (g_dbus_interface_skeleton_get_connection (interface), &source, signal,
                   g_variant_new ("(o)", path));
}

void
sl_manager_added (SlManager *manager, SlDownload *download)
{
  emit_of (manager, download, "DownloadAdded");
}

void
sl_manager_removed (SlManager *manager, SlDownload *download)
{
  emit_of (manager, download, "DownloadRemoved");
}

SlManager *
sl_manager_export (GDBusConnection *connection, const SlManagerSubjects *subjects, GError **error)
{
  SlManagerSkeleton *skeleton = g_object_new (sl_manager_skeleton_get_type (), NULL);
  SlManager *manager = g_new0 (SlManager, 1);

  manager->subjects = *subjects;
  manager->skeleton = SLUICE_DBUS_MANAGER (skeleton);
  manager->problems = sl_configuration_dup_problems (subjects->configuration);
  manager->queue = subjects->queue;
  skeleton->subjects = &manager->subjects;
  g_signal_connect (skeleton, "handle-create-download", G_CALLBACK (on_create_download), manager);
  g_signal_connect (skeleton, "handle-create-downloads", G_CALLBACK (on_create_downloads), manager);
  g_signal_connect (skeleton, "handle-list-downloads", G_CALLBACK (on_list_downloads), manager);
  g_signal_connect (skeleton, "handle-get-download", G_CALLBACK (on_get_download), manager);
  g_signal_connect (skeleton, "handle-reload-config", G_CALLBACK (on_reload_config), manager);
  g_signal_connect (skeleton, "handle-get-effective-config", G_CALLBACK (on_get_effective_config),
                    manager);
  g_signal_connect (skeleton, "handle-subscribe", G_CALLBACK (on_subscribe), manager);
  g_signal_connect (skeleton, "handle-unsubscribe", G_CALLBACK (on_unsubscribe), manager);
  if (g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (skeleton), connection,
                                        SL_ROOT_PATH, error))
    return manager;
  sl_manager_free (manager);
  return NULL;
}

void
sl_manager_free (SlManager *manager)
{
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (manager->skeleton));
  g_object_unref (manager->skeleton);
  g_strfreev (manager->problems);
  g_free (manager);
}
