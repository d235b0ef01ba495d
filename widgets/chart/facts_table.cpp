// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/facts_table.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace pilothouse::chart {
namespace {

constexpr int kRow = 24, kBetween = 18, kTwoColumns = 320;

}  // namespace

FactsTable::FactsTable(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FactsTable::setFacts(std::vector<Fact> facts) {
    m_facts = std::move(facts);
    QStringList words;
    for (const Fact& f : m_facts)
        words += f.name + u": "_qs + f.value;
    setAccessibleName(words.join(u"; "_qs));
    updateGeometry();
    update();
}

std::vector<FactsTable::Placed> FactsTable::place(int width) const {
    std::vector<Placed> result;
    const QFontMetrics plain(theme::font()), bold(theme::font(true));
    const int half = (width - kBetween) / 2;
    int y = 0;
    bool right = false;
    for (const Fact& f : m_facts) {
        const int needed = plain.horizontalAdvance(f.name) + 10 + (f.strong ? bold : plain).horizontalAdvance(f.value);
        const bool wide = f.wide || width < kTwoColumns || needed > half;
        if (right && wide) {
            y += kRow;
            right = false;
        }
        result.push_back({&f, QRect(right ? half + kBetween : 0, y, wide ? width : half, kRow)});
        if (wide || right) y += kRow;
        right = !wide && !right;
    }
    return result;
}

QSize FactsTable::minimumSizeHint() const { return {180, heightForWidth(std::max(180, width()))}; }

int FactsTable::heightForWidth(int width) const {
    const auto placed = place(width);
    return placed.empty() ? 0 : placed.back().box.bottom() + 1;
}

void FactsTable::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (const Placed& p : place(width())) {
        const Fact& f = *p.fact;
        painter.fillRect(QRect(p.box.left(), p.box.bottom(), p.box.width(), 1), theme::color(theme::Token::Hairline));
        painter.setFont(theme::font());
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(p.box, Qt::AlignLeft | Qt::AlignVCenter, f.name);
        const int used = painter.fontMetrics().horizontalAdvance(f.name) + 10;
        painter.setFont(theme::font(f.strong));
        painter.setPen(theme::color(f.token));
        const QRect room = p.box.adjusted(used, 0, 0, 0);
        painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(f.value, Qt::ElideRight, room.width()));
    }
}

bool FactsTable::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (const Placed& p : place(width()))
            if (p.box.contains(help->pos()))
                QToolTip::showText(help->globalPos(), p.fact->tip.isEmpty() ? p.fact->value : p.fact->tip, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace pilothouse::chart
