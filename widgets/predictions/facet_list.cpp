// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/facet_list.h"

#include <QPainter>
#include <cmath>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using Facets = items::PredictionFacetsModel;
using theme::Token;

}  // namespace

FacetList::FacetList(items::PredictionFacetsModel& model, QWidget* parent)
    : ClauseList(model, Facets::ClauseRole, parent) {
    setObjectName(u"facetList"_qs);
    setAccessibleName(u"Most frequent values"_qs);
    setItemDelegate(new FacetDelegate(this));
}

void FacetList::setWords(const QString& positive, const QString& negative) {
    auto* delegate = qobject_cast<FacetDelegate*>(itemDelegate());
    delegate->positive = positive;
    delegate->negative = negative;
    viewport()->update();
}

QString FacetList::tip(const QModelIndex& index) const {
    QString text = index.data(Facets::FieldRole).toString() + u" "_qs +
                   qobject_cast<FacetDelegate*>(itemDelegate())->words(index) + u"\n"_qs +
                   theme::count(index.data(Facets::CountRole).toULongLong()) + u" rows, "_qs +
                   theme::percent(index.data(Facets::ShareRole).toDouble());
    const QVariant lift = index.data(Facets::LiftRole);
    if (lift.isValid())
        text += u"\n%1 times its share in the rows compared with"_qs.arg(theme::number(lift.toDouble(), 2));
    return text;
}

QString FacetDelegate::words(const QModelIndex& index) const {
    const bool outcome = index.data(Facets::FieldRole).toString() == u"outcome";
    if (index.data(Facets::MissingRole).toBool()) return outcome ? u"not known"_qs : u"no value"_qs;
    const QString value = index.data(Facets::ValueRole).toString();
    if (outcome && value == u"1") return positive;
    if (outcome && value == u"0") return negative;
    return value;
}

QSize FacetDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    return {150, index.data(Facets::HeaderRole).toBool() ? (index.row() == 0 ? 22 : 28) : 20};
}

void FacetDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QRect box = option.rect.adjusted(12, 0, -10, 0);
    painter->setFont(theme::font());
    if (index.data(Facets::HeaderRole).toBool()) {
        painter->setPen(theme::color(Token::TextMuted));
        painter->drawText(box.adjusted(0, 0, 0, -3), Qt::AlignLeft | Qt::AlignBottom,
                          index.data(Facets::FieldRole).toString());
        return;
    }
    const bool active = index.data(Facets::ActiveRole).toBool(), excluded = index.data(Facets::ExcludedRole).toBool();
    paintClauseState(*painter, option);
    const double share = index.data(Facets::ShareRole).toDouble();
    const QFontMetrics metrics(painter->font());
    const int liftWidth = metrics.horizontalAdvance(u"0.00"_qs) + 4,
              shareWidth = metrics.horizontalAdvance(u"100 %"_qs) + 8;
    const int room = box.width() - liftWidth - shareWidth;
    painter->fillRect(QRect(box.left() - 3, box.top() + 2,
                            std::max(2, static_cast<int>(std::lround(share * (room + 3)))), box.height() - 4),
                      theme::color(active ? Token::Brush : Token::AccentSoft));
    QFont font = theme::font(active);
    font.setStrikeOut(excluded);
    painter->setFont(font);
    const bool absent = index.data(Facets::MissingRole).toBool();
    painter->setPen(theme::color(absent || excluded ? Token::TextMuted : Token::Text));
    painter->drawText(QRect(box.left(), box.top(), room, box.height()), Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(font).elidedText(words(index), Qt::ElideMiddle, room));
    painter->setFont(theme::font());
    painter->setPen(theme::color(Token::TextMuted));
    painter->drawText(QRect(box.left() + room, box.top(), shareWidth, box.height()), Qt::AlignRight | Qt::AlignVCenter,
                      theme::percent(share, share < 0.1 ? 1 : 0));
    const QVariant lift = index.data(Facets::LiftRole);
    if (!lift.isValid()) return;
    const double times = lift.toDouble();
    painter->setPen(theme::color(times >= 1.5 || times <= 0.67 ? Token::Text : Token::TextMuted));
    painter->drawText(QRect(box.right() - liftWidth, box.top(), liftWidth, box.height()),
                      Qt::AlignRight | Qt::AlignVCenter, QLocale::c().toString(times, 'f', times < 10 ? 1 : 0));
}

}  // namespace pilothouse::predictions_view
