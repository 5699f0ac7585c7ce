/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of a download, and which of it was asked for: what was not set has the default. The options are the
 * rows of base/options.def.
 */
#pragma once

#include "base/enums.h"
#include "base/value.h"

G_BEGIN_DECLS

#define OPTION(number, type, member, ...) SL_OPTION_##number,
typedef enum {
#include "base/options.def"
  SL_N_OPTIONS
} SlOptionNumber;
#undef OPTION

#define SL_OPTION_BIT(number) (G_GUINT64_CONSTANT (1) << (number))
G_STATIC_ASSERT (SL_N_OPTIONS <= 64);

/* Written by sl_options_set () alone, so that the mask and the checks hold; read directly. */
#define OPTION(number, type, member, ...) type member;
typedef struct {
  guint64 set; /* the options that were asked for: a set of SL_OPTION_BIT () */
#include "base/options.def"
} SlOptions;
#undef OPTION

typedef enum {
  SL_OPTION_DECIDES = 1 << 0, /* the queue decides by it whether the download may run, and when */
  SL_OPTION_LATCHES = 1 << 1, /* once true, it stays so */
  SL_OPTION_MAY_BE_EMPTY = 1 << 2, /* the empty text isn't for @normalize to refuse */
} SlOptionFlags;

/* A row. */
typedef struct {
  SlOptionNumber number;
  const char *property; /* its name on the bus */
  const char *column;   /* its name in the database, where what was not set is NULL */
  int since;            /* the version of the schema that brought the column */
  SlValueKind kind;
  gsize offset;         /* in SlOptions */
  guint states;         /* in which it can be written: a set of SL_STATE_BIT () */
  guint flags;          /* SlOptionFlags */
  const SlWords *words; /* of ENUM and SET */
  gint64 initial;       /* the default, of numbers, booleans and enumerations */
  guint64 max;          /* of UINT32: the largest; of TEXT: the most bytes; 0: any */
  const char *hint; /* what a value that is refused should have been: "NAME HINT" is a sentence */
  /* (transfer full) (nullable): TEXT in its normal form; NULL with the error that the caller gets */
  char *(*normalize) (const char *text, GError **error);
  gboolean (*check) (GVariant *value, GError **error); /* of FIELDS */
} SlOption;

/* @number < SL_N_OPTIONS */
const SlOption *sl_option_get (guint number);
/* (nullable) */
const SlOption *sl_option_find (const char *property);

/* @options: uninitialized */
void sl_options_init (SlOptions *options);
void sl_options_clear (SlOptions *options);
/* @to: uninitialized */
void sl_options_copy (SlOptions *to, const SlOptions *from);

gboolean sl_options_is_set (const SlOptions *options, SlOptionNumber number);
/* (transfer full): as on the bus */
GVariant *sl_options_get (const SlOptions *options, const SlOption *option);
/*
 * Sets it to @value, which has the type of the option. FALSE with @error, and nothing changed, if it isn't acceptable. An
 * empty word of an enumeration that has one unsets it.
 */
gboolean
sl_options_set (SlOptions *options, const SlOption *option, GVariant *value, GError **error);
/* Makes it what it was before it was ever set. */
void sl_options_unset (SlOptions *options, const SlOption *option);

/* The member of @options that holds the option. */
gpointer sl_options_member (SlOptions *options, const SlOption *option);

G_END_DECLS
