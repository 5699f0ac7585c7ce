/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of cells that are printed as columns, each as wide as its widest cell. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TABLE_COLUMNS_MAX 8

typedef struct {
  GSList *rows; /* (owned) (element-type GStrv): last row first */
  int widths[TABLE_COLUMNS_MAX];
} Table;
#define TABLE_INIT                                                                                 \
  {                                                                                                \
    NULL,                                                                                          \
    {                                                                                              \
      0                                                                                            \
    }                                                                                              \
  }

void table_clear (Table *table);
/* @row is copied; it ends with NULL. Only its last cell may contain escape sequences of a terminal. */
void table_add (Table *table, const char *const *row);
void table_print (const Table *table);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

G_END_DECLS
