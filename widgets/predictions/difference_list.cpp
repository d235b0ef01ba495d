// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/difference_list.h"

#include <QPainter>
#include <cmath>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {

using Differences = items::PredictionDifferences;
using theme::Token;

QString liftText(double lift) {
    if (std::isinf(lift)) return u"only here"_qs;
    if (lift == 0) return u"none here"_qs;
    return u"×"_qs + theme::number(lift, lift < 10 ? 2 : 3);
}

DifferenceList::DifferenceList(items::PredictionDifferences& model, QWidget* parent)
    : ClauseList(model, Differences::ClauseRole, parent), m_model(model) {
    setObjectName(u"differenceList"_qs);
    setAccessibleName(u"What is different about these rows"_qs);
    setItemDelegate(new DifferenceDelegate(this));
    setUniformItemSizes(true);
}

QString DifferenceList::tip(const QModelIndex& at) const {
    const auto number = [&](int role) { return at.data(role).toDouble(); };
    const auto points = [](double share) { return theme::number(100 * share, 3); };
    QString text = at.data(Differences::FieldRole).toString() + u' ' + at.data(Differences::ValueRole).toString();
    text += u"\n%1 of %2 rows here, %3; %4 of %5 others, %6"_qs.arg(
        theme::count(at.data(Differences::CountRole).toULongLong()), theme::count(m_model.rows()),
        theme::percent(number(Differences::ShareRole)), theme::count(at.data(Differences::CountRestRole).toULongLong()),
        theme::count(m_model.restRows()), theme::percent(number(Differences::RestRole)));
    text += u"\n%1, %2 %3 for sure"_qs.arg(liftText(number(Differences::LiftRole)),
                                           number(Differences::SafeLiftRole) >= 1 ? u"at least"_qs : u"at most"_qs,
                                           liftText(number(Differences::SafeLiftRole)));
    text += u"\ndifference %1 points, %2 to %3 (95 % over all %4 values compared; Newcombe, Bonferroni)"_qs.arg(
        points(number(Differences::ShareRole) - number(Differences::RestRole)), points(number(Differences::LowRole)),
        points(number(Differences::HighRole)), theme::count(m_model.comparisons()));
    return text;
}

void DifferenceDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QRect box = option.rect.adjusted(12, 2, -10, -2);
    paintClauseState(*painter, option);
    painter->setFont(theme::font());
    const QFontMetrics metrics(painter->font());
    // What it is over the whole width, and beside the bars by how much: a narrow panel has no room for both in a line.
    const QString lift = liftText(index.data(Differences::LiftRole).toDouble());
    const int liftWidth = metrics.horizontalAdvance(u"none here"_qs) + 8, height = metrics.height();
    const QString field = index.data(Differences::FieldRole).toString() + u' ';
    const QString value = index.data(Differences::ValueRole).toString();
    const int valueWidth = std::min(metrics.horizontalAdvance(value) + 2, box.width() * 3 / 5);
    const QString name = metrics.elidedText(field, Qt::ElideRight, box.width() - valueWidth);
    const int nameWidth = metrics.horizontalAdvance(name);
    painter->setPen(theme::color(Token::TextMuted));
    painter->drawText(QRect(box.left(), box.top(), nameWidth + 1, height), Qt::AlignLeft | Qt::AlignVCenter, name);
    painter->setPen(theme::color(Token::Text));
    const QRect rest(box.left() + nameWidth, box.top(), box.width() - nameWidth, height);
    painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(value, Qt::ElideMiddle, rest.width()));
    painter->setFont(theme::font(false, true));
    painter->drawText(QRect(box.right() - liftWidth, box.top() + height, liftWidth, box.height() - height),
                      Qt::AlignRight | Qt::AlignVCenter, lift);
    // These rows filled, the others outlined below, on one scale from nothing to all.
    const auto bar = [&](double share, int top, bool filled) {
        const QRectF r(box.left() + 0.5, top + 0.5, std::max(1.0, std::round(share * (box.width() - liftWidth - 4))),
                       4);
        if (filled)
            painter->fillRect(r, theme::color(Token::Current));
        else {
            painter->setPen(theme::color(Token::Reference));
            painter->setBrush(Qt::NoBrush);
            painter->drawRect(r.adjusted(0, 0, 0, -1));
        }
    };
    bar(index.data(Differences::ShareRole).toDouble(), box.top() + height + 2, true);
    bar(index.data(Differences::RestRole).toDouble(), box.top() + height + 8, false);
}

}  // namespace pilothouse::predictions_view
