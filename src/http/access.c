/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What two requests must have in common to use one connection. */
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
