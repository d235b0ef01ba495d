// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>
#include <QWidget>

#include "models/items/prediction_comparison.h"

class QLabel;
class QTableView;

namespace pilothouse::predictions_view {

/// Two rows side by side in the details pane.
class RowComparison : public QWidget {
    Q_OBJECT
public:
    explicit RowComparison(items::PredictionComparison& model, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void dress();
    void tell();
    items::PredictionComparison& m_model;
    QLabel* m_title;
    QTableView* m_table = nullptr;
};

class ComparisonDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace pilothouse::predictions_view
