/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory that bodies are read into: for large bodies in huge pages, two buffers in each. */
#include "transfer/buffer.h"

#include "content/part.h"

#include <sys/mman.h>

/* For a smaller body, the kernel's clearing of a huge page would cost more than the page saves. */
#define HUGE_BODY (16 * 1024 * 1024)
/* Enough for smaller bodies. */
#define SMALL_MAX (512 * 1024)
/* The size of huge pages on most machines. On others this is ordinary memory. */
#define HUGE_PAGE (2 * 1024 * 1024)
#define N_HALVES  (HUGE_PAGE / SL_BUFFER_MAX)

G_STATIC_ASSERT (SL_BUFFER_MAX <= SL_PART_MAX_UNRECORDED - SL_PART_SYNC_EVERY);

typedef struct {
  guint8 *memory; /* (owned) HUGE_PAGE bytes, aligned to HUGE_PAGE */
  gboolean in_use[N_HALVES];
} Page;

static struct {
  GMutex mutex;
  GSList *pages; /* (element-type Page) each with at least one half in use; guarded by mutex */
} huge;

/* (transfer full) (nullable): HUGE_PAGE bytes, aligned to HUGE_PAGE */
static guint8 *
map_page (void)
{
  guint8 *all =
      mmap (NULL, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  gsize lead;

  if (all == MAP_FAILED)
    return NULL;
  lead = (HUGE_PAGE - (guintptr)all % HUGE_PAGE) % HUGE_PAGE;
  if (lead > 0)
    munmap (all, lead);
  munmap (all + lead + HUGE_PAGE, HUGE_PAGE - lead);
  /* without huge pages, these stay ordinary pages */
  madvise (all + lead, HUGE_PAGE, MADV_HUGEPAGE);
  return all + lead;
}

/* With the mutex held. (nullable): a half that is free */
static guint8 *
take_half (Page *page)
{
  for (guint i = 0; i < N_HALVES; i++) {
    if (!page->in_use[i]) {
      page->in_use[i] = TRUE;
      return page->memory + i * SL_BUFFER_MAX;
    }
  }
  return NULL;
}

/* (transfer full) (nullable): SL_BUFFER_MAX bytes of a huge page */
static guint8 *
take_huge (void)
{
  guint8 *half = NULL;

  g_mutex_lock (&huge.mutex);
  for (GSList *link = huge.pages; half == NULL && link != NULL; link = link->next)
    half = take_half (link->data);
  if (half == NULL) {
    guint8 *memory = map_page ();
    if (memory != NULL) {
      Page *page = g_new0 (Page, 1);
      page->memory = memory;
      huge.pages = g_slist_prepend (huge.pages, page);
      half = take_half (page);
    }
  }
  g_mutex_unlock (&huge.mutex);
  return half;
}

static gboolean
is_used (const Page *page)
{
  for (guint i = 0; i < N_HALVES; i++) {
    if (page->in_use[i])
      return TRUE;
  }
  return FALSE;
}

/* FALSE if @data is not in a huge page. */
static gboolean
give_back_huge (guint8 *data)
{
  guint8 *memory = data - (guintptr)data % HUGE_PAGE;
  GSList *link;

  g_mutex_lock (&huge.mutex);
  link = huge.pages;
  while (link != NULL && ((Page *)link->data)->memory != memory)
    link = link->next;
  if (link != NULL) {
    Page *page = link->data;
    page->in_use[(data - memory) / SL_BUFFER_MAX] = FALSE;
    if (!is_used (page)) {
      huge.pages = g_slist_delete_link (huge.pages, link);
      munmap (memory, HUGE_PAGE);
      g_free (page);
    }
  }
  g_mutex_unlock (&huge.mutex);
  return link != NULL;
}

void
sl_buffer_init (SlBuffer *buffer, guint64 expected)
{
  buffer->size = SL_BUFFER_MAX;
  buffer->data = expected >= HUGE_BODY && expected != SL_SIZE_UNKNOWN ? take_huge () : NULL;
  if (buffer->data != NULL)
    return;
  buffer->size = (gsize)MIN (SMALL_MAX - SL_PART_ALIGN, expected) + SL_PART_ALIGN;
  buffer->data = g_aligned_alloc (buffer->size, 1, SL_PART_ALIGN);
}

void
sl_buffer_clear (SlBuffer *buffer)
{
  if (buffer->data != NULL && !give_back_huge (buffer->data))
    g_aligned_free (buffer->data);
}
