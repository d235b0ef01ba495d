// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/performance_rows.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/clusters.h"
#include "models/statistics/multiclass.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;

namespace {

const char* defaultMetric(Task task) {
    switch (task) {
        case Task::Binary:
            return "auc";
        case Task::Multiclass:
            return "accuracy";
        case Task::Regression:
            return "mae";
    }
    return "";
}

/// Counts rows by what is wrong with them, for one sentence.
class Faults {
public:
    void add(const char* what) {
        for (auto& [known, count] : m_faults)
            if (known == what) {
                ++count;
                return;
            }
        m_faults.emplace_back(what, 1);
    }
    [[nodiscard]] std::string text(std::size_t rows) const {
        std::string out;
        for (const auto& [what, count] : m_faults)
            out += (out.empty() ? "" : "; ") + std::to_string(count) + " of " + std::to_string(rows) + " rows have " +
                   what;
        return out;
    }

private:
    std::vector<std::pair<std::string, std::size_t>> m_faults;
};

const double* numberAt(const Column* column, std::size_t row) {
    if (!column || column->type != ColumnType::Number || column->missing(row)) return nullptr;
    return &column->numbers[row];
}

/// What one kind of task makes of a row. False: it is left out.
class Extraction {
public:
    Extraction(const ports::RowSet& set, const MonitorDefinition& monitor, Task task, bool withOutcomes)
        : m_set(set),
          m_monitor(monitor),
          m_withOutcomes(withOutcomes),
          m_score(set.find(ports::field::score)),
          m_outcome(set.find(ports::field::outcome)) {
        m_out.rows.task = task;
        m_out.rows.classes = monitor.classes.size();
        for (const std::string& name : monitor.probabilities)
            m_probabilities.push_back(set.find(name));
        if (!monitor.predicted.empty()) m_predicted = set.find(monitor.predicted);
        if (m_predicted && m_predicted->type == ColumnType::Text)
            for (const std::string& text : m_predicted->dictionary)
                m_classOfCode.push_back(
                    static_cast<std::uint32_t>(std::ranges::find(monitor.classes, text) - monitor.classes.begin()));
    }

    ExtractedRows of(std::span<const std::uint32_t> clusters) {
        for (std::size_t row = 0; row < m_set.rows; ++row) {
            const double* outcome = numberAt(m_outcome, row);
            if (m_withOutcomes && !outcome) continue;
            const bool used = m_out.rows.task == Task::Multiclass ? addClasses(row, outcome) : addScore(row, outcome);
            if (!used) continue;
            m_out.places.push_back(static_cast<std::uint32_t>(row));
            if (!clusters.empty()) m_out.rows.clusters.push_back(clusters[row]);
        }
        statistics::densify(m_out.rows.clusters);
        m_out.problem = m_faults.text(m_set.rows);
        return std::move(m_out);
    }

private:
    bool addScore(std::size_t row, const double* outcome) {
        const double* score = numberAt(m_score, row);
        if (!score) return false;
        const bool binary = m_out.rows.task == Task::Binary;
        if (!std::isfinite(*score) || (binary && (*score < 0 || *score > 1)))
            return fault(binary ? "a score that is not within 0 and 1" : "an infinite prediction");
        if (m_withOutcomes && binary && *outcome != 0 && *outcome != 1)
            return fault("an outcome that is neither 0 nor 1");
        if (m_withOutcomes && !std::isfinite(*outcome)) return fault("an infinite outcome");
        m_out.rows.predicted.push_back(*score);
        if (m_withOutcomes) m_out.rows.outcomes.push_back(*outcome);
        return true;
    }

    bool addClasses(std::size_t row, const double* outcome) {
        std::vector<double> shares;
        if (!probabilitiesOf(row, shares)) return false;
        const std::uint32_t called = calledClass(row, shares);
        if (called == statistics::kNoClass) return false;
        if (called >= m_monitor.classes.size()) return fault("a predicted class that is none of the classes");
        if (m_withOutcomes) {
            const std::uint32_t truth = place(*outcome);
            if (truth >= m_monitor.classes.size()) return fault("an outcome that is none of the classes");
            m_out.rows.truth.push_back(truth);
        }
        m_out.rows.called.push_back(called);
        m_out.rows.probabilities.insert(m_out.rows.probabilities.end(), shares.begin(), shares.end());
        return true;
    }

    /// False: the row has none where it should.
    bool probabilitiesOf(std::size_t row, std::vector<double>& out) {
        double sum = 0;
        for (const Column* column : m_probabilities) {
            const double* p = numberAt(column, row);
            if (!p) return false;
            if (!(*p >= 0 && *p <= 1)) return fault("a probability that is not within 0 and 1");
            sum += *p;
            out.push_back(*p);
        }
        // What was rounded to three digits before it was logged is as good as a sum of 1.
        if (!out.empty() && std::abs(sum - 1) > 0.01) return fault("probabilities that do not add up to 1");
        for (double& p : out)
            p /= sum;
        return true;
    }

    [[nodiscard]] std::uint32_t calledClass(std::size_t row, const std::vector<double>& shares) const {
        if (m_monitor.predicted.empty()) {
            if (shares.empty()) return statistics::kNoClass;
            return static_cast<std::uint32_t>(std::ranges::max_element(shares) - shares.begin());
        }
        if (!m_predicted || m_predicted->missing(row)) return statistics::kNoClass;
        if (m_predicted->type == ColumnType::Text) return m_classOfCode[m_predicted->codes[row]];
        return m_predicted->type == ColumnType::Number ? place(m_predicted->numbers[row]) : statistics::kNoClass;
    }

    /// Beyond all classes for what is no place.
    [[nodiscard]] std::uint32_t place(double number) const {
        const auto classes = static_cast<double>(m_monitor.classes.size());
        const bool valid = number >= 0 && number < classes && number == std::floor(number);
        return valid ? static_cast<std::uint32_t>(number) : static_cast<std::uint32_t>(m_monitor.classes.size());
    }

    bool fault(const char* what) {
        m_faults.add(what);
        return false;
    }

    const ports::RowSet& m_set;
    const MonitorDefinition& m_monitor;
    bool m_withOutcomes;
    const Column *m_score, *m_outcome, *m_predicted = nullptr;
    std::vector<const Column*> m_probabilities;
    std::vector<std::uint32_t> m_classOfCode;
    Faults m_faults;
    ExtractedRows m_out;
};

}  // namespace

MeasuredMetric measuredMetric(const MonitorDefinition& monitor, const ports::ModelVersion& version) {
    MeasuredMetric out;
    const std::string& name = monitor.metric;
    if (!monitor.classes.empty())
        out.task = Task::Multiclass;
    else if (version.task == "regression" || (version.task.empty() && findMetric(Task::Regression, name)))
        out.task = Task::Regression;
    else if (version.task == "multiclass" || (version.task.empty() && name.starts_with("macro")))
        out.task = Task::Multiclass;
    if (out.task == Task::Multiclass && monitor.classes.empty()) {
        out.problem = "the monitor does not say the classes of a multiclass model";
        return out;
    }
    const std::string asked = name.empty() ? defaultMetric(out.task) : name;
    out.metric = findMetric(out.task, asked);
    if (!out.metric) out.problem = asked + " is no metric of a " + toString(out.task) + " model";
    return out;
}

std::string checkName(const MonitorDefinition& monitor, const ports::ModelVersion* version) {
    if (!monitor.metric.empty()) return monitor.metric;
    return defaultMetric(measuredMetric(monitor, version ? *version : ports::ModelVersion{}).task);
}

std::vector<std::string> performanceColumns(const MonitorDefinition& monitor, Task task, bool withOutcomes) {
    std::vector<std::string> out{std::string(ports::field::time)};
    const auto add = [&out](std::string name) {
        if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
    };
    if (withOutcomes) add(std::string(ports::field::outcome));
    if (task != Task::Multiclass) {
        add(std::string(ports::field::score));
        return out;
    }
    for (const std::string& name : monitor.probabilities)
        add(name);
    if (!monitor.predicted.empty()) add(monitor.predicted);
    return out;
}

ExtractedRows performanceRows(const ports::RowSet& rows, std::span<const std::uint32_t> clusters,
                              const MonitorDefinition& monitor, Task task, bool withOutcomes) {
    return Extraction(rows, monitor, task, withOutcomes).of(clusters);
}

}  // namespace pilothouse::monitoring
