/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error table: for each error its D-Bus name, whether it may pass by itself, its context, and its text. */
#pragma once

#include <sluice/sluice-error.h>

G_BEGIN_DECLS

#define SL_ERROR_PREFIX "org.sluice.Sluice1.Error."

/* Where an error arose; the property ErrorContext. */
typedef enum {
  SL_CONTEXT_NONE,
  SL_CONTEXT_POLICY,
  SL_CONTEXT_QUEUE,
  SL_CONTEXT_LOCAL_FILE,
  SL_CONTEXT_REMOTE_FILE,
  SL_CONTEXT_TRANSPORT,
  SL_CONTEXT_INTEGRITY,
  SL_CONTEXT_NOTIFICATION,
} SlErrorContext;

typedef struct {
  const char *dbus_name;  /* after SL_ERROR_PREFIX */
  gboolean transient;     /* trying again later may help */
  SlErrorContext context; /* by default; the message says more */
  const char *text;       /* for people, untranslated; see sl_error_text () */
  guint32 windows_code;   /* the corresponding HRESULT; 0: none */
} SlErrorInfo;

/* (transfer none) the row of @code */
const SlErrorInfo *sl_error_info (SluiceError code);
/* (transfer none): the translated text of @code, without details */
const char *sl_error_text (SluiceError code);
/* (transfer full): the full D-Bus name of @code */
char *sl_error_dbus_name (SluiceError code);
/* The code whose full D-Bus name is @name; FALSE if there is none. */
gboolean sl_error_from_dbus_name (const char *name, SluiceError *code);
const char *sl_error_context_to_string (SlErrorContext context);

/* Whether @err says that the process or the machine has too many open files. That may pass. */
gboolean sl_error_is_descriptors (int err);
/*
 * Turns an errno into a GError of LOCAL_FILE, NO_SPACE or LIMIT_EXCEEDED. @what: the verb of what failed for @path.
 */
void sl_error_set_errno (GError **error, int err, const char *what, const char *path);

G_END_DECLS
