/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How downloads come in: all of a list, or none of it, and only when they are on disk. */
#pragma once

#include "queue/destinations.h"
#include "queue/registry.h"

G_BEGIN_DECLS

/* What admission goes by; all (transfer none), and outlives it. */
typedef struct {
  const SlSurroundings *surroundings; /* of the new downloads */
  SlRegistry *registry;
  SlDestinations *destinations;
  gint64 next_seq;
  /* They are committed and in the registry. */
  void (*added) (SlDownload *download, gpointer owner);
  gpointer owner;
} SlAdmission;

/* Called when all are committed, or with why none of them is; (transfer none) (element-type SlDownload) */
typedef void (*SlAdmitted) (GPtrArray *downloads, const GError *error, gpointer user_data);
/* Admits all of @records (element-type SlRecord) (transfer full), which are one owner's, or none. */
void sl_admission_admit (SlAdmission *admission,
                         GPtrArray *records,
                         SlAdmitted admitted,
                         gpointer user_data);
/* Whether @download may have @path (nullable): it is not in the store’s own directory, nor that of another one. */
gboolean sl_admission_check_path (SlAdmission *admission,
                                  SlDownload *download,
                                  const char *path,
                                  GError **error);

G_END_DECLS
