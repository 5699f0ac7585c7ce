/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error domain of the store. */
#include "store/error.h"

GQuark
sl_store_error_quark (void)
{
  return g_quark_from_static_string ("sl-store-error");
}
