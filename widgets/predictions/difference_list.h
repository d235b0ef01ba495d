// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <QStyledItemDelegate>

#include "models/items/prediction_differences.h"

namespace pilothouse::predictions_view {

/// What is different about the rows that match, each with its two shares as bars. A click or Enter adds the clause,
/// with Alt or Shift it excludes the value.
class DifferenceList : public QListView {
    Q_OBJECT
public:
    explicit DifferenceList(items::PredictionDifferences& model, QWidget* parent = nullptr);

Q_SIGNALS:
    void toggled(const QString& clause, bool exclude);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void toggle(const QModelIndex& index, bool exclude);
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
