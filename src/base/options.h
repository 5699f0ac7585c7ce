/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of a download. An option that was not set has its default. base/options.def has a row for each. */
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

/* Members may be read directly; only sl_options_set () writes them, so that mask and checks hold. */
#define OPTION(number, type, member, ...) type member;
typedef struct {
  guint64 set; /* the options that were set: bits of SL_OPTION_BIT () */
#include "base/options.def"
} SlOptions;
#undef OPTION

typedef enum {
  SL_OPTION_DECIDES = 1 << 0,      /* whether and when the download may run depends on it */
  SL_OPTION_LATCHES = 1 << 1,      /* once TRUE, it stays TRUE */
  SL_OPTION_MAY_BE_EMPTY = 1 << 2, /* an empty text is allowed, and not passed to @normalize */
  SL_OPTION_SECRET =
      1 << 3, /* with HttpHeadersWriteOnly it can't be read, and is wiped at the end */
} SlOptionFlags;

/* A row. */
typedef struct {
  SlOptionNumber number;
  const char *property; /* its name on the bus */
  const char *column;   /* its name in the database, where an option that was not set is NULL */
  int since;            /* the version of the schema that brought the column */
  SlValueKind kind;
  gsize offset;         /* in SlOptions */
  guint states;         /* in which it can be written: bits of SL_STATE_BIT () */
  guint flags;          /* SlOptionFlags */
  const SlWords *words; /* of ENUM and SET */
  gint64 initial;       /* the default, of numbers, booleans and enumerations */
  guint64 max;          /* of UINT32: the largest; of TEXT: the most bytes; 0: any */
  const char *hint;     /* what a valid value is; "NAME HINT" makes a sentence for a refused one */
  /* (transfer full) (nullable): normal form of a TEXT; NULL with the error for the caller */
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
 * Sets the option to @value, which must have its type. FALSE with @error, and no change, if the value is not
 * acceptable. For an enumeration with an empty word, that word unsets it.
 */
gboolean
sl_options_set (SlOptions *options, const SlOption *option, GVariant *value, GError **error);
/* Restores the default, as if it had never been set. */
void sl_options_unset (SlOptions *options, const SlOption *option);

/* The option's member of @options. */
gpointer sl_options_member (SlOptions *options, const SlOption *option);

/* Whether the option is a secret that nobody may read. */
gboolean sl_options_hides (const SlOptions *options, const SlOption *option);
/* Whether a secret is set that nobody may read. */
gboolean sl_options_have_secrets (const SlOptions *options);
/* Unsets all secrets, even if they may be read. */
void sl_options_unset_secrets (SlOptions *options);

G_END_DECLS
