/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a file comes from: an address, its host, and the version of the file there, as far as known. It is never
 * changed.
 */
#pragma once

#include "base/validator.h"
#include "store/record.h"

G_BEGIN_DECLS

/* Counted references. */
typedef struct {
  gatomicrefcount ref_count;
  char *address;       /* (owned) */
  char *host;          /* (owned) host and port, for which connections are counted */
  SlValidator version; /* (owned) empty while nothing is known */
} SlSource;

/* (transfer full): a source from the address and version in @record */
SlSource *sl_source_new (const SlRecord *record);
SlSource *sl_source_ref (SlSource *source);
void sl_source_unref (SlSource *source);

G_END_DECLS
