/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * service: the door lets in only calls with the right for them, and each member of the interfaces has a row in a table.
 */
#include "unit.h"

#include "base/error.h"
#include "service/door.h"
#include "service/download-object.h"
#include "service/manager.h"
#include "support/bus.h"
#include "support/loop.h"

#include <set>
#include <unistd.h>

using namespace st;

namespace
{

const char kInterface[] = "org.example.Door";
const char kXml[] = "<node><interface name='org.example.Door'>"
                    "<method name='Open'><arg name='word' type='s' direction='in'/>"
                    "<arg name='count' type='u' direction='out'/></method>"
                    "<method name='Nobodys'/>"
                    "<method name='Unlisted'/>"
                    "<property name='Word' type='s' access='readwrite'/>"
                    "<property name='Version' type='u' access='read'/>"
                    "<property name='Secret' type='s' access='readwrite'/>"
                    "<property name='Unlisted' type='s' access='readwrite'/>"
                    "</interface></node>";

/* What the handlers have done. */
struct Served {
  std::vector<std::string> words;
  SlCaller caller = {};
  guint detail = 0;
};

GDBusInterfaceInfo *
get_info ()
{
  static GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (kXml, nullptr);

  return node->interfaces[0];
}

Served *
served_of (const SlCall *call)
{
  return static_cast<Served *> (call->server);
}

void
handle_open (const SlCall *call)
{
  Served *served = served_of (call);
  const char *word;

  g_variant_get (call->parameters, "(&s)", &word);
  served->words.push_back (word);
  served->caller = *call->caller;
  g_dbus_method_invocation_return_value (call->invocation,
                                         g_variant_new ("(u)", (guint32)served->words.size ()));
}

void
handle_nobodys (const SlCall *call)
{
  ADD_FAILURE () << "called";
  g_dbus_method_invocation_return_value (call->invocation, nullptr);
}

GVariant *
get_word (const SlCall *call, guint detail)
{
  const std::vector<std::string> &words = served_of (call)->words;

  served_of (call)->detail = detail;
  return g_variant_new_string (words.empty () ? "" : words.back ().c_str ());
}

/* Returns a value that is not floating. */
GVariant *
get_version (const SlCall *, guint)
{
  return g_variant_ref_sink (g_variant_new_uint32 (1));
}

void
set_word (const SlCall *call, guint detail, GVariant *value)
{
  served_of (call)->detail = detail;
  served_of (call)->words.push_back (g_variant_get_string (value, nullptr));
  g_dbus_method_invocation_return_value (call->invocation, nullptr);
}

const SlMethodRow methods[] = {
    {"Open", handle_open, SL_RIGHT_ANY},
    {"Nobodys", handle_nobodys, SL_RIGHT_NONE},
    {nullptr, nullptr, SL_RIGHT_NONE},
};

const SlPropertyRow properties[] = {
    {"Word", get_word, SL_RIGHT_ANY, set_word, SL_RIGHT_SERVICE, 7},
    {"Version", get_version, SL_RIGHT_ANY, nullptr, SL_RIGHT_NONE, 0},
    {"Secret", get_word, SL_RIGHT_NONE, set_word, SL_RIGHT_NONE, 0},
    {nullptr, nullptr, SL_RIGHT_NONE, nullptr, SL_RIGHT_NONE, 0},
};

/* (transfer full): a download of the user @owner */
SlDownload *
make_download (guint32 owner)
{
  static const SlDownloadContext context = {};
  SlRecord *record = sl_record_new ();

  record->owner = owner;
  return sl_download_new (record, &context);
}

/* A server with a door, and a client that calls it. */
class Door : public testing::Test
{
protected:
  void
  SetUp () override
  {
    Error error;

    callers = sl_callers_new (server.raw (), TRUE, error.out ());
    ASSERT_NE (callers, nullptr) << error.text ();
    door = sl_door_new (&interface, callers, &served);
    registration = g_dbus_connection_register_object (server.raw (), "/door", get_info (),
                                                      &sl_door_vtable, door, nullptr, error.out ());
    ASSERT_NE (registration, 0u) << error.text ();
  }
  ~Door () override
  {
    g_dbus_connection_unregister_object (server.raw (), registration);
    g_clear_pointer (&callers, sl_callers_free);
    g_clear_pointer (&door, sl_door_free);
  }
  Reply
  call (const std::string &method, GVariant *args = nullptr)
  {
    return client.call_on (server.name (), "/door", method, args);
  }
  Reply
  open (const char *word)
  {
    return call ("org.example.Door.Open", g_variant_new ("(s)", word));
  }
  Reply
  get (const char *name)
  {
    return call ("org.freedesktop.DBus.Properties.Get", g_variant_new ("(ss)", kInterface, name));
  }
  Reply
  set (const char *name, GVariant *value)
  {
    return call ("org.freedesktop.DBus.Properties.Set",
                 g_variant_new ("(ssv)", kInterface, name, value));
  }

  SlInterface interface = {get_info (), methods, properties, nullptr};
  TempDir dir;
  Bus bus{dir.path ()};
  Connection server{bus.address ()};
  Connection client{bus.address ()};
  SlCallers *callers = nullptr;
  SlDoor *door = nullptr;
  guint registration = 0;
  Served served;
};

} // namespace

TEST_F (Door, AHandlerGetsTheCallAndItsCaller)
{
  Reply reply = open ("sesame");

  ASSERT_TRUE (reply) << reply.message;
  EXPECT_EQ (reply.value[0].number (), 1u);
  EXPECT_EQ (served.words, std::vector<std::string> ({"sesame"}));
  EXPECT_EQ (served.caller.uid, getuid ());
  EXPECT_EQ (served.caller.pid, (guint32)getpid ());
}

TEST_F (Door, AMemberWithoutARowCannotBeCalled)
{
  EXPECT_EQ (call ("org.example.Door.Unlisted").error, "NotAuthorized");
  EXPECT_EQ (get ("Unlisted").error, "NotAuthorized");
  EXPECT_EQ (set ("Unlisted", g_variant_new_string ("x")).error, "NotAuthorized");
  EXPECT_TRUE (served.words.empty ());
}

TEST_F (Door, AMemberThatNobodyHasARightToCannotBeCalled)
{
  Reply reply = call ("org.example.Door.Nobodys");

  EXPECT_EQ (reply.error, "NotAuthorized");
  EXPECT_NE (reply.message.find ("Nobodys"), std::string::npos) << reply.message;
  EXPECT_EQ (get ("Secret").error, "NotAuthorized");
  EXPECT_EQ (set ("Secret", g_variant_new_string ("x")).error, "NotAuthorized");
  EXPECT_TRUE (served.words.empty ());
}

TEST_F (Door, PropertiesAreReadAndWritten)
{
  Reply reply = set ("Word", g_variant_new_string ("new"));
  EXPECT_TRUE (reply) << reply.message;
  EXPECT_EQ (served.detail, 7u);
  served.detail = 0;
  reply = get ("Word");
  ASSERT_TRUE (reply) << reply.message;
  EXPECT_EQ (reply.value.print (), "(<'new'>,)");
  EXPECT_EQ (served.detail, 7u);
  EXPECT_EQ (get ("Version").value.print (), "(<uint32 1>,)");
}

TEST_F (Door, AllPropertiesAreThoseThatTheCallerMayRead)
{
  Reply reply = call ("org.freedesktop.DBus.Properties.GetAll", g_variant_new ("(s)", kInterface));

  ASSERT_TRUE (reply) << reply.message;
  EXPECT_EQ (reply.value.print (), "({'Word': <''>, 'Version': <uint32 1>},)");
}

/* GDBus checks calls against the XML before they reach the door. */
TEST_F (Door, CallsOfAWrongFormAreRefused)
{
  EXPECT_EQ (call ("org.example.Door.Open", g_variant_new ("(u)", 1)).error,
             "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ (call ("org.example.Door.Close").error, "org.freedesktop.DBus.Error.UnknownMethod");
  EXPECT_NE (get ("Nothing").error, "");
  EXPECT_NE (set ("Word", g_variant_new_uint32 (1)).error, "");
  EXPECT_NE (set ("Version", g_variant_new_uint32 (2)).error, "");
  EXPECT_TRUE (served.words.empty ());
}

/* The first call has to wait until the bus has said who calls. */
TEST_F (Door, CallsOfANewSenderStayInOrder)
{
  int answered = 0;
  auto on_reply = [] (GObject *source, GAsyncResult *result, gpointer data) {
    g_autoptr (GVariant) value =
        g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, nullptr);
    EXPECT_NE (value, nullptr);
    ++*static_cast<int *> (data);
  };

  for (int i = 0; i < 50; i++)
    g_dbus_connection_call (client.raw (), server.name ().c_str (), "/door", kInterface, "Open",
                            g_variant_new ("(s)", std::to_string (i).c_str ()), nullptr,
                            G_DBUS_CALL_FLAGS_NONE, -1, nullptr, on_reply, &answered);
  ASSERT_TRUE (wait_until ([&] { return answered == 50; }));
  for (int i = 0; i < 50; i++)
    EXPECT_EQ (served.words[(std::size_t)i], std::to_string (i));
}

/* A door with downloads behind it. */

class DoorOfDownloads : public Door
{
protected:
  DoorOfDownloads ()
  {
    /* every path leads to the only download */
    interface.find = [] (gpointer, const char *) { return only; };
  }
  ~DoorOfDownloads () override
  {
    g_clear_pointer (&only, sl_download_unref);
  }

  static SlDownload *only;
};

SlDownload *DoorOfDownloads::only;

TEST_F (DoorOfDownloads, AnObjectThatIsNotThereIsNotFound)
{
  Reply reply = open ("sesame");

  EXPECT_EQ (reply.error, "NotFound");
  EXPECT_NE (reply.message.find ("/door"), std::string::npos) << reply.message;
  EXPECT_EQ (get ("Word").error, "NotFound");
  /* the answer does not reveal whether the member has a row */
  EXPECT_EQ (call ("org.example.Door.Unlisted").error, "NotFound");
  EXPECT_TRUE (served.words.empty ());
}

TEST_F (DoorOfDownloads, AnObjectThatIsThereIsServed)
{
  only = make_download (getuid ());
  EXPECT_TRUE (open ("sesame"));
  EXPECT_EQ (served.words, std::vector<std::string> ({"sesame"}));
}

/* Rights. */

class Rights : public testing::Test
{
protected:
  ~Rights () override
  {
    sl_download_unref (download);
  }
  bool
  admits (const SlCaller &caller, SlRight right)
  {
    return sl_door_admits (&caller, right, download) != FALSE;
  }

  SlDownload *download = make_download (1000);
  SlCaller owner = {1000, 1, FALSE};
  SlCaller stranger = {1001, 2, FALSE};
  SlCaller root = {0, 3, FALSE};
  SlCaller service = {500, 4, TRUE};
};

TEST_F (Rights, NobodyHasNone)
{
  for (const SlCaller &caller : {owner, stranger, root, service})
    EXPECT_FALSE (admits (caller, SL_RIGHT_NONE));
}

TEST_F (Rights, WhatIsNoRightIsNone)
{
  EXPECT_FALSE (admits (service, (SlRight)99));
}

TEST_F (Rights, AnyIsEverybodys)
{
  for (const SlCaller &caller : {owner, stranger, root, service})
    EXPECT_TRUE (admits (caller, SL_RIGHT_ANY));
}

TEST_F (Rights, ADownloadIsItsOwners)
{
  EXPECT_TRUE (admits (owner, SL_RIGHT_OWN));
  EXPECT_FALSE (admits (stranger, SL_RIGHT_OWN));
  EXPECT_FALSE (admits (root, SL_RIGHT_OWN));
  EXPECT_TRUE (admits (service, SL_RIGHT_OWN));
  EXPECT_FALSE (sl_door_admits (&service, SL_RIGHT_OWN, nullptr));
}

TEST_F (Rights, TheServiceIsItsUsers)
{
  EXPECT_FALSE (admits (owner, SL_RIGHT_SERVICE));
  EXPECT_FALSE (admits (stranger, SL_RIGHT_SERVICE));
  EXPECT_FALSE (admits (root, SL_RIGHT_SERVICE));
  EXPECT_TRUE (admits (service, SL_RIGHT_SERVICE));
}

/* Tables. */

namespace
{

std::multiset<std::string>
list_rows (const SlInterface *interface)
{
  std::multiset<std::string> names;

  for (const SlMethodRow *row = interface->methods; row->name != nullptr; row++)
    names.insert (std::string ("method ") + row->name);
  for (const SlPropertyRow *row = interface->properties; row->name != nullptr; row++) {
    bool written = row->set != nullptr;
    EXPECT_NE (row->get, nullptr) << row->name;
    EXPECT_NE (row->read, SL_RIGHT_NONE) << row->name;
    EXPECT_EQ (written, row->write != SL_RIGHT_NONE) << row->name;
    names.insert (std::string ("property ") + row->name + (written ? " written" : ""));
  }
  return names;
}

std::multiset<std::string>
list_members (const GDBusInterfaceInfo *info)
{
  std::multiset<std::string> names;

  for (GDBusMethodInfo **method = info->methods; method != nullptr && *method != nullptr; method++)
    names.insert (std::string ("method ") + (*method)->name);
  for (GDBusPropertyInfo **property = info->properties; property != nullptr && *property != nullptr;
       property++) {
    EXPECT_TRUE ((*property)->flags & G_DBUS_PROPERTY_INFO_FLAGS_READABLE) << (*property)->name;
    bool written = ((*property)->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) != 0;
    names.insert (std::string ("property ") + (*property)->name + (written ? " written" : ""));
  }
  return names;
}

/* Names the members that only the table or only the XML has. */
std::string
compare (const SlInterface *interface)
{
  std::multiset<std::string> rows = list_rows (interface), members = list_members (interface->info);
  std::vector<std::string> missing, surplus;
  std::string text;

  std::set_difference (members.begin (), members.end (), rows.begin (), rows.end (),
                       std::back_inserter (missing));
  std::set_difference (rows.begin (), rows.end (), members.begin (), members.end (),
                       std::back_inserter (surplus));
  for (const std::string &name : missing)
    text += "no row: " + name + "; ";
  for (const std::string &name : surplus)
    text += "not in the XML: " + name + "; ";
  return text;
}

} // namespace

TEST (Tables, TheManagersHasEachMember)
{
  EXPECT_EQ (compare (&sl_manager_interface), "");
}

TEST (Tables, TheDownloadsHasEachMember)
{
  const SlInterface *interface = sl_download_objects_get_interface ();

  EXPECT_EQ (compare (interface), "");
  EXPECT_NE (interface->find, nullptr);
}

/* Only the owner may use a download's members. The manager's members belong to no download. */
TEST (Tables, RightsAreThoseOfTheKindOfObject)
{
  const SlInterface *downloads = sl_download_objects_get_interface ();

  for (const SlMethodRow *row = downloads->methods; row->name != nullptr; row++)
    EXPECT_EQ (row->right, SL_RIGHT_OWN) << row->name;
  for (const SlPropertyRow *row = downloads->properties; row->name != nullptr; row++)
    EXPECT_EQ (row->read, SL_RIGHT_OWN) << row->name;
  for (const SlMethodRow *row = sl_manager_interface.methods; row->name != nullptr; row++)
    EXPECT_NE (row->right, SL_RIGHT_OWN) << row->name;
  for (const SlPropertyRow *row = sl_manager_interface.properties; row->name != nullptr; row++)
    EXPECT_NE (row->read, SL_RIGHT_OWN) << row->name;
}

/* compare () finds rows that are missing or surplus. */
TEST (Tables, AFaultIsFound)
{
  const SlMethodRow few[] = {{"Open", handle_open, SL_RIGHT_ANY},
                             {"Shut", handle_nobodys, SL_RIGHT_ANY},
                             {nullptr, nullptr, SL_RIGHT_NONE}};
  const SlPropertyRow two[] = {properties[0],
                               properties[1],
                               {nullptr, nullptr, SL_RIGHT_NONE, nullptr, SL_RIGHT_NONE, 0}};
  SlInterface interface = {get_info (), few, two, nullptr};

  EXPECT_EQ (compare (&interface),
             "no row: method Nobodys; no row: method Unlisted; no row: property Secret written; "
             "no row: property Unlisted written; not in the XML: method Shut; ");
}
