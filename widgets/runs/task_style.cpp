// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/task_style.h"

#include <QPolygonF>

namespace pilothouse::runs {

using theme::Token;

StateStyle styleOf(ports::TaskState state) {
    switch (state) {
        case ports::TaskState::Waiting:
            return {Token::TextMuted, "○"};
        case ports::TaskState::Running:
            return {Token::Accent, "▸"};
        case ports::TaskState::Succeeded:
            return {Token::Ok, "●"};
        case ports::TaskState::Failed:
            return {Token::Alarm, "▲"};
        case ports::TaskState::Refused:
            return {Token::Warning, "◆"};
        case ports::TaskState::Skipped:
            return {Token::TextMuted, "–"};
        case ports::TaskState::Cancelled:
            return {Token::TextMuted, "✕"};
    }
    return {Token::TextMuted, "○"};
}

StateStyle styleOf(ports::RunState state) {
    switch (state) {
        case ports::RunState::Queued:
            return styleOf(ports::TaskState::Waiting);
        case ports::RunState::Running:
            return styleOf(ports::TaskState::Running);
        case ports::RunState::Succeeded:
            return styleOf(ports::TaskState::Succeeded);
        case ports::RunState::Failed:
            return styleOf(ports::TaskState::Failed);
        case ports::RunState::Refused:
            return styleOf(ports::TaskState::Refused);
        case ports::RunState::Cancelled:
            return styleOf(ports::TaskState::Cancelled);
    }
    return styleOf(ports::TaskState::Waiting);
}

void paintMark(QPainter& painter, const QRectF& rect, const StateStyle& style) {
    constexpr double kHalf = 4.5;
    const QPointF c = rect.center();
    const QColor color = theme::color(style.token);
    const QString mark = QString::fromUtf8(style.mark);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.5));
    painter.setBrush(color);
    const auto polygon = [&](std::initializer_list<QPointF> points) {
        painter.drawPolygon(QPolygonF(QList<QPointF>(points)));
    };
    if (mark == u"●") {
        painter.drawEllipse(c, kHalf - 0.75, kHalf - 0.75);
    } else if (mark == u"○") {
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(c, kHalf - 0.75, kHalf - 0.75);
    } else if (mark == u"▲") {
        polygon({{c.x(), c.y() - kHalf}, {c.x() + kHalf, c.y() + kHalf - 1}, {c.x() - kHalf, c.y() + kHalf - 1}});
    } else if (mark == u"◆") {
        polygon({{c.x(), c.y() - kHalf}, {c.x() + kHalf, c.y()}, {c.x(), c.y() + kHalf}, {c.x() - kHalf, c.y()}});
    } else if (mark == u"▸") {
        polygon({{c.x() - kHalf + 1, c.y() - kHalf}, {c.x() + kHalf, c.y()}, {c.x() - kHalf + 1, c.y() + kHalf}});
    } else if (mark == u"✕") {
        painter.drawLine(c + QPointF(-3, -3), c + QPointF(3, 3));
        painter.drawLine(c + QPointF(-3, 3), c + QPointF(3, -3));
    } else {
        painter.drawLine(c + QPointF(-kHalf, 0), c + QPointF(kHalf, 0));
    }
    painter.restore();
}

}  // namespace pilothouse::runs
