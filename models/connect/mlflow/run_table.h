// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/base/result.h"
#include "models/ports/run_tracker.h"

namespace pilothouse::connect::mlflow {

/// Many runs beside each other, for a comparison: one row a run, one column a metric or parameter that any run has.
/// Names are kept once, metrics as a double a run, parameters as the number of a text that is kept once: 1,000 runs of
/// 10,000 metrics take about 90 MB. Columns are by first appearance. Thread: one at a time, or many that read.
class RunTable {
public:
    enum class Kind { Metric, Parameter };
    static constexpr std::size_t kMaxCells = 50'000'000;  ///< 400 MB of metrics

    /// `expected`: of runs, so that columns are made as long as they get; 0: not known.
    explicit RunTable(std::size_t expected = 0) : m_expected(expected) {}

    /// ResourceExhausted when the table would have more than kMaxCells; it is then as before.
    Status add(const ports::TrackedRun& run);

    [[nodiscard]] std::size_t runCount() const { return m_runs.size(); }
    [[nodiscard]] const std::string& runId(std::size_t row) const { return m_runs[row]; }
    [[nodiscard]] std::size_t columnCount() const { return m_columns.size(); }
    [[nodiscard]] Kind kind(std::size_t column) const { return m_columns[column].kind; }
    [[nodiscard]] const std::string& name(std::size_t column) const { return m_columns[column].name; }
    [[nodiscard]] std::optional<std::size_t> find(Kind kind, std::string_view name) const;

    /// Of a metric: nothing where the run has not logged it; NaN where it logged that. Nothing of a parameter.
    [[nodiscard]] std::optional<double> metric(std::size_t column, std::size_t row) const;
    /// Of a parameter: nothing where the run was not given it. Nothing of a metric.
    [[nodiscard]] std::optional<std::string_view> parameter(std::size_t column, std::size_t row) const;

    /// Columns whose values are not all the same, in their order; a run without the value differs from one with it, a
    /// NaN is the same as another.
    [[nodiscard]] std::vector<std::size_t> differences() const;

private:
    struct Column {
        Kind kind;
        std::string name;
        std::vector<double> numbers;       ///< of a metric, up to the last run that has it
        std::vector<std::uint32_t> texts;  ///< of a parameter, likewise; an index of m_texts
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Index = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

    std::uint32_t columnOf(Kind kind, const std::string& name, std::uint32_t guess);
    std::uint32_t textOf(const std::string& text);
    [[nodiscard]] bool differs(const Column& column) const;
    template <class T>
    void put(std::vector<T>& cells, T value, T none);

    std::size_t m_expected;
    std::vector<std::string> m_runs;
    std::vector<Column> m_columns;
    Index m_metricIndex, m_parameterIndex, m_textIndex;
    std::vector<std::string> m_texts;
    std::vector<std::uint32_t> m_metricOrder, m_parameterOrder;  ///< columns of the run before, in its order
};

}  // namespace pilothouse::connect::mlflow
