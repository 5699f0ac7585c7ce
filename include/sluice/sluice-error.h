/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The errors of Sluice: one GError domain, equal to the D-Bus names org.sluice.Sluice1.Error.*. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SLUICE_ERROR:
 *
 * The error domain of Sluice. Each code of #SluiceError has the D-Bus name
 * `org.sluice.Sluice1.Error.` followed by its name in CamelCase.
 */
#define SLUICE_ERROR (sluice_error_quark ())

/**
 * SluiceError:
 * @SLUICE_ERROR_INVALID_ARGUMENT: an argument or a property value is not valid
 * @SLUICE_ERROR_INVALID_STATE: the state of the download forbids the call
 * @SLUICE_ERROR_NOT_FOUND: there is no such object
 * @SLUICE_ERROR_NOT_AUTHORIZED: the caller may not do that
 * @SLUICE_ERROR_LIMIT_EXCEEDED: a limit was reached; the message names it
 * @SLUICE_ERROR_INVALID_URI: the address can't be used
 * @SLUICE_ERROR_LOCAL_FILE: the file or its directory could not be read or written
 * @SLUICE_ERROR_NO_SPACE: the file system is full
 * @SLUICE_ERROR_FILE_EXISTS: the file is there already, or another download has its path
 * @SLUICE_ERROR_HTTP_STATUS: the server refused with a status code
 * @SLUICE_ERROR_RANGE_NOT_SUPPORTED: ranges were requested, but the server does not send them
 * @SLUICE_ERROR_INVALID_RESPONSE: the response contradicts itself or the request
 * @SLUICE_ERROR_SIZE_UNKNOWN: the size is needed, but the server does not say it
 * @SLUICE_ERROR_TOO_LARGE: the file is larger than the download allows
 * @SLUICE_ERROR_REMOTE_FILE_CHANGED: the file on the server changed during the transfer
 * @SLUICE_ERROR_NAME_RESOLUTION: the host's name has no address
 * @SLUICE_ERROR_CONNECT: no connection was possible, or it was lost
 * @SLUICE_ERROR_TLS: the secure connection failed or the certificate is not trusted
 * @SLUICE_ERROR_PROXY: the proxy failed or refused
 * @SLUICE_ERROR_TIMEOUT: the server did not answer, or stopped sending, for too long
 * @SLUICE_ERROR_NO_PROGRESS: no byte arrived for the time that the download allows
 * @SLUICE_ERROR_MAXIMUM_TIME: the transfer took longer than the download allows
 * @SLUICE_ERROR_REDIRECT: a redirect was refused or is wrong, or there were too many
 * @SLUICE_ERROR_DIGEST_MISMATCH: the content does not have the digest that the download demands
 * @SLUICE_ERROR_BLOCKED_BY_POLICY: an administrator's rule forbids it
 * @SLUICE_ERROR_EXPIRED: the download was given up because nobody asked for it
 * @SLUICE_ERROR_INTERNAL: a fault in the service
 *
 * What can go wrong.
 */
typedef enum {
  SLUICE_ERROR_INVALID_ARGUMENT,
  SLUICE_ERROR_INVALID_STATE,
  SLUICE_ERROR_NOT_FOUND,
  SLUICE_ERROR_NOT_AUTHORIZED,
  SLUICE_ERROR_LIMIT_EXCEEDED,
  SLUICE_ERROR_INVALID_URI,
  SLUICE_ERROR_LOCAL_FILE,
  SLUICE_ERROR_NO_SPACE,
  SLUICE_ERROR_FILE_EXISTS,
  SLUICE_ERROR_HTTP_STATUS,
  SLUICE_ERROR_RANGE_NOT_SUPPORTED,
  SLUICE_ERROR_INVALID_RESPONSE,
  SLUICE_ERROR_SIZE_UNKNOWN,
  SLUICE_ERROR_TOO_LARGE,
  SLUICE_ERROR_REMOTE_FILE_CHANGED,
  SLUICE_ERROR_NAME_RESOLUTION,
  SLUICE_ERROR_CONNECT,
  SLUICE_ERROR_TLS,
  SLUICE_ERROR_PROXY,
  SLUICE_ERROR_TIMEOUT,
  SLUICE_ERROR_NO_PROGRESS,
  SLUICE_ERROR_MAXIMUM_TIME,
  SLUICE_ERROR_REDIRECT,
  SLUICE_ERROR_DIGEST_MISMATCH,
  SLUICE_ERROR_BLOCKED_BY_POLICY,
  SLUICE_ERROR_EXPIRED,
  SLUICE_ERROR_INTERNAL,
} SluiceError;

/**
 * SLUICE_N_ERRORS: (skip)
 *
 * The number of codes in #SluiceError.
 */
#define SLUICE_N_ERRORS (SLUICE_ERROR_INTERNAL + 1)

GQuark sluice_error_quark (void);

G_END_DECLS
