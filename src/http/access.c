/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what requests must have in common to share a connection. */
#include "http/access.h"

#include "base/enums.h"

guint
sl_access_hash (gconstpointer access)
{
  const SlAccess *of = access;

  return of->owner * 31 + (of->security & SL_SECURITY_CERTIFICATE);
}

gboolean
sl_access_equal (gconstpointer a, gconstpointer b)
{
  const SlAccess *one = a, *other = b;

  return one->owner == other->owner &&
         ((one->security ^ other->security) & SL_SECURITY_CERTIFICATE) == 0;
}
