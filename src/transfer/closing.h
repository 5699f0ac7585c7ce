/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends the use of a part file: a worker seals it if it is complete, and else pauses it. */
#pragma once

#include "content/part.h"

G_BEGIN_DECLS

typedef struct _SlClosing SlClosing;

struct _SlClosing {
  SlPart *part;      /* (owned) */
  guint32 owner;     /* the user to whom the download belongs */
  gboolean complete; /* all bytes are there: seal it */
  gint64 modified;   /* modification time for the complete file, in Unix seconds; 0: none */
  void (*closed) (SlClosing *closing, gpointer user_data);
  gpointer user_data;
  /* the result */
  SlSynced synced; /* (owned) */
  char *digest;    /* (owned) (nullable) of the complete file */
  GError *error;   /* (owned) (nullable) */
};

/* @wish: the members above the result; it is copied. closed () is called on the main loop, and may steal the result. */
void sl_closing_start (const SlClosing *wish);

G_END_DECLS
