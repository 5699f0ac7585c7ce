/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory that bodies are read into. Bytes are gathered in it, because few large reads and writes cost less than
 * many small ones. More than SL_BUFFER_MAX would not stay in a processor's second-level cache from the read to the
 * write.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SL_BUFFER_MAX (1024 * 1024)

typedef struct {
  guint8 *data; /* (owned) aligned to SL_PART_ALIGN at least */
  gsize size;
} SlBuffer;

/* @expected: how many bytes of the body will come, or SL_SIZE_UNKNOWN */
void sl_buffer_init (SlBuffer *buffer, guint64 expected);
void sl_buffer_clear (SlBuffer *buffer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlBuffer, sl_buffer_clear)

G_END_DECLS
