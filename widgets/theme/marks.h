// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>
#include <QRectF>

#include "widgets/theme/tokens.h"

namespace pilothouse::theme {

/// The shape that goes with a verdict or a severity, so that colour never carries it alone.
enum class Mark {
    Ok,       ///< ● grey-green
    Info,     ///< ○ muted
    Warning,  ///< ◆ amber
    Alarm,    ///< ▲ red
    Unknown,  ///< hatched square, grey
};

[[nodiscard]] Token markToken(Mark mark);
/// Centred in the rectangle; `size` is its height in pixels.
void drawMark(QPainter& painter, const QRectF& rect, Mark mark, double size = 9);
/// "ok", "drift" (by severity: "warning" or "alarm"), "insufficient", "unavailable", "info": anything else is unknown.
[[nodiscard]] Mark markFor(const QString& state);

}  // namespace pilothouse::theme
