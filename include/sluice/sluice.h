/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsluice: the client library of the Sluice download service. Include this one header. */
#pragma once

#include <sluice/sluice-download.h>
#include <sluice/sluice-enums.h>
#include <sluice/sluice-error.h>
#include <sluice/sluice-fetch.h>
#include <sluice/sluice-manager.h>
