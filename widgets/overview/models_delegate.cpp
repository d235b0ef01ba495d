// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/models_delegate.h"

#include <QApplication>
#include <QPainter>
#include <cmath>
#include <vector>

#include "models/items/event_list_model.h"
#include "widgets/chart/sparkline.h"
#include "widgets/chart/value_axis.h"
#include "widgets/theme/format.h"
#include "widgets/theme/marks.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::overview {

using Model = items::ModelHealthModel;
using theme::Token;

namespace {

constexpr int kPadding = 6;  // as the header's

bool isLine(int column) { return column == Model::Traffic || column == Model::Score || column == Model::Drift; }
bool isRight(int column) { return column == Model::Requests || column == Model::Errors || column == Model::P95; }

void drawLine(QPainter& painter, const QRectF& box, const QModelIndex& index) {
    std::vector<double> values;
    for (const QVariant& v : index.data(Model::LineRole).toList())
        values.push_back(v.toDouble());
    chart::SparklineOptions options;
    options.color = theme::color(index.column() == Model::Traffic ? Token::Reference
                                 : index.column() == Model::Score ? Token::Current
                                                                  : Token::Warning);
    options.fromZero = index.column() != Model::Score;
    if (chart::drawSparkline(painter, box, values, options)) return;
    painter.setPen(theme::color(Token::TextDisabled));
    painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, QObject::tr("no data"));
}

}  // namespace

QString ModelsDelegate::textOf(const QModelIndex& index) {
    const QVariant number = index.data(Model::NumberRole);
    switch (index.column()) {
        case Model::Requests:
            return std::isnan(number.toDouble()) ? QObject::tr("no data")
                                                 : theme::count(static_cast<std::uint64_t>(number.toDouble()));
        case Model::Errors:
            return std::isnan(number.toDouble()) ? QStringLiteral("–") : theme::percent(number.toDouble());
        case Model::P95:
            return std::isnan(number.toDouble()) ? QStringLiteral("–")
                                                 : chart::valueText(number.toDouble(), chart::ValueKind::Milliseconds);
        case Model::Auc: {
            if (!number.isValid()) return QStringLiteral("–");
            const QVariantList interval = index.data(Model::IntervalRole).toList();
            return theme::withInterval(number.toDouble(), interval[0].toDouble(), interval[1].toDouble());
        }
        default:
            return index.data(Qt::DisplayRole).toString();
    }
}

void ModelsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    painter->save();
    const bool selected = option.state & QStyle::State_Selected;
    painter->fillRect(option.rect, theme::color(selected                                   ? Token::Selection
                                                : (option.state & QStyle::State_MouseOver) ? Token::Hover
                                                                                           : Token::Window));
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                      theme::color(Token::Hairline));
    QRectF box = QRectF(option.rect).adjusted(kPadding, 0, -kPadding, 0);
    const int column = index.column();
    painter->setFont(theme::font(column == Model::Model));
    if (isLine(column)) {
        drawLine(*painter, box.adjusted(0, 3, 0, -3), index);
        painter->restore();
        return;
    }
    if (column == Model::State) {
        theme::drawMark(*painter, QRectF(box.left(), box.top(), 12, box.height()),
                        theme::markFor(index.data(Model::StateRole).toString()));
        box.setLeft(box.left() + 18);
    }
    if (column == Model::Version && index.data().toString() != QObject::tr("none")) {
        painter->fillRect(QRectF(box.left(), box.center().y() - 4, 8, 8), theme::seriesColor(index.data().toString()));
        box.setLeft(box.left() + 14);
    }
    const bool muted = column == Model::Why || column == Model::InProgress;
    Token token = muted ? Token::TextMuted : Token::Text;
    if (column == Model::Auc) {
        const QVariantList interval = index.data(Model::IntervalRole).toList();
        if (interval.size() > 2 && interval[1].toDouble() < interval[2].toDouble())
            token = Token::Alarm;  // all of it below the limit
    }
    painter->setPen(theme::color(token));
    const QString text = QFontMetricsF(painter->font()).elidedText(textOf(index), Qt::ElideRight, box.width());
    painter->drawText(box, (isRight(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, text);
    painter->restore();
}

QSize ModelsDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QFontMetricsF metrics(theme::font(index.column() == Model::Model));
    if (isLine(index.column())) return {104, option.fontMetrics.height() + 8};
    return {static_cast<int>(metrics.horizontalAdvance(textOf(index))) + 2 * kPadding + 20,
            option.fontMetrics.height() + 8};
}

}  // namespace pilothouse::overview
