// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/size_text.h"

#include <cmath>

#include "widgets/theme/format.h"

namespace pilothouse::theme {

QString bytes(double value) {
    const QString scaled = shortCount(std::round(value));
    return scaled.contains(QLatin1Char(' ')) ? scaled + QStringLiteral("B") : scaled + QStringLiteral(" B");
}

}  // namespace pilothouse::theme
