// SPDX-License-Identifier: GPL-3.0-or-later
#include "resources/resources.h"

#include <QtGlobal>

// Q_INIT_RESOURCE must stand outside of a namespace.
static void initPilothouse() { Q_INIT_RESOURCE(pilothouse); }

namespace pilothouse::resources {
void init() { initPilothouse(); }
}  // namespace pilothouse::resources
