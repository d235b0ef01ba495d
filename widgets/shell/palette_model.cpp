// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/palette_model.h"

#include <algorithm>

#include "widgets/shell/fuzzy.h"

namespace pilothouse::shell {

namespace {
constexpr std::size_t kShown = 60;
}

void PaletteModel::setItems(std::vector<Item> items) {
    beginResetModel();
    m_items = std::move(items);
    rank();
    endResetModel();
}

void PaletteModel::setPattern(const QString& pattern) {
    if (pattern == m_pattern) return;
    beginResetModel();
    m_pattern = pattern;
    rank();
    endResetModel();
}

void PaletteModel::rank() {
    m_hits.clear();
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        // The kind can be typed as well: "version v3".
        const Item& item = m_items[i];
        auto match = fuzzyMatch(m_pattern, item.title);
        if (!match) {
            const auto wide = fuzzyMatch(m_pattern, item.kind + QLatin1Char(' ') + item.title);
            if (!wide) continue;
            match = *wide;
            match->score -= 20;
            const qsizetype skip = item.kind.size() + 1;
            std::erase_if(match->positions, [&](qsizetype p) { return p < skip; });
            for (qsizetype& p : match->positions)
                p -= skip;
        }
        Hit hit{i, match->score, {}};
        for (const qsizetype p : match->positions)
            hit.letters << static_cast<int>(p);
        m_hits.push_back(std::move(hit));
    }
    std::ranges::stable_sort(m_hits, std::ranges::greater{}, &Hit::score);
    if (m_hits.size() > kShown) m_hits.resize(kShown);
}

const PaletteModel::Item* PaletteModel::at(int row) const {
    if (row < 0 || row >= static_cast<int>(m_hits.size())) return nullptr;
    return &m_items[m_hits[static_cast<std::size_t>(row)].item];
}

int PaletteModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_hits.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
    const Item* item = index.isValid() ? at(index.row()) : nullptr;
    if (!item) return {};
    switch (role) {
        case Qt::DisplayRole:
            return item->title;
        case Qt::AccessibleTextRole:
            return item->kind + QLatin1Char(' ') + item->title;
        case KindRole:
            return item->kind;
        case HintRole:
            return item->hint;
        case MatchRole:
            return QVariant::fromValue(m_hits[static_cast<std::size_t>(index.row())].letters);
        default:
            return {};
    }
}

}  // namespace pilothouse::shell
