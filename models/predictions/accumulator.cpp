// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/accumulator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::Measure;

Accumulator::Accumulator(const ports::MeasureSpec& spec, std::size_t cells, std::size_t distinct)
    : m_spec(spec), m_n(cells) {
    switch (spec.measure) {
        case Measure::Count:
            break;
        case Measure::Min:
            m_value.assign(cells, std::numeric_limits<double>::infinity());
            break;
        case Measure::Max:
            m_value.assign(cells, -std::numeric_limits<double>::infinity());
            break;
        case Measure::Quantile:
            m_quantiles.assign(cells, statistics::QuantileCounts(distinct));
            break;
        default:
            m_value.assign(cells, 0);
    }
}

template <class Counts, class Use>
void Accumulator::each(const Bucketing& rows, Counts&& counts, Use&& use) {
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        if (!counts(rows.rows[i])) continue;
        ++m_n[rows.cells[i]];
        use(rows.rows[i], rows.cells[i]);
    }
}

Status Accumulator::add(BlockView& view, const Bucketing& rows) {
    switch (m_spec.measure) {
        case Measure::Count:
            each(
                rows, [](std::size_t) { return true; }, [](std::size_t, std::size_t) {});
            return {};
        case Measure::ErrorShare:
            return addErrors(view, rows);
        case Measure::MissingShare:
            return addMissing(view, rows);
        case Measure::LabelledShare:
        case Measure::PositiveShare:
            return addOutcomes(view, rows);
        default:
            return addNumbers(view, rows);
    }
}

/// Scored rows are those with a version; a status that is missing is no error.
Status Accumulator::addErrors(BlockView& view, const Bucketing& rows) {
    PH_ASSIGN(const ColumnBlock* version, view.field(std::string(ports::field::version), ColumnType::Text));
    PH_ASSIGN(const ColumnBlock* status, view.field(std::string(ports::field::status), ColumnType::Text));
    if (!version) return {};
    std::vector<bool> bad(status ? status->pool.size() : 0);
    for (std::size_t code = 0; code < bad.size(); ++code)
        bad[code] = status->pool.at(code) != "ok";
    each(
        rows, [&](std::size_t row) { return !version->missing(row); },
        [&](std::size_t row, std::size_t cell) {
            addIf(cell, status && !status->missing(row) && bad[status->codes[row]]);
        });
    return {};
}
Status Accumulator::addMissing(BlockView& view, const Bucketing& rows) {
    PH_ASSIGN(const TypedBlocks* blocks, view.field(m_spec.field));
    each(
        rows, [](std::size_t) { return true; },
        [&](std::size_t row, std::size_t cell) {
            addIf(cell, std::ranges::all_of(*blocks, [&](const auto& b) { return b->missing(row); }));
        });
    return {};
}
Status Accumulator::addOutcomes(BlockView& view, const Bucketing& rows) {
    PH_ASSIGN(const ColumnBlock* outcome, view.field(std::string(ports::field::outcome), ColumnType::Number));
    if (!outcome) return {};
    const bool positive = m_spec.measure == Measure::PositiveShare;
    const auto& v = outcome->numbers;
    each(
        rows, [&](std::size_t row) { return !positive || !std::isnan(v[row]); },
        [&](std::size_t row, std::size_t cell) { addIf(cell, positive ? v[row] > 0.5 : !std::isnan(v[row])); });
    return {};
}
Status Accumulator::addNumbers(BlockView& view, const Bucketing& rows) {
    PH_ASSIGN(const ColumnBlock* block, view.field(m_spec.field, ColumnType::Number));
    if (!block) return {};
    const auto& v = block->numbers;
    const auto counts = [&](std::size_t row) { return !std::isnan(v[row]); };
    switch (m_spec.measure) {
        case Measure::Min:
            each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] = std::min(m_value[c], v[r]); });
            break;
        case Measure::Max:
            each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] = std::max(m_value[c], v[r]); });
            break;
        case Measure::Quantile:
            each(rows, counts, [&](std::size_t r, std::size_t c) { m_quantiles[c].add(v[r]); });
            break;
        default:
            each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] += v[r]; });
    }
    return {};
}

void Accumulator::merge(const Accumulator& other) {
    for (std::size_t c = 0; c < m_n.size(); ++c)
        m_n[c] += other.m_n[c];
    for (std::size_t c = 0; c < m_value.size(); ++c)
        m_value[c] = m_spec.measure == Measure::Min   ? std::min(m_value[c], other.m_value[c])
                     : m_spec.measure == Measure::Max ? std::max(m_value[c], other.m_value[c])
                                                      : m_value[c] + other.m_value[c];
    for (std::size_t c = 0; c < m_quantiles.size(); ++c)
        m_quantiles[c].merge(other.m_quantiles[c]);
}

double Accumulator::result(std::size_t cell, double q) const {
    const auto n = static_cast<double>(m_n[cell]);
    if (m_spec.measure == Measure::Count) return n;
    if (m_n[cell] == 0) return std::numeric_limits<double>::quiet_NaN();
    switch (m_spec.measure) {
        case Measure::Sum:
        case Measure::Min:
        case Measure::Max:
            return m_value[cell];
        case Measure::Quantile:
            return m_quantiles[cell].quantile(q);
        default:
            return m_value[cell] / n;
    }
}

double Accumulator::relativeError(std::size_t cell) const {
    return m_quantiles.empty() ? 0 : m_quantiles[cell].relativeError();
}

}  // namespace pilothouse::predictions
