// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QStyledItemDelegate>
#include <vector>

#include "models/items/prediction_clauses.h"

namespace pilothouse::predictions_view {

/// What could be typed here, and what it means.
class CompletionModel : public QAbstractListModel {
    Q_OBJECT
public:
    static constexpr int kHintRole = Qt::UserRole + 1;
    using QAbstractListModel::QAbstractListModel;
    void set(std::vector<items::Completion> completions) {
        beginResetModel();
        m_completions = std::move(completions);
        endResetModel();
    }
    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_completions.size());
    }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override {
        if (!index.isValid() || index.row() >= rowCount()) return {};
        const items::Completion& c = m_completions[static_cast<std::size_t>(index.row())];
        if (role == Qt::DisplayRole || role == Qt::EditRole) return c.text;
        if (role == kHintRole) return c.hint;
        return {};
    }

private:
    std::vector<items::Completion> m_completions;
};

class CompletionDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace pilothouse::predictions_view
