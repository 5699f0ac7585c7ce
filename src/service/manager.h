/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/sluice/Sluice1: makes, lists and finds downloads. */
#pragma once

#include "queue/queue.h"
#include "service/configuration.h"
#include "service/environment.h"

G_BEGIN_DECLS

typedef struct _SlManager SlManager;

/* What the object speaks for; all (transfer none), and outlive it. */
typedef struct {
  SlQueue *queue;
  SlConfiguration *configuration;
  SlEnvironment *environment;
  /* Reads the files again; FALSE with @error when that can't be done. */
  gboolean (*reload) (gpointer user_data, GError **error);
  gpointer user_data;
} SlManagerSubjects;

/* (transfer full) (nullable) */
SlManager *
sl_manager_export (GDBusConnection *connection, const SlManagerSubjects *subjects, GError **error);
void sl_manager_free (SlManager *manager);

void sl_manager_added (SlManager *manager, SlDownload *download);
void sl_manager_removed (SlManager *manager, SlDownload *download);
/* ConfigProblems may have changed. */
void sl_manager_config_changed (SlManager *manager);
/* Conditions has changed. */
void sl_manager_conditions_changed (SlManager *manager);

G_END_DECLS
