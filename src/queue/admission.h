/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Admits downloads: all of a list or none, and only once they are on disk. */
#pragma once

#include "queue/destinations.h"
#include "queue/registry.h"

G_BEGIN_DECLS

/* What admission needs. All (transfer none), and must outlive it. */
typedef struct {
  const SlDownloadContext *context; /* for the new downloads */
  SlRegistry *registry;
  SlDestinations *destinations;
  gint64 next_seq;
  /* The download is committed and in the registry. */
  void (*added) (SlDownload *download, gpointer user_data);
  gpointer user_data;
} SlAdmission;

/*
 * Called when all are committed, or with the @error because of which none was admitted. @downloads: (transfer none)
 * (element-type SlDownload)
 */
typedef void (*SlAdmitted) (GPtrArray *downloads, const GError *error, gpointer user_data);
/* Admits all of @records, or none. @records: (element-type SlRecord) (transfer full), all of the same owner */
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
