// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

#include "models/items/prediction_facets_model.h"
#include "widgets/predictions/clause_list.h"

namespace pilothouse::predictions_view {

/// Values with their share as a bar behind them. A second click takes the clause back.
class FacetList : public ClauseList {
    Q_OBJECT
public:
    FacetList(items::PredictionFacetsModel& model, QWidget* parent = nullptr);
    void setWords(const QString& positive, const QString& negative);

protected:
    [[nodiscard]] QString tip(const QModelIndex& index) const override;
};

class FacetDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QString words(const QModelIndex& index) const;

    QString positive = QStringLiteral("positive"), negative = QStringLiteral("negative");
};

}  // namespace pilothouse::predictions_view
