// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

#include "models/items/prediction_differences.h"
#include "widgets/predictions/clause_list.h"

namespace pilothouse::predictions_view {

/// What is different about the rows that match, each with its two shares as bars.
class DifferenceList : public ClauseList {
    Q_OBJECT
public:
    explicit DifferenceList(items::PredictionDifferences& model, QWidget* parent = nullptr);

protected:
    [[nodiscard]] QString tip(const QModelIndex& index) const override;

private:
    items::PredictionDifferences& m_model;
};

class DifferenceDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {150, 36}; }
};

/// "×2.3", "×0.4", "only here", "none here".
[[nodiscard]] QString liftText(double lift);

}  // namespace pilothouse::predictions_view
