/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sentences of “why”, as they come together. */
#pragma once

#include "why-facts.h"

#include <glib/gi18n.h>

G_BEGIN_DECLS

/* What ends a reason, where its own sentence doesn't say it. */
typedef enum {
  ABOUT_NOTHING = 0,
  ABOUT_MONEY = 1 << 0,
  ABOUT_COMFORT = 1 << 1,
  ABOUT_RATE = 1 << 2,
} About;

typedef struct {
  const WhyFacts *facts;
  GVariant *values;  /* (owned) of the download */
  GError *error;     /* (owned) (nullable) its last one */
  char *id;          /* (owned) as much of it as one types */
  GPtrArray *said;   /* (owned) (element-type utf8) */
  About about;       /* of all of its reasons */
  gboolean outdated; /* a hint says otherwise by now */
} Why;

#define SUSPENDED N_ ("All downloads are suspended; “sluicectl resume” continues them.")

/* (transfer full) @sentence */
void why_take (Why *why, char *sentence);
void why_say (Why *why, const char *sentence);

G_END_DECLS
