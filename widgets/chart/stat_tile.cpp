// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/stat_tile.h"

#include <QFontMetricsF>
#include <QPainter>
#include <cmath>

#include "widgets/chart/sparkline.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::chart {

using theme::Token;

namespace {

QFont bigFont() {
    QFont font = theme::font(true);
    font.setPointSizeF(font.pointSizeF() * 1.5);
    return font;
}

QString signedText(double value, const QString& text) { return (value < 0 ? QChar(0x2212) : QChar(u'+')) + text; }

}  // namespace

StatTile::StatTile(QString title, ValueKind kind, QWidget* parent)
    : QWidget(parent), m_title(std::move(title)), m_kind(kind) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(m_title);
}

void StatTile::setContent(Content content) {
    if (content == m_content) return;
    m_content = std::move(content);
    setAccessibleDescription(valueLabel() + u", "_qs + changeLabel());
    setToolTip(m_content.stateText);
    update();
}

QString StatTile::valueLabel() const {
    switch (m_content.state) {
        case State::Loading:
            return QStringLiteral("loading…");
        case State::Empty:
            return m_content.stateText.isEmpty() ? QStringLiteral("no data") : m_content.stateText;
        case State::Error:
            return QStringLiteral("not available");
        case State::Ready:
        case State::Outdated:
            break;
    }
    return valueText(m_content.value, m_kind);
}

QString StatTile::changeLabel() const {
    if (m_content.state != State::Ready && m_content.state != State::Outdated) return {};
    if (!m_content.previous || !std::isfinite(*m_content.previous) || !std::isfinite(m_content.value)) return {};
    const double change = m_content.value - *m_content.previous;
    if (std::abs(change) < 1e-9 * std::max(1.0, std::abs(m_content.value))) return QStringLiteral("no change");
    switch (m_kind) {
        case ValueKind::Share:
            return signedText(change, theme::number(std::abs(change) * 100, 2)) + QStringLiteral(" points");
        case ValueKind::Number:
            return signedText(change, QString::number(std::abs(change), 'f', 3));
        case ValueKind::Count:
        case ValueKind::Milliseconds:
            if (*m_content.previous == 0) return {};
            return signedText(change, theme::percent(std::abs(change) / std::abs(*m_content.previous)));
    }
    return {};
}

QSize StatTile::minimumSizeHint() const {
    const QFontMetricsF small(theme::font(false, true)), big(bigFont());
    return {120, static_cast<int>(std::ceil(small.height() * 2 + big.height())) + 18};
}

QSize StatTile::sizeHint() const { return {190, minimumSizeHint().height()}; }

void StatTile::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Window));
    painter.fillRect(QRectF(width() - 1, 8, 1, height() - 16), theme::color(Token::Hairline));
    const QFontMetricsF small(theme::font(false, true)), big(bigFont());
    const bool known = m_content.state == State::Ready || m_content.state == State::Outdated;
    double y = 6 + small.ascent();
    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(Token::TextMuted));
    painter.drawText(
        QPointF(12, y),
        small.elidedText(m_content.state == State::Outdated ? m_title + QStringLiteral(" · outdated") : m_title,
                         Qt::ElideRight, width() - 20));
    y += small.descent() + 2;
    painter.setFont(known ? bigFont() : theme::font());
    painter.setPen(theme::color(m_content.state == State::Error ? Token::Alarm
                                : known                         ? Token::Text
                                                                : Token::TextMuted));
    const QString value = valueLabel();
    const QFontMetricsF valueMetrics(painter.font());
    painter.drawText(QPointF(12, y + big.ascent()), valueMetrics.elidedText(value, Qt::ElideRight, width() - 20));
    const double valueEnd = 12 + valueMetrics.horizontalAdvance(value) + 12;
    if (known && width() - 12 - valueEnd >= 40) {
        const QRectF box(std::max(valueEnd, width() - 12.0 - 90), y + 2, std::min(90.0, width() - 12 - valueEnd),
                         big.height() - 4);
        drawSparkline(painter, box, m_content.trend, {theme::color(Token::Reference), false, true});
    }
    y += big.height() + 2;
    painter.setFont(theme::font(false, true));
    QString change = changeLabel();
    double x = 12;
    if (!change.isEmpty()) {
        const double delta = m_content.value - *m_content.previous;
        const bool worse = m_content.judged && (delta > 0) == m_content.lessIsBetter && delta != 0;
        const bool same = change == QStringLiteral("no change");
        painter.setPen(theme::color(worse ? Token::Warning : m_content.judged && !same ? Token::Ok : Token::TextMuted));
        painter.drawText(QPointF(x, y + small.ascent()), change);
        x += small.horizontalAdvance(change) + 8;
    }
    QString note = m_content.note;
    if (known && m_content.low && m_content.high && std::isfinite(*m_content.low))
        note = valueText(*m_content.low, m_kind) + u" – "_qs + valueText(*m_content.high, m_kind) +
               (note.isEmpty() ? QString() : u" · "_qs + note);
    if (m_content.state == State::Error) note = m_content.stateText;
    painter.setPen(theme::color(Token::TextMuted));
    painter.drawText(QPointF(x, y + small.ascent()),
                     small.elidedText(note, Qt::ElideRight, std::max(0.0, width() - 8 - x)));
}

}  // namespace pilothouse::chart
