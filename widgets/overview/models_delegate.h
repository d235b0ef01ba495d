// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace pilothouse::overview {

/// Paints a row of items::ModelHealthModel: shape and word of the state, sparklines, numbers with their digits, "no
/// data" in words.
class ModelsDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// What a cell says, also for export.
    [[nodiscard]] static QString textOf(const QModelIndex& index);
};

}  // namespace pilothouse::overview
