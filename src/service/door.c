/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one way in. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/door.h"

#include "base/error.h"
#include "service/answer.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

struct _SlDoor {
  const SlInterface *interface;
  SlCallers *callers;
  gpointer server;
};

/* Rights. */

gboolean
sl_door_admits (const SlCaller *caller, SlRight right, SlDownload *download)
{
  switch (right) {
  case SL_RIGHT_ANY:
    return TRUE;
  case SL_RIGHT_OWN:
    /* the service's user could do by itself what the service does; and a home may have come from where it had another uid */
    return download != NULL &&
           (caller->is_service_user || caller->uid == sl_download_get_record (download)->owner);
  case SL_RIGHT_SERVICE:
    return caller->is_service_user;
  case SL_RIGHT_NONE:
  default:
    return FALSE;
  }
}

/* Whether the caller has @right to @member. If not, answers the call. */
static gboolean
admit (const SlCall *call, SlRight right, const char *member)
{
  g_autoptr (GError) error = NULL;

  if (sl_door_admits (call->caller, right, call->download))
    return TRUE;
  g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_NOT_AUTHORIZED, "User %u may not use %s",
               call->caller->uid, member);
  sl_answer_error (call->invocation, error);
  return FALSE;
}

/* Objects. */

void
sl_door_set_not_found (GError **error, const char *path)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NOT_FOUND, "There is no download “%s”", path);
}

/* Looks up the object. If there is none for this caller, who must not learn of another user's, answers the call. */
static gboolean
find_object (const SlDoor *door, SlCall *call)
{
  const char *path = g_dbus_method_invocation_get_object_path (call->invocation);
  g_autoptr (GError) error = NULL;

  if (door->interface->find == NULL)
    return TRUE;
  call->download = door->interface->find (door->server, path);
  if (sl_door_admits (call->caller, SL_RIGHT_OWN, call->download))
    return TRUE;
  sl_door_set_not_found (&error, path);
  sl_answer_error (call->invocation, error);
  return FALSE;
}

/* Methods. */

static void
call_method (const SlDoor *door, const SlCall *call)
{
  static const SlMethodRow none = {NULL, NULL, SL_RIGHT_NONE};
  const char *name = g_dbus_method_invocation_get_method_name (call->invocation);
  const SlMethodRow *row = door->interface->methods;

  while (row->name != NULL && !g_str_equal (row->name, name))
    row++;
  if (row->name == NULL)
    row = &none;
  if (admit (call, row->right, name))
    row->handle (call);
}

/* Properties. */

/* (transfer none): the property's row; if it has none, one without rights */
static const SlPropertyRow *
find_property (const SlDoor *door, const char *name)
{
  static const SlPropertyRow none = {NULL, NULL, SL_RIGHT_NONE, NULL, SL_RIGHT_NONE, 0};

  for (const SlPropertyRow *row = door->interface->properties; row->name != NULL; row++) {
    if (g_str_equal (row->name, name))
      return row;
  }
  return &none;
}

static void
get_property (const SlDoor *door, const SlCall *call)
{
  const SlPropertyRow *row;
  const char *name;
  g_autoptr (GVariant) value = NULL;

  g_variant_get (call->parameters, "(&s&s)", NULL, &name);
  row = find_property (door, name);
  if (!admit (call, row->read, name))
    return;
  value = g_variant_take_ref (row->get (call, row->detail));
  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(v)", value));
}

/* Returns those that the caller may read. */
static void
get_all_properties (const SlDoor *door, const SlCall *call)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  for (const SlPropertyRow *row = door->interface->properties; row->name != NULL; row++) {
    if (sl_door_admits (call->caller, row->read, call->download)) {
      g_autoptr (GVariant) value = g_variant_take_ref (row->get (call, row->detail));
      g_variant_builder_add (&values, "{sv}", row->name, value);
    }
  }
  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(a{sv})", &values));
}

static void
set_property (const SlDoor *door, const SlCall *call)
{
  const SlPropertyRow *row;
  const char *name;
  g_autoptr (GVariant) value = NULL;

  g_variant_get (call->parameters, "(&s&sv)", NULL, &name, &value);
  row = find_property (door, name);
  if (admit (call, row->write, name))
    row->set (call, row->detail, value);
}

static void
call_properties (const SlDoor *door, const SlCall *call)
{
  const char *method = g_dbus_method_invocation_get_method_name (call->invocation);

  if (g_str_equal (method, "Get"))
    get_property (door, call);
  else if (g_str_equal (method, "GetAll"))
    get_all_properties (door, call);
  else
    set_property (door, call);
}

/* Calls. */

static void
on_caller (const SlCaller *caller, const GError *error, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  const SlDoor *door = g_dbus_method_invocation_get_user_data (invocation);
  SlCall call = {
      .server = door->server,
      .caller = caller,
      .parameters = g_dbus_method_invocation_get_parameters (invocation),
      .invocation = invocation,
  };

  if (caller == NULL)
    sl_answer_error (invocation, error);
  else if (!find_object (door, &call))
    return;
  else if (g_str_equal (g_dbus_method_invocation_get_interface_name (invocation), PROPERTIES))
    call_properties (door, &call);
  else
    call_method (door, &call);
}

/* Before that, GDBus has checked names and types by the XML. */
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
  const SlDoor *door = data;

  sl_callers_find (door->callers, sender, on_caller, invocation);
}

/* It has no functions for properties, so that GDBus passes calls about these to on_method_call () too. */
const GDBusInterfaceVTable sl_door_vtable = {.method_call = on_method_call};

SlDoor *
sl_door_new (const SlInterface *interface, SlCallers *callers, gpointer server)
{
  SlDoor *door = g_new0 (SlDoor, 1);

  door->interface = interface;
  door->callers = callers;
  door->server = server;
  return door;
}

void
sl_door_free (SlDoor *door)
{
  g_free (door);
}
