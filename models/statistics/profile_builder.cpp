// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/profile_builder.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/profile_summary.h"

namespace pilothouse::statistics {

void NumericProfileBuilder::add(double value) {
    if (std::isnan(value)) {
        ++m_missing;
    } else if (std::isinf(value)) {
        ++(value < 0 ? m_below : m_above);
    } else {
        const double v = value == 0 ? 0.0 : value;  // one zero only
        const bool first = m_counts.count() == 0;
        m_min = first ? v : std::min(m_min, v);
        m_max = first ? v : std::max(m_max, v);
        m_counts.add(v);
    }
}

void NumericProfileBuilder::merge(const NumericProfileBuilder& other) {
    m_missing += other.m_missing;
    m_below += other.m_below;
    m_above += other.m_above;
    if (other.m_counts.count() == 0) return;
    const bool first = m_counts.count() == 0;
    m_min = first ? other.m_min : std::min(m_min, other.m_min);
    m_max = first ? other.m_max : std::max(m_max, other.m_max);
    m_counts.merge(other.m_counts);
}

ColumnProfile NumericProfileBuilder::finish(std::string name, const ProfileOptions& options) const {
    return profileOfRuns(std::move(name), {m_counts.runs(), m_min, m_max, m_missing, m_below, m_above}, options.bins);
}

void CategoricalProfileBuilder::add(std::string_view text, std::uint64_t rows) {
    if (m_beyond > 0) {
        m_beyond += rows;
        return;
    }
    const auto known = m_counts.find(text);
    if (known != m_counts.end()) {
        known->second += rows;
        return;
    }
    m_counts.emplace(text, rows);
    m_bytes += text.size();
    if (m_counts.size() <= kMostTexts && m_bytes <= kMostBytes) return;
    for (const auto& [kept, count] : m_counts)
        m_beyond += count;
    m_counts = {};
    m_bytes = 0;
}

void CategoricalProfileBuilder::merge(const CategoricalProfileBuilder& other) {
    m_missing += other.m_missing;
    for (const auto& [text, count] : other.m_counts)
        add(text, count);
    if (other.m_beyond == 0) return;
    m_beyond += other.m_beyond;
    for (const auto& [kept, count] : m_counts)
        m_beyond += count;
    m_counts = {};
    m_bytes = 0;
}

ColumnProfile CategoricalProfileBuilder::finish(std::string name, const ProfileOptions& options) const {
    std::vector<TextCount> texts;
    for (const auto& [text, count] : m_counts)
        texts.push_back({text, count});
    if (m_beyond > 0) texts.push_back({"", m_beyond});
    return profileOfTexts(std::move(name), std::move(texts), m_missing, m_beyond == 0, options.categories);
}

}  // namespace pilothouse::statistics
