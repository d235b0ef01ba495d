// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFontMetrics>
#include <QPainter>
#include <cmath>

#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_words.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

using statistics::State;
using theme::Token;
using RowKind = items::DriftMatrixModel::RowKind;

QColor mixed(const QColor& a, const QColor& b, double t) {
    const auto part = [t](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * t)); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

/// 0 at the minimum effect, 1 at ten times it, by its logarithm.
double strength(const statistics::Verdict& v) {
    const double floor = std::isfinite(v.minimumEffect) && v.minimumEffect > 0 ? v.minimumEffect : 0.1;
    if (!std::isfinite(v.effect) || v.effect <= floor) return 0;
    return std::clamp(std::log(v.effect / floor) / std::log(10.0), 0.0, 1.0);
}

void hatch(QPainter& painter, const QRect& box, const QColor& color) {
    painter.save();
    painter.setClipRect(box);
    painter.setPen(QPen(color, 1));
    for (int x = box.left() - box.height(); x <= box.right(); x += 4)
        painter.drawLine(x, box.bottom() + 1, x + box.height() + 1, box.top());
    painter.restore();
}

}  // namespace

void DriftHeatMap::paintCell(QPainter& painter, const QRect& box, const items::DriftCell& cell) {
    const QColor ground = theme::color(Token::PanelRaised);
    if (!cell.finding) {
        painter.fillRect(QRect(box.left(), box.center().y(), box.width(), 1), theme::color(Token::Hairline));
        return;
    }
    const statistics::Verdict& v = cell.finding->verdict;
    switch (v.state) {
        case State::Ok:
            painter.fillRect(box, mixed(ground, theme::color(Token::Ok), 0.10));
            break;
        case State::Drift: {
            const QColor hue = theme::color(theme::markToken(stateMark(v.state, cell.finding->severity)));
            painter.fillRect(box, mixed(ground, hue, 0.30 + 0.64 * strength(v)));
            break;
        }
        case State::Insufficient:
            painter.fillRect(box, mixed(theme::color(Token::Panel), ground, 0.5));
            hatch(painter, box, mixed(ground, theme::color(Token::Unknown), 0.75));
            break;
        case State::Unavailable:
            painter.setPen(theme::color(Token::Hairline));
            painter.drawRect(box.adjusted(0, 0, -1, -1));
            break;
    }
    if (cell.missing && cell.missing->verdict.state == State::Drift) {
        // A notch in the lower corner: the missing share drifts.
        const int side = std::min(6, std::min(box.width(), box.height() / 2));
        const QPoint corner(box.right() + 1, box.bottom() + 1);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme::color(v.state == State::Drift ? Token::Window : Token::Warning));
        painter.drawPolygon(QPolygon({corner, corner - QPoint(side, 0), corner - QPoint(0, side)}));
    }
}

void DriftHeatMap::paintHead(QPainter& painter) {
    const int columns = m_model.columnCount();
    painter.setFont(theme::font(false, true));
    const QFontMetrics metrics(painter.font());
    const QLocale locale = QLocale::c();
    int free = 0, month = -1, year = -1;
    for (int c = 0; c < columns; ++c) {
        const CivilDate date = m_zone.date(m_model.window(c).start);
        if (date.month == month && date.year == year) continue;
        const bool newYear = date.year != year && (year != -1 || date.month != 1);
        QString label = locale.standaloneMonthName(date.month, QLocale::ShortFormat);
        if (newYear || year == -1) label += u' ' + QString::number(date.year);
        // A first month of which one window is left has no room beside the next one's label.
        const bool shortMonth =
            year == -1 && c + 1 < columns && m_zone.date(m_model.window(c + 1).start).month != date.month;
        month = date.month;
        year = date.year;
        const int x = columnX(c);
        if (x < free || (shortMonth && m_columnWidth * 1 < metrics.horizontalAdvance(label))) {
            if (shortMonth) year = -1;
            continue;
        }
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QPoint(x, m_top - 10), label);
        free = x + metrics.horizontalAdvance(label) + 8;
    }
    painter.setPen(theme::color(Token::TextMuted));
    painter.drawText(QRect(columnX(columns) + 22, 0, m_effectWidth, m_top - 7), Qt::AlignLeft | Qt::AlignBottom,
                     u"effect"_qs);
    // The lens's range, as a bar between the months and the cells.
    int first = -1, last = -1;
    for (int c = 0; c < columns; ++c)
        if (m_model.window(c).overlaps(m_range)) {
            if (first < 0) first = c;
            last = c;
        }
    if (first >= 0)
        painter.fillRect(QRect(columnX(first), m_top - 5, columnX(last + 1) - columnX(first) - 1, 2),
                         theme::color(Token::Accent));
    if (m_hover.head && m_hover.column >= 0)
        painter.fillRect(QRect(columnX(m_hover.column), m_top - 6, headRect(m_hover.column).width() - 1, 4),
                         theme::color(Token::Accent));
}

void DriftHeatMap::paintRow(QPainter& painter, int row) {
    const int y = rowY(row);
    const bool chosen = row == m_chosenRow;
    const QRect line(0, y - 1, width(), m_rowHeight);
    if (chosen) {
        painter.fillRect(line, theme::color(Token::Selection));
    } else if (row == m_hover.row) {
        painter.fillRect(line, theme::color(Token::Hover));
    }
    painter.setFont(theme::font(chosen));
    painter.setPen(theme::color(m_model.rowKind(row) == RowKind::Feature ? Token::Text : Token::TextMuted));
    if (chosen) painter.setPen(theme::color(Token::Text));
    const QRect label(0, y, m_left - 10, m_rowHeight - 2);
    painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter,
                     QFontMetrics(painter.font()).elidedText(m_model.feature(row), Qt::ElideMiddle, label.width() - 4));
    for (int c = 0; c < m_model.columnCount(); ++c) {
        const QRect box = cellRect(row, c);
        const auto& days = m_model.days(row, c);
        if (days.empty()) {
            paintCell(painter, box, {});
            continue;
        }
        const TimeRange window = m_model.window(c);
        for (const items::DriftCell& day : days) {
            const auto at = [&](Timestamp t) {
                const double share =
                    static_cast<double>((t - window.start).count()) / static_cast<double>(window.duration().count());
                return box.left() + static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * box.width()));
            };
            const int left = at(day.evaluation->window.start), right = at(day.evaluation->window.end);
            paintCell(painter, QRect(left, box.top(), std::max(1, right - left), box.height()), day);
        }
    }
    const items::DriftCell cell = m_model.cell(row, m_chosenColumn);
    if (!cell.finding) return;
    const statistics::Verdict& v = cell.finding->verdict;
    const int x = columnX(m_model.columnCount()) + 6;
    theme::drawMark(painter, QRectF(x, y, 12, m_rowHeight - 2), stateMark(v.state, cell.finding->severity), 8);
    painter.setFont(theme::font(chosen));
    painter.setPen(theme::color(v.state == State::Drift || chosen ? Token::Text : Token::TextMuted));
    painter.drawText(QRect(x + 16, y, m_effectWidth, m_rowHeight - 2), Qt::AlignLeft | Qt::AlignVCenter,
                     effectText(v.effect, v.method));
}

void DriftHeatMap::paintFrames(QPainter& painter) {
    const int rows = m_model.rowCount();
    painter.setBrush(Qt::NoBrush);
    // Where another version came into production the reference changes: verdicts left and right of it do not compare.
    for (int c = 1; c < m_model.columnCount(); ++c) {
        const auto *before = m_model.evaluation(c - 1), *after = m_model.evaluation(c);
        if (before->version == after->version || after->version.empty()) continue;
        const int x = columnX(c) - 1;
        painter.setPen(QPen(theme::color(Token::Text), 1));
        painter.drawLine(x, m_top - 2, x, cellRect(rows - 1, c).bottom() + 2);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme::color(Token::Text));
        painter.drawPolygon(QPolygonF({QPointF(x + 0.5, m_top - 7), QPointF(x + 4, m_top - 3.5),
                                       QPointF(x + 0.5, m_top), QPointF(x - 3, m_top - 3.5)}));
        painter.setBrush(Qt::NoBrush);
    }
    if (m_baseline >= 0 && m_baseline < m_model.columnCount()) {
        const QRect top = cellRect(0, m_baseline), bottom = cellRect(rows - 1, m_baseline);
        painter.setPen(QPen(theme::color(Token::Reference), 1, Qt::DashLine));
        painter.drawRect(QRect(top.topLeft(), bottom.bottomRight()).adjusted(-2, -3, 1, 2));
    }
    if (m_chosenColumn >= 0 && m_chosenColumn < m_model.columnCount()) {
        const QRect top = cellRect(0, m_chosenColumn), bottom = cellRect(rows - 1, m_chosenColumn);
        painter.setPen(QPen(theme::color(Token::Accent), 1));
        painter.drawRect(QRect(top.topLeft(), bottom.bottomRight()).adjusted(-2, -3, 1, 2));
    }
    if (hasFocus() && m_cursorRow >= 0 && m_cursorColumn >= 0) {
        painter.setPen(QPen(theme::color(Token::Text), 2));
        painter.drawRect(cellRect(m_cursorRow, m_cursorColumn).adjusted(-1, -1, 1, 1));
    }
}

void DriftHeatMap::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_model.rowCount() == 0 || m_model.columnCount() == 0) return;
    for (int r = 0; r < m_model.rowCount(); ++r)
        paintRow(painter, r);
    paintHead(painter);
    paintFrames(painter);
}

}  // namespace pilothouse::drift
