/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the sentences of “why”. */
#pragma once

#include "why-facts.h"

#include <glib/gi18n.h>

G_BEGIN_DECLS

/* What a reason is about, and so what ends it, if its own sentence does not say that. */
typedef enum {
  ABOUT_NOTHING = 0,
  ABOUT_MONEY = 1 << 0,
  ABOUT_COMFORT = 1 << 1,
  ABOUT_RATE = 1 << 2,
} About;

typedef struct {
  const WhyFacts *facts;
  GVariant *values;  /* (owned) of the download */
  GError *error;     /* (owned) (nullable) the last error of the download */
  char *id;          /* (owned) the short id that people type */
  GPtrArray *said;   /* (owned) (element-type utf8) the sentences */
  About about;       /* a set: what all of its reasons are about */
  gboolean outdated; /* the conditions have changed since */
} Why;

#define SUSPENDED N_ ("All downloads are suspended; “sluicectl resume” continues them.")

/* @sentence: (transfer full) */
void why_take (Why *why, char *sentence);
void why_say (Why *why, const char *sentence);

G_END_DECLS
