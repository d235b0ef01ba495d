// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>

#include "models/ports/orchestrator.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

/// A state's colour and, since colour alone is not enough, its mark.
struct StateStyle {
    theme::Token token;
    const char* mark;
};
[[nodiscard]] StateStyle styleOf(ports::TaskState state);
[[nodiscard]] StateStyle styleOf(ports::RunState state);

/// A small mark of 10 × 10 pixels, centred in `rect`: ● succeeded, ▲ failed, ◆ refused, ○ waiting, ▸ running, –
/// skipped.
void paintMark(QPainter& painter, const QRectF& rect, const StateStyle& style);

}  // namespace pilothouse::runs
