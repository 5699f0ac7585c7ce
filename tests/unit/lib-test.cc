/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of an object of the service, with the test's own interface. */
#include "job.h"
#include "unit.h"

#include "lib/sluice-enums-private.h"

#include <set>

/* Names of properties, each as often as it notified. */
using Names = std::multiset<std::string>;

class LibObject : public testing::Test
{
protected:
  void
  SetUp () override
  {
    job = G_OBJECT (g_object_new (job_get_type (), nullptr));
    object = reinterpret_cast<Job *> (job)->object;
    g_signal_connect (job, "notify", G_CALLBACK (+[] (GObject *, GParamSpec *spec, Names *names) {
                        names->insert (spec->name);
                      }),
                      &told);
  }
  void
  TearDown () override
  {
    g_object_unref (job);
  }
  /* @values: a{sv} as text */
  void
  store (const char *values)
  {
    GVariant *parsed = g_variant_new_parsed (values);
    sl_object_store_all (object, parsed);
    g_variant_unref (parsed);
  }
  /* A property of the GObject as text. */
  std::string
  get (const char *name)
  {
    GValue value = G_VALUE_INIT;
    g_object_get_property (job, name, &value);
    std::string text = take (g_strdup_value_contents (&value));
    g_value_unset (&value);
    return text;
  }
  std::string
  known ()
  {
    GVariant *values = sl_object_dup_values (object);
    std::string text = take (g_variant_print (values, FALSE));
    g_variant_unref (values);
    return text;
  }

  GObject *job = nullptr;
  SlObject *object = nullptr;
  Names told;
};

TEST_F (LibObject, PropertiesHaveNamesAndTypesOfTheInterface)
{
  guint n = 0;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (job), &n);
  std::string list;

  for (guint i = 0; i < n; i++)
    list += std::string (specs[i]->name) + ":" + g_type_name (specs[i]->value_type) + " ";
  EXPECT_EQ (list, "display-name:gchararray ended:gboolean files:guint bytes-total:guint64 "
                   "expiry-time:gint64 reasons:GStrv members:GVariant state:SluiceState ");
}

TEST_F (LibObject, WhatIsNotKnownHasItsDefault)
{
  EXPECT_EQ (get ("display-name"), "NULL");
  EXPECT_EQ (get ("files"), "0");
  EXPECT_EQ (get ("bytes-total"), std::to_string (G_MAXUINT64));
  EXPECT_EQ (get ("members"), "NULL");
  EXPECT_EQ (get ("state"), "((SluiceState) SLUICE_STATE_UNKNOWN)");
  EXPECT_EQ (sl_object_peek (object, "Files"), nullptr);
  EXPECT_EQ (sl_object_peek_string (object, "DisplayName"), nullptr);
  EXPECT_EQ (sl_object_peek_uint64 (object, "BytesTotal", 7), 7u);
  EXPECT_EQ (known (), "{}");
}

TEST_F (LibObject, ValuesOfEachTypeAreRead)
{
  store ("{'DisplayName': <'x'>, 'Ended': <true>, 'Files': <@u 3>, 'BytesTotal': <@t 5>, "
         "'ExpiryTime': <@x -1>,"
         " 'Reasons': <['a', 'b']>, 'Members': <[objectpath '/m']>, 'State': <'queued'>}");
  EXPECT_EQ (get ("display-name"), "\"x\"");
  EXPECT_EQ (get ("ended"), "TRUE");
  EXPECT_EQ (get ("files"), "3");
  EXPECT_EQ (get ("bytes-total"), "5");
  EXPECT_EQ (get ("expiry-time"), "-1");
  EXPECT_EQ (get ("reasons"), "[\"a\", \"b\"]");
  EXPECT_NE (get ("members"), "NULL");
  EXPECT_EQ (get ("state"), "((SluiceState) SLUICE_STATE_QUEUED)");
  EXPECT_STREQ (sl_object_peek_string (object, "DisplayName"), "x");
  EXPECT_EQ (sl_object_peek_uint64 (object, "BytesTotal", 7), 5u);
}

TEST_F (LibObject, OnlyChangesNotifyAndOnlyOnce)
{
  store ("{'Files': <@u 3>, 'Ended': <false>}");
  EXPECT_EQ (told, Names ({"files", "ended"}));
  told.clear ();
  store ("{'Files': <@u 3>, 'Ended': <true>}");
  EXPECT_EQ (told, Names ({"ended"}));
  EXPECT_EQ (known (), "{'Ended': <true>, 'Files': <uint32 3>}");
}

/* All values are stored when the first one notifies. */
TEST_F (LibObject, WhatComesTogetherIsStoredBeforeAnybodyIsTold)
{
  std::string seen;

  g_object_set_data (job, "seen", &seen);
  g_signal_connect (job, "notify::files",
                    G_CALLBACK (+[] (GObject *self, GParamSpec *, SlObject *its) {
                      g_autofree char *name = nullptr;
                      g_object_get (self, "display-name", &name, nullptr);
                      *static_cast<std::string *> (g_object_get_data (self, "seen")) =
                          name != nullptr ? name : "nothing";
                      EXPECT_STREQ (sl_object_peek_string (its, "DisplayName"), "x");
                    }),
                    object);
  store ("{'Files': <@u 3>, 'DisplayName': <'x'>}");
  EXPECT_EQ (seen, "x");
}

TEST_F (LibObject, WrongTypesAndUnknownNamesAreLeftOut)
{
  store ("{'Files': <@t 3>, 'DisplayName': <1>, 'Colour': <'red'>, 'ended': <true>}");
  EXPECT_EQ (told, Names ());
  EXPECT_EQ (known (), "{}");
}

TEST_F (LibObject, AWordThatIsNotKnownIsUnknown)
{
  store ("{'State': <'dreaming'>}");
  EXPECT_EQ (get ("state"), "((SluiceState) SLUICE_STATE_UNKNOWN)");
  EXPECT_STREQ (sl_object_peek_string (object, "State"), "dreaming");
}

/* The value is kept, but no property notifies. */
TEST_F (LibObject, WhatIsHiddenIsKnownByItsNameAlone)
{
  store ("{'Version': <@u 2>}");
  EXPECT_EQ (told, Names ());
  EXPECT_EQ (known (), "{'Version': <uint32 2>}");
  EXPECT_EQ (g_object_class_find_property (G_OBJECT_GET_CLASS (job), "version"), nullptr);
}

TEST (LibEnums, WordsOfTheBusAreNicks)
{
  EXPECT_EQ (sl_enum_from_nick (SLUICE_TYPE_PRIORITY, "low"), SLUICE_PRIORITY_LOW);
  EXPECT_EQ (sl_enum_from_nick (SLUICE_TYPE_PRIORITY, "unknown"), SLUICE_PRIORITY_UNKNOWN);
  EXPECT_EQ (sl_enum_from_nick (SLUICE_TYPE_PRIORITY, "Low"), SLUICE_PRIORITY_UNKNOWN);
  EXPECT_EQ (sl_enum_from_nick (SLUICE_TYPE_STATE, nullptr), SLUICE_STATE_UNKNOWN);
  EXPECT_STREQ (sluice_state_to_string ((SluiceState)77), "unknown");
  EXPECT_STREQ (sluice_priority_to_string ((SluicePriority)-1), "unknown");
}
