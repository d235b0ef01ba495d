// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "models/statistics/cbpe.h"
#include "models/statistics/multiclass.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kMetrics = 5;
constexpr const char* kNames[kMetrics] = {"precision_macro", "recall_macro", "specificity_macro", "f1_macro",
                                          "roc_auc_macro"};

std::vector<double> column(std::span<const double> probabilities, std::size_t classes, std::size_t c) {
    std::vector<double> out;
    for (std::size_t i = c; i < probabilities.size(); i += classes)
        out.push_back(probabilities[i]);
    return out;
}

Status checkRows(std::span<const double> probabilities, std::span<const std::uint32_t> predicted, std::size_t classes,
                 bool missingAllowed) {
    if (classes < 2 || classes > kMostClasses) return fail(Error::invalid("a multiclass model has 2 to 1,000 classes"));
    if (probabilities.size() != predicted.size() * classes)
        return fail(Error::invalid("probabilities and predictions differ in shape"));
    if (predicted.empty()) return fail(Error::invalid("there are no rows"));
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        if (predicted[i] >= classes)
            return fail(Error::invalid("row " + std::to_string(i) + " predicts an unknown class"));
        for (const double p : probabilities.subspan(i * classes, classes))
            if (!(p >= 0 && p <= 1) && !(missingAllowed && std::isnan(p)))
                return fail(Error::invalid("row " + std::to_string(i) + " has a probability outside of 0 … 1"));
    }
    return {};
}

}  // namespace

Result<CbpeMulticlass> CbpeMulticlass::fit(std::span<const double> probabilities,
                                           std::span<const std::uint32_t> predicted,
                                           std::span<const std::uint32_t> truth, std::size_t classes,
                                           const CbpeOptions& options) {
    PH_TRY(checkRows(probabilities, predicted, classes, false));
    if (truth.size() != predicted.size()) return fail(Error::invalid("outcomes and predictions differ in length"));
    CbpeMulticlass out;
    out.m_classes = classes;
    const auto rows = static_cast<double>(truth.size());
    double variances[kMetrics] = {}, right = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] >= classes) return fail(Error::invalid("row " + std::to_string(i) + " has an unknown class"));
        right += truth[i] == predicted[i] ? 1 : 0;
    }
    for (std::size_t c = 0; c < classes; ++c) {
        const std::vector<double> scores = column(probabilities, classes, c);
        std::vector<std::uint8_t> outcomes;
        double tp = 0, fp = 0, tn = 0, fn = 0;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            outcomes.push_back(truth[i] == c);
            ++(predicted[i] == c ? (truth[i] == c ? tp : fp) : (truth[i] == c ? fn : tn));
        }
        PH_ASSIGN(std::optional<Isotonic> map, detail::calibrationOf(scores, outcomes, options));
        out.m_maps.push_back(std::move(map));
        const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
        out.m_lowest.push_back(*lowest);
        out.m_highest.push_back(*highest);
        const ErrorComponents parts[kMetrics] = {
            detail::shareComponents(tp, tp + fp, rows), detail::shareComponents(tp, tp + fn, rows),
            detail::shareComponents(tn, tn + fp, rows), detail::shareComponents(tp, tp + fp + fn, rows),
            detail::aucComponents(scores, outcomes)};
        for (std::size_t m = 0; m < kMetrics; ++m)
            variances[m] += parts[m].at(1) * parts[m].at(1);
    }
    out.m_errors.emplace_back("accuracy", detail::shareComponents(right, rows, rows).deviation);
    for (std::size_t m = 0; m < kMetrics; ++m) {
        // NannyML widens that of the AUC by a fifth: its classes' errors are not independent.
        const double widen = m + 1 == kMetrics ? 1.2 : 1;
        out.m_errors.emplace_back(kNames[m], widen * std::sqrt(variances[m]) / static_cast<double>(classes));
    }
    return out;
}

Result<Estimates> CbpeMulticlass::estimate(std::span<const double> probabilities,
                                           std::span<const std::uint32_t> predicted) const {
    PH_TRY(checkRows(probabilities, predicted, m_classes, true));
    std::vector<double> raw, calibrated;
    std::vector<std::uint32_t> classes;
    double outside = 0, right = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        const auto row = probabilities.subspan(i * m_classes, m_classes);
        if (std::any_of(row.begin(), row.end(), [](double p) { return std::isnan(p); })) continue;
        double sum = 0;
        bool beyond = false;
        for (std::size_t c = 0; c < m_classes; ++c) {
            raw.push_back(row[c]);
            calibrated.push_back(m_maps[c] ? (*m_maps[c])(row[c]) : row[c]);
            sum += calibrated.back();
            beyond = beyond || row[c] < m_lowest[c] || row[c] > m_highest[c];
        }
        for (auto p = calibrated.end() - static_cast<std::ptrdiff_t>(m_classes); p != calibrated.end(); ++p)
            *p = sum > 0 ? *p / sum : 1 / static_cast<double>(m_classes);
        right += calibrated[calibrated.size() - m_classes + predicted[i]];
        outside += beyond ? 1 : 0;
        classes.push_back(predicted[i]);
    }
    if (classes.empty()) return fail(Error::invalid("no row has all its probabilities"));
    const auto n = static_cast<double>(classes.size());
    double values[kMetrics] = {};
    for (std::size_t c = 0; c < m_classes; ++c) {
        const std::vector<double> p = column(calibrated, m_classes, c);
        std::vector<std::uint8_t> called;
        for (const std::uint32_t k : classes)
            called.push_back(k == c);
        const ExpectedConfusion e = expectedConfusion(called, p);
        const auto add = [&](std::size_t m, double part, double whole) { values[m] += whole > 0 ? part / whole : 0; };
        add(0, e.truePositive, e.truePositive + e.falsePositive);
        add(1, e.truePositive, e.truePositive + e.falseNegative);
        add(2, e.trueNegative, e.trueNegative + e.falsePositive);
        add(3, e.truePositive, e.truePositive + (e.falsePositive + e.falseNegative) / 2);
        values[4] += expectedRocAuc(column(raw, m_classes, c), p);
    }
    Estimates out;
    out.rows = predicted.size();
    out.missing = predicted.size() - classes.size();
    out.outsideReference = outside / n;
    out.calibrated = std::any_of(m_maps.begin(), m_maps.end(), [](const auto& map) { return map.has_value(); });
    const auto add = [&](std::size_t i, double value) {
        out.metrics.push_back(detail::estimateOf(m_errors[i].first, value, m_errors[i].second / std::sqrt(n), 1));
    };
    add(0, right / n);
    for (std::size_t m = 0; m < kMetrics; ++m)
        add(m + 1, values[m] / static_cast<double>(m_classes));
    return out;
}

}  // namespace pilothouse::statistics
