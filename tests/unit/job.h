/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kind of object that only the unit tests of libsluice have: a table, and a class that uses it. */
#pragma once

#include "lib/object.h"
#include "sluice/sluice-enums.h"

#include <string>

const char kJob[] = "org.example.Job";

struct Job {
  GObject parent;
  SlObject *object; /* (owned) */
  std::string *log; /* (unowned) (nullable): what happened to it, in words */
};
struct JobClass {
  GObjectClass parent_class;
};
G_DEFINE_TYPE (Job, job, G_TYPE_OBJECT)

static inline void
job_log (gpointer self, const std::string &word)
{
  auto *job = static_cast<Job *> (self);

  if (job->log != nullptr)
    *job->log += word + " ";
}

static inline GDBusInterfaceInfo *
job_info ()
{
  static GDBusNodeInfo *node =
      g_dbus_node_info_new_for_xml ("<node><interface name='org.example.Job'>"
                                    "<property name='Version' type='u' access='read'/>"
                                    "<property name='DisplayName' type='s' access='read'/>"
                                    "<property name='Ended' type='b' access='read'/>"
                                    "<property name='Files' type='u' access='read'/>"
                                    "<property name='BytesTotal' type='t' access='read'/>"
                                    "<property name='ExpiryTime' type='x' access='read'/>"
                                    "<property name='Reasons' type='as' access='read'/>"
                                    "<property name='Members' type='ao' access='read'/>"
                                    "<property name='State' type='s' access='read'/>"
                                    "</interface></node>",
                                    nullptr);
  return node->interfaces[0];
}

static const SlPropertyNote job_notes[] = {
    {"Version", nullptr, 0, TRUE},
    {"BytesTotal", nullptr, G_MAXUINT64, FALSE},
    {"State", sluice_state_get_type, 0, FALSE},
    {nullptr, nullptr, 0, FALSE},
};

static SlKind job_kind = {
    job_info (),
    job_notes,
    3,
    [] (gpointer self, const char *signal, GVariant *) { job_log (self, signal); },
    [] (gpointer self) { job_log (self, "gone"); },
    [] (gpointer self) { job_log (self, "connected-changed"); },
    0,
    nullptr,
};

static void
job_init (Job *job)
{
  job->object = sl_object_new (&job_kind, job);
}

static inline void
job_class_init (JobClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = [] (GObject *job, guint id, GValue *value,
                                             GParamSpec *spec) {
    sl_object_get_property (reinterpret_cast<Job *> (job)->object, id, value, spec);
  };
  G_OBJECT_CLASS (klass)->finalize = [] (GObject *job) {
    sl_object_free (reinterpret_cast<Job *> (job)->object);
    G_OBJECT_CLASS (job_parent_class)->finalize (job);
  };
  sl_kind_install (&job_kind, G_OBJECT_CLASS (klass));
}
