/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors that only the store has. Its other errors are of SLUICE_ERROR. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SL_STORE_ERROR (sl_store_error_quark ())

typedef enum {
  SL_STORE_ERROR_NEWER, /* a later version of Sluice has written the queue */
} SlStoreError;

GQuark sl_store_error_quark (void);

G_END_DECLS
