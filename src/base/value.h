/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kinds of values, and how to copy, free and convert a struct's member of which only the kind is known. Tables of
 * options and of columns name the kind of each member.
 */
#pragma once

#include "base/enums.h"

G_BEGIN_DECLS

typedef enum {
  SL_VALUE_TEXT,    /* char *; NULL is empty */
  SL_VALUE_BOOLEAN, /* gboolean */
  SL_VALUE_INT32,   /* gint32 */
  SL_VALUE_UINT32,  /* guint32 */
  SL_VALUE_INT64,   /* gint64 */
  SL_VALUE_UINT64,  /* guint64 */
  SL_VALUE_SIZE,    /* guint64; may be SL_SIZE_UNKNOWN */
  SL_VALUE_ENUM,    /* an enumeration, whose words are in a SlWords */
  SL_VALUE_SET,     /* a set of bits, whose words are in a SlWords */
  SL_VALUE_FIELDS,  /* GVariant * of a{ss}; NULL is empty */
  SL_VALUE_RANGES,  /* SlRanges *; may be NULL */
  SL_VALUE_ID,      /* SlId */
} SlValueKind;

/* The type on the bus; NULL for kinds that are never sent alone (RANGES, ID). */
const char *sl_value_get_type (SlValueKind kind);

/* @to: uninitialized */
void sl_value_copy (SlValueKind kind, gpointer to, gconstpointer from);
/* Frees what the member points to; the pointer is NULL afterwards, other kinds keep their value. */
void sl_value_clear (SlValueKind kind, gpointer member);

/* (transfer floating): the member as sent on the bus; @words: for enumerations and sets */
GVariant *sl_value_to_variant (SlValueKind kind, const SlWords *words, gconstpointer member);

/*
 * (transfer full): @fields in one block of memory; in a dictionary that was just built each string is an object of
 * 100 bytes
 */
GVariant *sl_fields_compact (GVariant *fields);
/* (transfer full): @fields in the text format of GVariant */
char *sl_fields_to_string (GVariant *fields);

G_END_DECLS
