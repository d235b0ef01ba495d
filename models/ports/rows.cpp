// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/ports/rows.h"

#include <array>

namespace pilothouse::ports {

bool isReservedField(std::string_view name) {
    static constexpr std::array kNames{field::time,    field::model,   field::version,    field::requestId,
                                       field::traceId, field::score,   field::latencyMs,  field::status,
                                       field::message, field::outcome, field::outcomeTime};
    for (const std::string_view reserved : kNames)
        if (reserved == name) return true;
    return false;
}

}  // namespace pilothouse::ports
