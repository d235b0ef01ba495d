// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <QStyledItemDelegate>

#include "models/items/prediction_facets_model.h"

namespace pilothouse::predictions_view {

/// Values with their share as a bar behind them. A click adds the clause, once more removes it; with Alt or Shift it
/// excludes the value.
class FacetList : public QListView {
    Q_OBJECT
public:
    FacetList(items::PredictionFacetsModel& model, QWidget* parent = nullptr);
    void setWords(const QString& positive, const QString& negative);

Q_SIGNALS:
    void toggled(const QString& clause, bool exclude);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void toggle(const QModelIndex& index, bool exclude);
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
