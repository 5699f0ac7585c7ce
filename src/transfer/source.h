/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a file comes from: an address, its host, and the version of the file that it is known to have. Not changed once made. */
#pragma once

#include "base/validator.h"
#include "store/record.h"

G_BEGIN_DECLS

/* Counted references. */
typedef struct {
  gatomicrefcount ref_count;
  char *address;       /* (owned) */
  char *host;          /* (owned) what connections are counted at: host and port */
  SlValidator version; /* (owned) empty while nothing is known */
} SlSource;

/* (transfer full): what @record says of its own address */
SlSource *sl_source_new (const SlRecord *record);
SlSource *sl_source_ref (SlSource *source);
void sl_source_unref (SlSource *source);

G_END_DECLS
