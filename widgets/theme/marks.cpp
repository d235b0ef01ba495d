// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/marks.h"

namespace pilothouse::theme {

Token markToken(Mark mark) {
    switch (mark) {
        case Mark::Ok:
            return Token::Ok;
        case Mark::Info:
            return Token::TextMuted;
        case Mark::Warning:
            return Token::Warning;
        case Mark::Alarm:
            return Token::Alarm;
        case Mark::Unknown:
            return Token::Unknown;
    }
    return Token::Unknown;
}

void drawMark(QPainter& painter, const QRectF& rect, Mark mark, double size) {
    const QPointF c = rect.center();
    const double r = size / 2;
    const QColor tint = color(markToken(mark));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tint);
    switch (mark) {
        case Mark::Ok:
            painter.drawEllipse(c, r * 0.9, r * 0.9);
            break;
        case Mark::Info:
            painter.setPen(QPen(tint, 1.4));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(c, r * 0.85, r * 0.85);
            break;
        case Mark::Warning:
            painter.drawPolygon(QPolygonF{c - QPointF(0, r * 1.1), c + QPointF(r * 1.1, 0), c + QPointF(0, r * 1.1),
                                          c - QPointF(r * 1.1, 0)});
            break;
        case Mark::Alarm:
            painter.drawPolygon(QPolygonF{c + QPointF(0, -r), c + QPointF(r * 1.1, r), c + QPointF(-r * 1.1, r)});
            break;
        case Mark::Unknown: {
            const QRectF box(c.x() - r, c.y() - r, size, size);
            painter.setBrush(QBrush(tint, Qt::BDiagPattern));
            painter.setPen(QPen(tint, 1));
            painter.drawRect(box);
            break;
        }
    }
    painter.restore();
}

Mark markFor(const QString& state) {
    if (state == u"ok" || state == u"succeeded" || state == u"resolved") return Mark::Ok;
    if (state == u"info" || state == u"pending") return Mark::Info;
    if (state == u"warning" || state == u"drift" || state == u"refused") return Mark::Warning;
    if (state == u"alarm" || state == u"failed" || state == u"firing") return Mark::Alarm;
    return Mark::Unknown;
}

}  // namespace pilothouse::theme
