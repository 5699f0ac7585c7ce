/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of cells that are printed as columns. */
#include "config.h"

#include "table.h"

#include "output.h"
#include "text.h"

static void
row_free (gpointer row)
{
  g_strfreev (row);
}

void
table_clear (Table *table)
{
  g_slist_free_full (table->rows, row_free);
  table->rows = NULL;
}

void
table_add (Table *table, const char *const *row)
{
  for (int i = 0; row[i] != NULL; i++)
    table->widths[i] = MAX (table->widths[i], text_width (row[i]));
  table->rows = g_slist_prepend (table->rows, g_strdupv ((char **)row));
}

static void
print_row (char **row, const int *widths)
{
  for (; row[1] != NULL; row++, widths++)
    output_cell (row[0], *widths, FALSE);
  g_print ("%s\n", row[0]);
}

void
table_print (const Table *table)
{
  g_autoptr (GSList) rows = g_slist_reverse (g_slist_copy (table->rows));

  for (GSList *link = rows; link != NULL; link = link->next)
    print_row (link->data, table->widths);
}
