/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock that nobody can set. */
#include "store/age.h"

#include <time.h>

/* Names of numbers in the store: the clock, and the wall-clock time (Unix µs) when it was saved. */
#define NUMBER_AGE "age"
#define NUMBER_AT  "age at"
/* The largest step that is believed. After a suspend the kernel's clock too depends on one that a battery keeps. */
#define STEP_MAX (12 * G_TIME_SPAN_HOUR)

struct _SlAge {
  SlStore *store;
  gint64 age;     /* µs, at the last look at the kernel's clock */
  gint64 counted; /* the kernel's clock at that time (µs) */
};

/* µs; also counts the time in suspend */
static gint64
get_kernel_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

SlAge *
sl_age_new (SlStore *store)
{
  SlAge *age = g_new0 (SlAge, 1);
  gint64 saved_at = sl_store_get_number (store, NUMBER_AT);

  age->store = store;
  age->counted = get_kernel_time ();
  age->age = MAX (sl_store_get_number (store, NUMBER_AGE), 0);
  if (saved_at > 0)
    age->age += CLAMP (g_get_real_time () - saved_at, 0, STEP_MAX);
  return age;
}

void
sl_age_free (SlAge *age)
{
  sl_age_save (age);
  g_free (age);
}

gint64
sl_age_now (SlAge *age)
{
  gint64 now = get_kernel_time ();

  age->age += CLAMP (now - age->counted, 0, STEP_MAX);
  age->counted = now;
  return age->age;
}

void
sl_age_save (SlAge *age)
{
  sl_store_set_number (age->store, NUMBER_AGE, sl_age_now (age), NULL, NULL);
  sl_store_set_number (age->store, NUMBER_AT, g_get_real_time (), NULL, NULL);
}
