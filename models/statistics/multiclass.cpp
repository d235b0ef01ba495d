// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/multiclass.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/base/vector_state.h"
#include "models/statistics/bootstrap.h"
#include "models/statistics/intervals.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

double over(double part, double whole) { return whole > 0 ? part / whole : kNaN; }

ClassMetrics metricsOf(double hit, double predicted, double support, double all) {
    return {over(hit, predicted), over(hit, support), over(all - predicted - support + hit, all - support),
            over(2 * hit, predicted + support), support};
}

struct Margins {
    std::vector<double> support, predicted;
    double all = 0, right = 0;
};

Margins marginsOf(const ClassMatrix& m) {
    Margins out{std::vector<double>(m.classes, 0.0), std::vector<double>(m.classes, 0.0), 0, 0};
    for (std::size_t t = 0; t < m.classes; ++t)
        for (std::size_t p = 0; p < m.classes; ++p) {
            out.support[t] += m.at(t, p);
            out.predicted[p] += m.at(t, p);
            out.all += m.at(t, p);
            if (t == p) out.right += m.at(t, p);
        }
    return out;
}

/// Rows with a known outcome, or why they cannot be used.
Result<std::vector<std::size_t>> knownRows(std::span<const double> probabilities, std::span<const std::uint32_t> truth,
                                           std::size_t classes) {
    if (classes < 2 || classes > kMostClasses || probabilities.size() != truth.size() * classes)
        return fail(Error::invalid("probabilities and outcomes differ in shape"));
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] == kNoClass) continue;
        if (truth[i] >= classes) return fail(Error::invalid("row " + std::to_string(i) + " has an unknown class"));
        double sum = 0;
        for (const double p : probabilities.subspan(i * classes, classes)) {
            if (!(p >= 0 && p <= 1))
                return fail(Error::invalid("row " + std::to_string(i) + " has a probability outside of 0 … 1"));
            sum += p;
        }
        if (std::abs(sum - 1) > 1e-6)
            return fail(Error::invalid("the probabilities of row " + std::to_string(i) + " do not sum to 1"));
        out.push_back(i);
    }
    if (out.empty()) return fail(Error::invalid("no outcome is known yet"));
    return out;
}

constexpr std::array<std::pair<Average, const char*>, 3> kAverages{
    {{Average::Macro, "macro"}, {Average::Micro, "micro"}, {Average::Weighted, "weighted"}}};
constexpr std::array<std::pair<double ClassMetrics::*, const char*>, 4> kFields{
    {{&ClassMetrics::precision, "precision"},
     {&ClassMetrics::recall, "recall"},
     {&ClassMetrics::specificity, "specificity"},
     {&ClassMetrics::f1, "f1"}}};

}  // namespace

Result<ClassMatrix> classMatrix(std::span<const std::uint32_t> truth, std::span<const std::uint32_t> predicted,
                                std::size_t classes) {
    if (truth.size() != predicted.size()) return fail(Error::invalid("outcomes and predictions differ in length"));
    if (classes < 2 || classes > kMostClasses) return fail(Error::invalid("a multiclass model has 2 to 1,000 classes"));
    ClassMatrix out{classes, std::vector<double>(classes * classes, 0.0)};
    bool any = false;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] == kNoClass) continue;
        if (truth[i] >= classes || predicted[i] >= classes)
            return fail(Error::invalid("row " + std::to_string(i) + " has an unknown class"));
        ++out.cells[truth[i] * classes + predicted[i]];
        any = true;
    }
    if (!any) return fail(Error::invalid("no outcome is known yet"));
    return out;
}

std::vector<ClassMetrics> classMetrics(const ClassMatrix& matrix) {
    const Margins m = marginsOf(matrix);
    std::vector<ClassMetrics> out;
    for (std::size_t c = 0; c < matrix.classes; ++c)
        out.push_back(metricsOf(matrix.at(c, c), m.predicted[c], m.support[c], m.all));
    return out;
}

ClassMetrics averageOf(const ClassMatrix& matrix, Average average) {
    const Margins m = marginsOf(matrix);
    if (!(m.all > 0)) return {kNaN, kNaN, kNaN, kNaN, 0};
    const double all = m.all;
    if (average == Average::Micro) return metricsOf(m.right, all, all, all * static_cast<double>(matrix.classes));
    ClassMetrics out{0, 0, 0, 0, all};
    double weights = 0;
    for (std::size_t c = 0; c < matrix.classes; ++c) {
        if (m.support[c] == 0 && m.predicted[c] == 0) continue;
        const ClassMetrics one = metricsOf(matrix.at(c, c), m.predicted[c], m.support[c], all);
        const double weight = average == Average::Weighted ? m.support[c] : 1;
        weights += weight;
        for (const auto& [field, name] : kFields)
            if (!std::isnan(one.*field)) out.*field += weight * one.*field;
    }
    for (const auto& [field, name] : kFields)
        out.*field /= weights;
    return out;
}

double accuracyOf(const ClassMatrix& matrix) {
    const Margins m = marginsOf(matrix);
    return over(m.right, m.all);
}

Result<double> oneVsRestAuc(std::span<const double> probabilities, std::span<const std::uint32_t> truth,
                            std::size_t classes, Average average) {
    PH_ASSIGN(const std::vector<std::size_t> rows, knownRows(probabilities, truth, classes));
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    double sum = 0, weights = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        if (average != Average::Micro) {
            scores.clear();
            outcomes.clear();
        }
        double support = 0;
        for (const std::size_t i : rows) {
            scores.push_back(probabilities[i * classes + c]);
            outcomes.push_back(truth[i] == c);
            support += truth[i] == c ? 1 : 0;
        }
        if (average == Average::Micro) continue;
        const double auc = rocAuc(scores, outcomes), weight = average == Average::Weighted ? support : 1;
        if (std::isnan(auc))
            return fail(Error::invalid("class " + std::to_string(c) + " has no row, or has all of them"));
        sum += weight * auc;
        weights += weight;
    }
    return average == Average::Micro ? rocAuc(scores, outcomes) : sum / weights;
}

Result<double> multiclassLogLoss(std::span<const double> probabilities, std::span<const std::uint32_t> truth,
                                 std::size_t classes) {
    PH_ASSIGN(const std::vector<std::size_t> rows, knownRows(probabilities, truth, classes));
    clearVectorState();
    double sum = 0;
    for (const std::size_t i : rows)
        sum -= std::log(std::max(1e-15, probabilities[i * classes + truth[i]]));
    return sum / static_cast<double>(rows.size());
}

Result<std::vector<MetricValue>> measureMulticlass(std::span<const std::uint32_t> truth,
                                                   std::span<const std::uint32_t> predicted, std::size_t classes,
                                                   std::span<const std::uint32_t> clusters,
                                                   const MetricOptions& options) {
    if (!clusters.empty() && clusters.size() != truth.size())
        return fail(Error::invalid("outcomes and clusters differ in length"));
    PH_ASSIGN(const ClassMatrix matrix, classMatrix(truth, predicted, classes));
    std::vector<double> right;
    std::vector<std::uint32_t> cells, ids;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] == kNoClass) continue;
        right.push_back(truth[i] == predicted[i] ? 1 : 0);
        cells.push_back(static_cast<std::uint32_t>(truth[i] * classes + predicted[i]));
        if (!clusters.empty()) ids.push_back(clusters[i]);
    }
    std::vector<MetricValue> out;
    const auto add = [&](std::string name, Interval value, const char* how) {
        out.push_back({std::move(name), value, std::isnan(value.low) ? "" : how, truth.size(), cells.size()});
    };
    add("accuracy", shareInterval({right, {}, ids}), "wilson");
    ClassMatrix drawn = matrix;
    for (const auto& [average, averageName] : kAverages) {
        for (const auto& [field, name] : kFields) {
            const auto statistic = [&, average = average, field = field](auto weight) {
                std::fill(drawn.cells.begin(), drawn.cells.end(), 0.0);
                for (std::uint32_t i = 0; i < cells.size(); ++i)
                    drawn.cells[cells[i]] += weight(i);
                return averageOf(drawn, average).*field;
            };
            const double value = averageOf(matrix, average).*field;
            add(std::string(name) + '_' + averageName,
                options.resamples > 0
                    ? clusterBootstrap(value, cells.size(), ids, options.resamples, options.seed, statistic)
                    : Interval{value, kNaN, kNaN},
                "bootstrap");
        }
    }
    return out;
}

}  // namespace pilothouse::statistics
