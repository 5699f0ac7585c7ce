/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a part file's use: a worker syncs it once more and seals it as it is, or finishes it. */
#pragma once

#include "content/part.h"

G_BEGIN_DECLS

typedef struct _SlClosing SlClosing;

struct _SlClosing {
  SlPart *part;      /* (owned) */
  guint32 owner;     /* the user whose it is */
  gboolean complete; /* all has arrived: it's to be finished */
  gint64 modified;   /* Unix seconds that a finished file gets; 0: none */
  void (*closed) (SlClosing *closing, gpointer user_data);
  gpointer user_data;
  /* when it's closed */
  SlSynced synced; /* (owned) */
  char *digest;    /* (owned) (nullable) of the finished file */
  GError *error;   /* (owned) (nullable) */
};

/* @wish: what is to be done; closed () is called on the main loop with what came of it, and may take that out. */
void sl_closing_start (const SlClosing *wish);

G_END_DECLS
