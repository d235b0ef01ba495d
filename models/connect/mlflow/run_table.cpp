// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/run_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace pilothouse::connect::mlflow {

namespace {

constexpr std::uint32_t kNoText = std::numeric_limits<std::uint32_t>::max();
/// A NaN that no arithmetic makes: what was not logged. What a run logged as NaN is kept as the usual one.
constexpr std::uint64_t kAbsentBits = 0x7ff8'7069'6c6f'7401;
constexpr double kAbsent = std::bit_cast<double>(kAbsentBits);

bool absent(double value) { return std::bit_cast<std::uint64_t>(value) == kAbsentBits; }

bool same(double a, double b) {
    if (std::isnan(a) && std::isnan(b)) return absent(a) == absent(b);
    return a == b;
}

template <class T, class Same>
bool varied(const std::vector<T>& cells, std::size_t rows, T none, Same equal) {
    if (cells.empty() || rows < 2) return false;
    if (cells.size() < rows && !equal(cells.front(), none)) return true;
    return std::any_of(cells.begin() + 1, cells.end(), [&](T cell) { return !equal(cell, cells.front()); });
}

}  // namespace

std::uint32_t RunTable::columnOf(Kind kind, const std::string& name, std::uint32_t guess) {
    // Runs of one experiment mostly have the same keys in the same order: then no name is hashed.
    if (guess < m_columns.size() && m_columns[guess].name == name) return guess;
    Index& index = kind == Kind::Metric ? m_metricIndex : m_parameterIndex;
    const auto [place, isNew] = index.try_emplace(name, static_cast<std::uint32_t>(m_columns.size()));
    if (isNew) m_columns.push_back({kind, name, {}, {}});
    return place->second;
}

std::uint32_t RunTable::textOf(const std::string& text) {
    const auto [place, isNew] = m_textIndex.try_emplace(text, static_cast<std::uint32_t>(m_texts.size()));
    if (isNew) m_texts.push_back(text);
    return place->second;
}

template <class T>
void RunTable::put(std::vector<T>& cells, T value, T none) {
    const std::size_t row = m_runs.size();
    // By a quarter and not by doubling: there are tens of thousands of these.
    if (row >= cells.capacity())
        cells.reserve(std::max({m_expected, row + 1, cells.capacity() + cells.capacity() / 4}));
    cells.resize(row, none);
    cells.push_back(value);
}

Status RunTable::add(const ports::TrackedRun& run) {
    const auto unknown = [](const auto& values, const Index& index) {
        return static_cast<std::size_t>(std::count_if(
            values.begin(), values.end(), [&](const auto& entry) { return index.find(entry.first) == index.end(); }));
    };
    // An upper bound first; names are looked up only where it is near.
    std::size_t columns = m_columns.size() + run.metrics.size() + run.parameters.size();
    const std::size_t rows = std::max(m_expected, m_runs.size() + 1);
    if (columns * rows > kMaxCells) {
        columns = m_columns.size() + unknown(run.metrics, m_metricIndex) + unknown(run.parameters, m_parameterIndex);
        if (columns * rows > kMaxCells)
            return fail(ErrorKind::ResourceExhausted, "too many runs and metrics to compare: " + std::to_string(rows) +
                                                          " runs of " + std::to_string(columns) +
                                                          " columns; choose fewer runs");
    }
    const auto each = [this](const auto& values, Kind kind, std::vector<std::uint32_t>& order, auto store) {
        order.resize(values.size(), kNoText);
        std::size_t place = 0;
        for (const auto& [name, value] : values) {
            const std::uint32_t column = columnOf(kind, name, order[place]);
            order[place++] = column;
            store(m_columns[column], value);
        }
    };
    each(run.metrics, Kind::Metric, m_metricOrder, [this](Column& column, double value) {
        put(column.numbers, std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value, kAbsent);
    });
    each(run.parameters, Kind::Parameter, m_parameterOrder,
         [this](Column& column, const std::string& value) { put(column.texts, textOf(value), kNoText); });
    m_runs.push_back(run.id);
    return {};
}

std::optional<std::size_t> RunTable::find(Kind kind, std::string_view name) const {
    const Index& index = kind == Kind::Metric ? m_metricIndex : m_parameterIndex;
    const auto found = index.find(name);
    if (found == index.end()) return {};
    return found->second;
}

std::optional<double> RunTable::metric(std::size_t column, std::size_t row) const {
    const Column& c = m_columns[column];
    if (row >= c.numbers.size() || absent(c.numbers[row])) return {};
    return c.numbers[row];
}

std::optional<std::string_view> RunTable::parameter(std::size_t column, std::size_t row) const {
    const Column& c = m_columns[column];
    if (row >= c.texts.size() || c.texts[row] == kNoText) return {};
    return m_texts[c.texts[row]];
}

bool RunTable::differs(const Column& column) const {
    if (column.kind == Kind::Metric) return varied(column.numbers, m_runs.size(), kAbsent, same);
    return varied(column.texts, m_runs.size(), kNoText, std::equal_to<>{});
}

std::vector<std::size_t> RunTable::differences() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < m_columns.size(); ++i)
        if (differs(m_columns[i])) out.push_back(i);
    return out;
}

}  // namespace pilothouse::connect::mlflow
