/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one way in. Every call on the bus, to whatever object, comes through here: the caller is found, the object is looked
 * up, the caller's right to the member is judged, and only then the member's handler gets the call. A member without a row
 * has no right, and nobody can call it.
 */
#pragma once

#include "service/callers.h"
#include "transfer/download.h"

G_BEGIN_DECLS

typedef struct _SlDoor SlDoor;

/* Who may call a member. */
typedef enum {
  SL_RIGHT_NONE,    /* nobody */
  SL_RIGHT_ANY,     /* whoever the bus lets in */
  SL_RIGHT_OWN,     /* the owner of the download */
  SL_RIGHT_SERVICE, /* the user that the service runs as: for what concerns every user */
} SlRight;

/* A call that was let in. Only the invocation lives longer than the handler runs. */
typedef struct {
  gpointer server;      /* that the door was made for */
  SlDownload *download; /* (nullable) the object, if it is a download */
  const SlCaller *caller;
  GVariant *parameters;              /* the tuple of a method's arguments */
  GDBusMethodInvocation *invocation; /* (owned): the handler answers it, at once or later */
} SlCall;

typedef struct {
  const char *name;
  void (*handle) (const SlCall *call);
  SlRight right;
} SlMethodRow;

typedef struct {
  const char *name;
  /* (transfer full), or floating */
  GVariant *(*get) (const SlCall *call, guint detail);
  SlRight read;
  /* Answers the call; @value has the type of the property. NULL where it is only read. */
  void (*set) (const SlCall *call, guint detail, GVariant *value);
  SlRight write;
  guint detail; /* passed to get and set */
} SlPropertyRow;

/* An interface of the service. The last row of each table has no name. */
typedef struct {
  const GDBusInterfaceInfo *info; /* of the XML */
  const SlMethodRow *methods;
  const SlPropertyRow *properties;
  /* (transfer none) (nullable): the download at @path. NULL where the object is no download */
  SlDownload *(*find) (gpointer server, const char *path);
} SlInterface;

/* (transfer full): @callers are freed before it, because calls that wait there come back to it; the others outlive it */
SlDoor *sl_door_new (const SlInterface *interface, SlCallers *callers, gpointer server);
void sl_door_free (SlDoor *door);

/* Objects are registered on the bus with this, and with their door as user data. */
extern const GDBusInterfaceVTable sl_door_vtable;

/* Whether @caller has @right, to @download (nullable) if it is one to a download. */
gboolean sl_door_admits (const SlCaller *caller, SlRight right, SlDownload *download);
/* Sets NOT_FOUND: there is no download at @path. The answer for another user's download too. */
void sl_door_set_not_found (GError **error, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDoor, sl_door_free)

G_END_DECLS
