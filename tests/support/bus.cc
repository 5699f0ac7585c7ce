/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private bus. */
#include "support/bus.h"

#include "support/loop.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

namespace st
{

const char kName[] = "org.sluice.Sluice1";
const char kManagerPath[] = "/org/sluice/Sluice1";
const char kManager[] = "org.sluice.Sluice1.Manager";
const char kDownload[] = "org.sluice.Sluice1.Download";
const char kError[] = "org.sluice.Sluice1.Error.";

std::string
interface_of (const std::string &path)
{
  return path.find ("/download/") != std::string::npos ? kDownload : kManager;
}

Value
Value::operator[] (std::size_t n) const
{
  if (value_ == nullptr)
    return {};
  if (g_variant_is_of_type (get (), G_VARIANT_TYPE_VARIANT))
    return Value (g_variant_get_variant (get ()));
  return n < g_variant_n_children (get ()) ? Value (g_variant_get_child_value (get (), n))
                                           : Value ();
}

std::string
Value::str () const
{
  bool textual = value_ != nullptr && (g_variant_is_of_type (get (), G_VARIANT_TYPE_STRING) ||
                                       g_variant_is_of_type (get (), G_VARIANT_TYPE_OBJECT_PATH));

  return textual ? g_variant_get_string (get (), nullptr) : "(" + print () + ")";
}

std::vector<std::string>
Value::strv () const
{
  std::vector<std::string> strings;

  for (gsize i = 0; value_ != nullptr && i < g_variant_n_children (get ()); i++)
    strings.push_back ((*this)[i].str ());
  return strings;
}

std::uint64_t
Value::number () const
{
  if (value_ == nullptr)
    return UINT64_MAX - 1;
  switch (g_variant_classify (get ())) {
  case G_VARIANT_CLASS_BOOLEAN:
    return g_variant_get_boolean (get ()) != FALSE;
  case G_VARIANT_CLASS_UINT32:
    return g_variant_get_uint32 (get ());
  case G_VARIANT_CLASS_UINT64:
    return g_variant_get_uint64 (get ());
  case G_VARIANT_CLASS_INT64:
    return (std::uint64_t)g_variant_get_int64 (get ());
  default:
    ADD_FAILURE () << print () << " is no number";
    return UINT64_MAX - 1;
  }
}

std::string
Value::print () const
{
  if (value_ == nullptr)
    return "nothing";
  char *text = g_variant_print (get (), TRUE);
  std::string printed = text;
  g_free (text);
  return printed;
}

Properties &
Properties::add (const std::string &name, GVariant *value)
{
  /* takes a floating reference, or adds one */
  values_.emplace_back (name, Value (g_variant_ref_sink (value)));
  return *this;
}

Properties &
Properties::add (const std::string &name, const std::string &value)
{
  return add (name, g_variant_new_string (value.c_str ()));
}

Properties &
Properties::add (const std::string &name, const char *value)
{
  return add (name, g_variant_new_string (value));
}

Properties &
Properties::add (const std::string &name, bool value)
{
  return add (name, g_variant_new_boolean (value));
}

Properties &
Properties::add_u (const std::string &name, std::uint32_t value)
{
  return add (name, g_variant_new_uint32 (value));
}

Properties &
Properties::add_t (const std::string &name, std::uint64_t value)
{
  return add (name, g_variant_new_uint64 (value));
}

Properties &
Properties::add_strv (const std::string &name, const std::vector<std::string> &value)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("as"));
  for (const std::string &item : value)
    g_variant_builder_add (&builder, "s", item.c_str ());
  return add (name, g_variant_builder_end (&builder));
}

GVariant *
Properties::build () const
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  for (const auto &[name, value] : values_)
    g_variant_builder_add (&builder, "{sv}", name.c_str (), value.get ());
  return g_variant_builder_end (&builder);
}

/* Connections. */

Connection::Connection (const std::string &address)
{
  GError *error = nullptr;

  connection_ = g_dbus_connection_new_for_address_sync (
      address.c_str (),
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                             G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, &error);
  if (connection_ == nullptr)
    throw std::runtime_error (error->message);
  subscription_ =
      g_dbus_connection_signal_subscribe (connection_, nullptr, nullptr, nullptr, nullptr, nullptr,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_signal, this, nullptr);
}

Connection::~Connection ()
{
  g_dbus_connection_signal_unsubscribe (connection_, subscription_);
  g_dbus_connection_close_sync (connection_, nullptr, nullptr);
  g_object_unref (connection_);
}

void
Connection::on_signal (GDBusConnection *,
                       const char *,
                       const char *path,
                       const char *interface,
                       const char *member,
                       GVariant *args,
                       gpointer data)
{
  auto *self = static_cast<Connection *> (data);

  self->signals.push_back ({path, interface, member, Value (g_variant_ref (args))});
}

int
Connection::count (const std::string &path, const std::string &member) const
{
  return (int)std::count_if (signals.begin (), signals.end (), [&] (const Signal &signal) {
    return signal.path == path && signal.member == member;
  });
}

std::string
Connection::name () const
{
  return g_dbus_connection_get_unique_name (connection_);
}

namespace
{

/* A pending call. */
struct Call {
  const std::vector<Signal> &signals;
  bool answered = false;
  std::size_t seen = 0;
  GVariant *value = nullptr;
  GError *error = nullptr;
};

void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  auto *call = static_cast<Call *> (data);

  call->value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &call->error);
  call->seen = call->signals.size ();
  call->answered = true;
}

} // namespace

/* @method is qualified by its interface. */
Reply
Connection::call_on (const std::string &name,
                     const std::string &path,
                     const std::string &method,
                     GVariant *args,
                     double seconds)
{
  std::size_t dot = method.rfind ('.');
  Reply reply;
  Call call{signals};

  g_dbus_connection_call (connection_, name.c_str (), path.c_str (),
                          method.substr (0, dot).c_str (), method.substr (dot + 1).c_str (), args,
                          nullptr, G_DBUS_CALL_FLAGS_NONE, (int)(seconds * time_factor () * 1000),
                          nullptr, on_reply, &call);
  while (!call.answered)
    g_main_context_iteration (nullptr, TRUE);
  reply.seen = call.seen;
  if (call.value != nullptr) {
    reply.value = Value (call.value);
    return reply;
  }
  char *remote = g_dbus_error_get_remote_error (call.error);
  reply.error = remote != nullptr ? remote : "local";
  if (reply.error.rfind (kError, 0) == 0)
    reply.error.erase (0, sizeof kError - 1);
  g_dbus_error_strip_remote_error (call.error);
  reply.message = call.error->message;
  g_free (remote);
  g_error_free (call.error);
  return reply;
}

Reply
Connection::call (const std::string &path,
                  const std::string &method,
                  GVariant *args,
                  double seconds)
{
  return call_on (kName, path, interface_of (path) + "." + method, args, seconds);
}

Reply
Connection::get (const std::string &path, const std::string &property)
{
  Reply reply = call_on (kName, path, "org.freedesktop.DBus.Properties.Get",
                         g_variant_new ("(ss)", interface_of (path).c_str (), property.c_str ()));

  if (reply)
    reply.value = reply.value[0][0];
  return reply;
}

Reply
Connection::set (const std::string &path, const std::string &property, GVariant *value)
{
  return call_on (kName, path, "org.freedesktop.DBus.Properties.Set",
                  g_variant_new ("(ssv)", interface_of (path).c_str (), property.c_str (), value));
}

/* The bus. */

static const char configuration[] =
    "<busconfig><type>session</type><keep_umask/><listen>unix:path=%s/bus</listen>%s"
    "<auth>EXTERNAL</auth>"
    "<policy context=\"default\"><allow user=\"*\"/><allow send_destination=\"*\" "
    "eavesdrop=\"true\"/>"
    "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>"
    "<limit name=\"max_replies_per_connection\">50000</limit>"
    "<limit name=\"max_incoming_bytes\">1000000000</limit>"
    "<limit name=\"max_outgoing_bytes\">1000000000</limit>"
    "<limit name=\"max_message_size\">1000000000</limit></busconfig>";

Bus::Bus (const std::string &dir, const std::string &services)
{
  std::string tag = services.empty () ? "" : "<servicedir>" + services + "</servicedir>";
  char *text = g_strdup_printf (configuration, dir.c_str (), tag.c_str ());
  char line[512];
  int ends[2];

  write_file (dir + "/bus.conf", text);
  g_free (text);
  if (pipe (ends) != 0)
    throw std::runtime_error ("pipe");
  process_.start ({{"dbus-daemon", "--nofork", "--nopidfile", "--print-address=3",
                    "--config-file=" + dir + "/bus.conf"},
                   {{"DBUS_VERBOSE", ""}},
                   dir + "/bus.log",
                   ends[1]});
  close (ends[1]);
  if (read (ends[0], line, sizeof line) <= 0)
    ADD_FAILURE () << "dbus-daemon: " << read_file (dir + "/bus.log");
  close (ends[0]);
  address_ = "unix:path=" + dir + "/bus";
}

} // namespace st
