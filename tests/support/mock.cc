/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mocks of services. */
#include "support/mock.h"

#include "support/loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdexcept>

namespace st
{

namespace
{

const char kMock[] = "org.freedesktop.DBus.Mock.";

/* @type: NULL if the text implies it */
Value
parse (const char *type, const std::string &text)
{
  GError *error = nullptr;
  GVariant *value = g_variant_parse (type != nullptr ? G_VARIANT_TYPE (type) : nullptr,
                                     text.c_str (), nullptr, nullptr, &error);

  if (value == nullptr)
    throw std::runtime_error (text + ": " + error->message);
  return Value (value);
}

std::string
print (GVariant *floating)
{
  return Value (g_variant_ref_sink (floating)).print ();
}

std::string
join (const std::vector<std::string> &members)
{
  std::string text = "[";

  for (const std::string &member : members)
    text += (text.size () > 1 ? "," : "") + member;
  return text + "]";
}

/* A directory that exists before the bus starts, because the bus ignores a later one. */
std::string
make_services (const TempDir &dir)
{
  make_directory (dir / "services");
  return dir / "services";
}

} // namespace

MockBus::MockBus () : bus_ (dir_.path (), make_services (dir_)), control_ (bus_.address ())
{
}

void
MockBus::add_activation (const std::string &name, const std::string &command)
{
  char *quoted = g_shell_quote (command.c_str ());

  write_file (dir_ / "services/" + name + ".service",
              "[D-BUS Service]\nName=" + name + "\nExec=/bin/sh -c " + quoted + "\n");
  g_free (quoted);
  EXPECT_TRUE (control_.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                 "org.freedesktop.DBus.ReloadConfig"));
}

Mock &
Mock::object (const std::string &path, const std::string &interface, const std::string &properties)
{
  objects_.push_back (print (g_variant_new ("(ss@a{sv})", path.c_str (), interface.c_str (),
                                            parse ("a{sv}", properties).get ())));
  return *this;
}

Mock &
Mock::method (const std::string &path,
              const std::string &interface,
              const std::string &name,
              const std::string &in,
              const std::string &out,
              const std::string &code)
{
  methods_.push_back (
      print (g_variant_new ("(ssssss)", path.c_str (), interface.c_str (), name.c_str (),
                            in.c_str (), out.c_str (), code.c_str ())));
  return *this;
}

std::string
Mock::owner ()
{
  Reply reply = bus_.control ().call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus.GetNameOwner",
                                         g_variant_new ("(s)", name_.c_str ()));

  return reply ? reply.value[0].str () : "";
}

void
Mock::start (const std::string &before)
{
  std::string log = bus_.dir () / "mocks.log";

  process_.start ({{"/usr/bin/python3", "-m", "dbusmock", "--system", "--template",
                    template_.empty () ? SLUICE_MOCK_TEMPLATE : template_},
                   {{"DBUS_SYSTEM_BUS_ADDRESS", bus_.address ()},
                    {"PYTHONDONTWRITEBYTECODE", "1"},
                    {"SLUICE_MOCK_NAME", name_},
                    {"SLUICE_MOCK_OBJECTS", join (objects_)},
                    {"SLUICE_MOCK_METHODS", join (methods_)}},
                   log});
  ASSERT_TRUE (wait_polling ([&] { return owner () != before || !process_.is_running (); }, 30));
  ASSERT_TRUE (process_.is_running ()) << read_file (log);
}

void
Mock::stop ()
{
  process_.kill ();
  ASSERT_TRUE (wait_polling ([this] { return owner ().empty (); }));
}

void
Mock::hang ()
{
  process_.send (SIGSTOP);
}

void
Mock::resume ()
{
  process_.send (SIGCONT);
}

Reply
Mock::call_with (const std::string &path, const std::string &method, GVariant *args)
{
  Reply reply = bus_.control ().call_on (name_, path, method, args);

  EXPECT_TRUE (reply) << method << " on " << path << ": " << reply.error << ": " << reply.message;
  return reply;
}

void
Mock::update (const std::string &path, const std::string &interface, const std::string &properties)
{
  call_with (path, std::string (kMock) + "UpdateProperties",
             g_variant_new ("(s@a{sv})", interface.c_str (), parse ("a{sv}", properties).get ()));
}

void
Mock::set_quietly (const std::string &path,
                   const std::string &interface,
                   const std::string &name,
                   const std::string &value)
{
  call_with (path, "org.sluice.Mock.SetQuietly",
             g_variant_new ("(ssv)", interface.c_str (), name.c_str (),
                            parse (nullptr, value).get ()));
}

void
Mock::emit (const std::string &path,
            const std::string &interface,
            const std::string &name,
            const std::string &args)
{
  Value tuple = parse (nullptr, args);
  std::string type = g_variant_get_type_string (tuple.get ());
  GVariantBuilder members;

  g_variant_builder_init (&members, G_VARIANT_TYPE ("av"));
  for (gsize i = 0; i < g_variant_n_children (tuple.get ()); i++)
    g_variant_builder_add (&members, "v", tuple[i].get ());
  call_with (path, std::string (kMock) + "EmitSignal",
             g_variant_new ("(sssav)", interface.c_str (), name.c_str (),
                            type.substr (1, type.size () - 2).c_str (), &members));
}

Reply
Mock::call (const std::string &path, const std::string &method, const std::string &args)
{
  return call_with (path, method, parse (nullptr, args).get ());
}

int
Mock::count_calls (const std::string &path, const std::string &method)
{
  Reply reply = call_with (path, std::string (kMock) + "GetMethodCalls",
                           g_variant_new ("(s)", method.c_str ()));

  return reply ? (int)g_variant_n_children (reply.value[0].get ()) : -1;
}

} // namespace st
