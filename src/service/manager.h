/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/sluice/Sluice1: makes, lists and finds downloads, and speaks for the service as a whole. */
#pragma once

#include "queue/queue.h"
#include "service/configuration.h"
#include "service/door.h"
#include "service/environment.h"

G_BEGIN_DECLS

typedef struct _SlManager SlManager;

/* What the object speaks for; all (transfer none), and outlive it. */
typedef struct {
  SlQueue *queue;
  SlConfiguration *configuration;
  SlEnvironment *environment;
  /* Reads the configuration files again; FALSE with @error when one can't be parsed. */
  gboolean (*reload) (gpointer user_data, GError **error);
  gpointer user_data;
} SlManagerSubjects;

/* (transfer full) (nullable): @callers (transfer none) are freed before it */
SlManager *sl_manager_export (GDBusConnection *connection,
                              SlCallers *callers,
                              const SlManagerSubjects *subjects,
                              GError **error);
void sl_manager_free (SlManager *manager);

/* Its interface; the server of the calls is the SlManager. */
extern const SlInterface sl_manager_interface;

/* Signals that @download was added, or removed. */
void sl_manager_added (SlManager *manager, SlDownload *download);
void sl_manager_removed (SlManager *manager, SlDownload *download);
/* Signals ConfigProblems if it has changed. */
void sl_manager_config_changed (SlManager *manager);
/* Signals that Conditions has changed. */
void sl_manager_conditions_changed (SlManager *manager);

G_END_DECLS
