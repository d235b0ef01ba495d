// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/registry/alias_timeline.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::registry {

namespace {
constexpr int kMargin = 12, kBarHeight = 22;
}

AliasTimeline::AliasTimeline(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("aliasTimeline"));
    setAccessibleName(tr("Versions in production over time"));
    setFixedHeight(56);
}

void AliasTimeline::setPeriods(std::vector<ports::AliasPeriod> periods, Timestamp now, const Zone& zone) {
    m_periods = std::move(periods);
    m_now = now;
    m_zone = zone;
    update();
}

QRectF AliasTimeline::barOf(const ports::AliasPeriod& period) const {
    const double start = m_periods.front().from.seconds();
    const double span = std::max(1.0, m_now.seconds() - start);
    const double scale = (width() - 2 * kMargin) / span;
    const double from = kMargin + (period.from.seconds() - start) * scale;
    const double to = kMargin + (std::min(period.to.value_or(m_now), m_now).seconds() - start) * scale;
    return {from, 8, std::max(2.0, to - from), kBarHeight};
}

void AliasTimeline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(theme::Token::Panel));
    painter.setFont(theme::font(false, true));
    if (m_periods.empty()) {
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(rect().adjusted(kMargin, 0, 0, 0), Qt::AlignVCenter, tr("No version has been in production"));
        return;
    }
    const QFontMetricsF metrics(painter.font());
    double lastDate = -1e9;
    for (const ports::AliasPeriod& period : m_periods) {
        const QRectF bar = barOf(period);
        const QString name = QString::fromStdString(period.version);
        const QColor color = theme::seriesColor(name);
        QColor soft = color;
        soft.setAlpha(70);
        painter.fillRect(bar.adjusted(0, 0, -1, 0), soft);
        painter.fillRect(QRectF(bar.left(), bar.top(), 3, bar.height()), color);
        painter.setPen(theme::color(theme::Token::Text));
        if (metrics.horizontalAdvance(name) + 10 < bar.width())
            painter.drawText(bar.adjusted(7, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
        const QString date = theme::date(period.from, m_zone);
        if (bar.left() < lastDate + 8) continue;  // two dates never overlap
        const double width = metrics.horizontalAdvance(date);
        if (bar.left() + width > this->width()) continue;
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(QPointF(bar.left(), bar.bottom() + metrics.ascent() + 3), date);
        lastDate = bar.left() + width;
    }
}

const ports::AliasPeriod* AliasTimeline::periodAt(QPointF at) const {
    for (const ports::AliasPeriod& period : m_periods)
        if (barOf(period).contains(at)) return &period;
    return nullptr;
}

void AliasTimeline::mousePressEvent(QMouseEvent* event) {
    if (const auto* period = periodAt(event->position())) Q_EMIT versionChosen(QString::fromStdString(period->version));
}

bool AliasTimeline::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const auto* period = periodAt(help->pos()))
            QToolTip::showText(help->globalPos(),
                               tr("%1, from %2\n%3: %4")
                                   .arg(QString::fromStdString(period->version), theme::time(period->from, m_zone),
                                        QString::fromStdString(period->actor), QString::fromStdString(period->reason)),
                               this);
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::PaletteChange) update();
    return QWidget::event(event);
}

}  // namespace pilothouse::registry
