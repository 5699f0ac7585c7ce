/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/callers.h"

#include "base/error.h"

/*
 * How many senders are remembered; the one whose last call is oldest is forgotten first. Each takes a match rule, of which
 * the system bus allows a connection 512.
 */
#define KNOWN_MAX 128
/* How many calls may wait for the bus's answers, of all senders together. */
#define WAITING_MAX 10000

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

struct _SlCallers {
  GDBusConnection *connection; /* (owned) */
  GCancellable *cancellable;   /* (owned) of the questions */
  GHashTable *senders;         /* (owned) unique name → Sender (owned) */
  GQueue known;                /* links inside the senders, the last caller first */
  guint n_waiting;             /* calls */
  SlCaller user;               /* the user that the service runs as */
  gboolean one_user;
};

/* A call of a sender that is not known yet. */
typedef struct {
  SlCallerFound found;
  gpointer user_data;
} Waiting;

typedef struct {
  SlCallers *callers;
  char *name; /* (owned) */
  SlCaller caller;
  GArray *waiting; /* (owned) (nullable) (element-type Waiting): NULL once the bus has answered */
  gboolean known;
  GList link;  /* among those that are known */
  guint watch; /* subscription to its end; 0 before its second call */
} Sender;

static void
sender_free (gpointer data)
{
  Sender *sender = data;

  if (sender->watch != 0)
    g_dbus_connection_signal_unsubscribe (sender->callers->connection, sender->watch);
  if (sender->known)
    g_queue_unlink (&sender->callers->known, &sender->link);
  g_clear_pointer (&sender->waiting, g_array_unref);
  g_free (sender->name);
  g_free (sender);
}

static void
forget (Sender *sender)
{
  g_hash_table_remove (sender->callers->senders, sender->name);
}

/* A unique name changes its owner once: when it is given up. Nobody gets it again. */
static void
on_owner_changed (GDBusConnection *connection,
                  const char *bus,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer data)
{
  forget (data);
}

/*
 * From its second call on a sender has a match rule of its own: one for all would wake the service whenever anybody leaves the
 * bus. Most senders that call once are commands, for which adding and removing a rule costs more than the call. Such a sender
 * stays until newer ones push it out. It does no harm, because nobody gets its name again.
 */
static void
watch (Sender *sender)
{
  sender->watch =
      g_dbus_connection_signal_subscribe (sender->callers->connection, BUS_NAME, BUS_NAME,
                                          "NameOwnerChanged", BUS_PATH, sender->name,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed, sender, NULL);
}

static void
remember (Sender *sender)
{
  SlCallers *callers = sender->callers;

  if (callers->known.length >= KNOWN_MAX)
    forget (g_queue_peek_tail (&callers->known));
  sender->known = TRUE;
  g_queue_push_head_link (&callers->known, &sender->link);
}

/* Another call of a sender that is known. */
static void
touch (Sender *sender)
{
  g_queue_unlink (&sender->callers->known, &sender->link);
  g_queue_push_head_link (&sender->callers->known, &sender->link);
  if (sender->watch == 0)
    watch (sender);
}

/* Calls back for all calls that wait, in their order. */
static void
release (Sender *sender, const SlCaller *caller, const GError *error)
{
  g_autoptr (GArray) waiting = g_steal_pointer (&sender->waiting);

  sender->callers->n_waiting -= waiting->len;
  for (guint i = 0; i < waiting->len; i++) {
    const Waiting *one = &g_array_index (waiting, Waiting, i);
    one->found (caller, error, one->user_data);
  }
}

/* The bus's answer. */

static gboolean
parse_credentials (GVariant *reply, SlCaller *caller, GError **error)
{
  g_autoptr (GVariant) credentials = g_variant_get_child_value (reply, 0);

  if (!g_variant_lookup (credentials, "UnixUserID", "u", &caller->uid)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_NOT_AUTHORIZED,
                         "The message bus does not tell whose connection this is");
    return FALSE;
  }
  if (!g_variant_lookup (credentials, "ProcessID", "u", &caller->pid))
    caller->pid = 0;
  return TRUE;
}

static gboolean
take_answer (GVariant *reply, const GError *cause, SlCaller *caller, GError **error)
{
  if (reply != NULL)
    return parse_credentials (reply, caller, error);
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NOT_AUTHORIZED,
               "The message bus does not tell who calls: %s", cause->message);
  return FALSE;
}

static void
on_credentials (GObject *connection, GAsyncResult *result, gpointer data)
{
  Sender *sender = data;
  SlCallers *callers;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &cause);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  callers = sender->callers;
  if (take_answer (reply, cause, &sender->caller, &error)) {
    sender->caller.is_service_user = sender->caller.uid == callers->user.uid;
    remember (sender);
    release (sender, &sender->caller, NULL);
    return;
  }
  if (callers->one_user && g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    release (sender, &callers->user, NULL);
  else
    release (sender, NULL, error);
  forget (sender);
}

/* (transfer none): a new sender, about which the bus is asked */
static Sender *
ask (SlCallers *callers, const char *name)
{
  Sender *sender = g_new0 (Sender, 1);

  sender->callers = callers;
  sender->name = g_strdup (name);
  sender->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  sender->link.data = sender;
  g_hash_table_insert (callers->senders, sender->name, sender);
  g_dbus_connection_call (callers->connection, BUS_NAME, BUS_PATH, BUS_NAME,
                          "GetConnectionCredentials", g_variant_new ("(s)", name),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, -1,
                          callers->cancellable, on_credentials, sender);
  return sender;
}

/* Looking up. */

static void
refuse (SlCallerFound found, gpointer user_data, SluiceError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (SLUICE_ERROR, (gint)code, message);

  found (NULL, error, user_data);
}

static void
add_waiting (Sender *sender, SlCallerFound found, gpointer user_data)
{
  Waiting waiting = {found, user_data};

  g_array_append_val (sender->waiting, waiting);
  sender->callers->n_waiting++;
}

void
sl_callers_find (SlCallers *callers, const char *name, SlCallerFound found, gpointer user_data)
{
  Sender *sender = name != NULL ? g_hash_table_lookup (callers->senders, name) : NULL;

  if (sender != NULL && sender->known) {
    touch (sender);
    found (&sender->caller, NULL, user_data);
  } else if (name == NULL) {
    refuse (found, user_data, SLUICE_ERROR_NOT_AUTHORIZED,
            "Calls are taken over a message bus only, which tells who calls");
  } else if (callers->n_waiting >= WAITING_MAX) {
    refuse (found, user_data, SLUICE_ERROR_LIMIT_EXCEEDED,
            "Too many calls wait until the message bus tells who sent them; call again");
  } else {
    add_waiting (sender != NULL ? sender : ask (callers, name), found, user_data);
  }
}

const SlCaller *
sl_callers_peek (SlCallers *callers, const char *name)
{
  const Sender *sender = name != NULL ? g_hash_table_lookup (callers->senders, name) : NULL;

  if (sender != NULL && sender->known)
    return &sender->caller;
  return callers->one_user ? &callers->user : NULL;
}

/* Life. */

/* Asks the bus for the service's own user, because getuid () may say another number than the bus (user namespaces). */
static gboolean
find_user (SlCallers *callers, GError **error)
{
  const char *name = g_dbus_connection_get_unique_name (callers->connection);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (callers->connection, BUS_NAME, BUS_PATH, BUS_NAME,
                                   "GetConnectionCredentials",
                                   g_variant_new ("(s)", name != NULL ? name : ""),
                                   G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                   &cause);

  if (!take_answer (reply, cause, &callers->user, error))
    return FALSE;
  /* another process is taken for this user */
  callers->user.pid = 0;
  callers->user.is_service_user = TRUE;
  return TRUE;
}

SlCallers *
sl_callers_new (GDBusConnection *connection, gboolean one_user, GError **error)
{
  g_autoptr (SlCallers) callers = g_new0 (SlCallers, 1);

  callers->connection = g_object_ref (connection);
  callers->cancellable = g_cancellable_new ();
  callers->senders = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, sender_free);
  callers->one_user = one_user;
  return find_user (callers, error) ? g_steal_pointer (&callers) : NULL;
}

void
sl_callers_free (SlCallers *callers)
{
  g_autoptr (GError) error =
      g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE, "The service stops");
  GHashTableIter iter;
  gpointer sender;

  g_cancellable_cancel (callers->cancellable);
  g_hash_table_iter_init (&iter, callers->senders);
  while (g_hash_table_iter_next (&iter, NULL, &sender)) {
    if (((Sender *)sender)->waiting != NULL)
      release (sender, NULL, error);
  }
  g_hash_table_unref (callers->senders);
  g_object_unref (callers->cancellable);
  g_object_unref (callers->connection);
  g_free (callers);
}
