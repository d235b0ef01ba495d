// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <functional>
#include <vector>

namespace pilothouse::shell {

/// What the palette can find, filtered and ranked by what is typed.
class PaletteModel : public QAbstractListModel {
    Q_OBJECT
public:
    struct Item {
        QString title, kind, hint;  ///< "v3", "version", "champion" or a key
        std::function<void()> run;
    };
    enum Role { KindRole = Qt::UserRole + 1, HintRole, MatchRole };  ///< MatchRole: QList<int>, letters that matched

    using QAbstractListModel::QAbstractListModel;
    void setItems(std::vector<Item> items);
    void setPattern(const QString& pattern);
    [[nodiscard]] const Item* at(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    struct Hit {
        std::size_t item;
        int score;
        QList<int> letters;
    };
    void rank();
    std::vector<Item> m_items;
    std::vector<Hit> m_hits;
    QString m_pattern;
};

}  // namespace pilothouse::shell
