// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/metrics.h"

#include <algorithm>
#include <cmath>

#include "models/base/vector_state.h"
#include "models/statistics/auc_interval.h"
#include "models/statistics/bootstrap.h"
#include "models/statistics/intervals.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kCalibrationBins = 10;

double over(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? kNaN : static_cast<double>(part) / static_cast<double>(whole);
}

/// Edges between which bin (edge b-1, edge b] lies.
std::vector<double> calibrationEdges(std::span<const double> scores, std::size_t bins, CalibrationBins kind) {
    std::vector<double> edges, sorted;
    if (kind == CalibrationBins::EqualMass) {
        sorted.assign(scores.begin(), scores.end());
        std::sort(sorted.begin(), sorted.end());
    }
    for (std::size_t b = 1; b < bins; ++b) {
        const double q = static_cast<double>(b) / static_cast<double>(bins);
        if (sorted.empty()) {
            edges.push_back(q);
            continue;
        }
        // The place in whole numbers, and equal neighbours as they are: a last bit of rounding would part ties.
        const std::size_t at = b * (sorted.size() - 1), low = at / bins;
        const double part = static_cast<double>(at % bins) / static_cast<double>(bins);
        edges.push_back(at % bins == 0 || sorted[low] == sorted[low + 1]
                            ? sorted[low]
                            : std::lerp(sorted[low], sorted[low + 1], part));
    }
    return edges;
}

/// Bins are laid once; reweighting the rows then takes one pass.
class Calibration {
public:
    Calibration(const BinaryRows& rows, std::size_t bins, CalibrationBins kind) : m_rows(rows) {
        const auto edges = calibrationEdges(rows.scores, bins, kind);
        m_sums.resize(edges.size() + 1);
        for (const double s : rows.scores)
            m_bins.push_back(
                static_cast<std::uint32_t>(std::lower_bound(edges.begin(), edges.end(), s) - edges.begin()));
    }
    template <class Weight>
    double error(Weight weight) {
        std::fill(m_sums.begin(), m_sums.end(), 0.0);
        double all = 0;
        for (std::uint32_t i = 0; i < m_bins.size(); ++i) {
            const double times = weight(i);
            m_sums[m_bins[i]] += times * (m_rows.scores[i] - (m_rows.outcomes[i] != 0 ? 1 : 0));
            all += times;
        }
        double sum = 0;
        for (const double s : m_sums)
            sum += std::abs(s);
        return all > 0 ? sum / all : kNaN;
    }

private:
    const BinaryRows& m_rows;
    std::vector<std::uint32_t> m_bins;
    std::vector<double> m_sums;  ///< of score - outcome, a bin
};

/// One share of a confusion matrix as a ratio over rows: `part` and `whole` say which rows count.
template <class Part, class Whole>
Interval share(const BinaryRows& rows, double threshold, Part part, Whole whole) {
    std::vector<double> up, down;
    for (std::size_t i = 0; i < rows.scores.size(); ++i) {
        const bool called = rows.scores[i] >= threshold, positive = rows.outcomes[i] != 0,
                   counts = whole(called, positive);
        down.push_back(counts ? 1 : 0);
        up.push_back(counts && part(called, positive) ? 1 : 0);
    }
    return shareInterval({up, down, rows.clusters});
}

template <class Loss>
Interval mean(const BinaryRows& rows, Loss loss) {
    clearVectorState();
    std::vector<double> losses;
    for (std::size_t i = 0; i < rows.scores.size(); ++i)
        losses.push_back(loss(rows.scores[i], rows.outcomes[i] != 0));
    Interval out = meanInterval({losses, {}, rows.clusters});
    if (out.low < 0) out.low = 0;  // a loss; NaN stays
    return out;
}

double logOf(double score, bool positive) {
    const double p = std::clamp(score, 1e-15, 1 - 1e-15);
    return positive ? -std::log(p) : -std::log1p(-p);
}

}  // namespace

double accuracy(const ConfusionMatrix& m) {
    const std::uint64_t right = m.truePositive + m.trueNegative;
    return over(right, right + m.falsePositive + m.falseNegative);
}
double precision(const ConfusionMatrix& m) { return over(m.truePositive, m.truePositive + m.falsePositive); }
double recall(const ConfusionMatrix& m) { return over(m.truePositive, m.truePositive + m.falseNegative); }
double specificity(const ConfusionMatrix& m) { return over(m.trueNegative, m.trueNegative + m.falsePositive); }
double f1(const ConfusionMatrix& m) {
    return over(2 * m.truePositive, 2 * m.truePositive + m.falsePositive + m.falseNegative);
}

Result<BinaryRows> labelledRows(std::span<const double> scores, std::span<const double> outcomes,
                                std::span<const std::uint32_t> clusters) {
    if (scores.size() != outcomes.size() || (!clusters.empty() && clusters.size() != scores.size()))
        return fail(Error::invalid("scores, outcomes and clusters differ in length"));
    BinaryRows out;
    out.rows = scores.size();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isnan(outcomes[i])) continue;
        if (outcomes[i] != 0 && outcomes[i] != 1)
            return fail(Error::invalid("row " + std::to_string(i) + " has an outcome other than 0 and 1"));
        if (!(scores[i] >= 0 && scores[i] <= 1))
            return fail(Error::invalid("row " + std::to_string(i) + " has a score outside of 0 … 1"));
        out.scores.push_back(scores[i]);
        out.outcomes.push_back(outcomes[i] != 0);
        if (!clusters.empty()) out.clusters.push_back(clusters[i]);
    }
    if (out.scores.empty()) return fail(Error::invalid("no outcome is known yet"));
    return out;
}

double calibrationError(std::span<const double> scores, std::span<const std::uint8_t> outcomes, std::size_t bins,
                        CalibrationBins kind) {
    const auto outside = [](double s) { return !(s >= 0 && s <= 1); };
    if (scores.size() != outcomes.size() || scores.empty() || bins == 0 || bins > 100'000 ||
        std::any_of(scores.begin(), scores.end(), outside))
        return kNaN;
    const BinaryRows rows{{scores.begin(), scores.end()}, {outcomes.begin(), outcomes.end()}, {}, scores.size()};
    return Calibration(rows, bins, kind).error([](std::uint32_t) { return 1.0; });
}

std::vector<MetricValue> measureBinary(const BinaryRows& rows, const MetricOptions& options) {
    std::vector<MetricValue> out;
    const auto add = [&](const char* name, Interval value, const char* how) {
        out.push_back({name, value, std::isnan(value.low) ? "" : how, rows.rows, rows.scores.size()});
    };
    const double t = options.threshold;
    const auto any = [](bool, bool) { return true; };
    const auto both = [](bool called, bool positive) { return called && positive; };
    add("accuracy",
        share(
            rows, t, [](bool c, bool p) { return c == p; }, any),
        "wilson");
    add("precision", share(rows, t, both, [](bool c, bool) { return c; }), "wilson");
    add("recall", share(rows, t, both, [](bool, bool p) { return p; }), "wilson");
    add("specificity",
        share(
            rows, t, [](bool c, bool) { return !c; }, [](bool, bool p) { return !p; }),
        "wilson");
    Interval overlap = share(rows, t, both, [](bool c, bool p) { return c || p; });
    for (double* x : {&overlap.value, &overlap.low, &overlap.high})
        *x = 2 * *x / (1 + *x);
    add("f1", overlap, "wilson");
    const int n = options.resamples;
    add("roc_auc", aucIntervalAnalytic(rows.scores, rows.outcomes, rows.clusters), "delong");
    add("average_precision",
        n > 0 ? averagePrecisionInterval(rows.scores, rows.outcomes, rows.clusters, n, options.seed)
              : Interval{averagePrecision(rows.scores, rows.outcomes), kNaN, kNaN},
        "bootstrap");
    add("log_loss", mean(rows, logOf), "student");
    add("brier", mean(rows, [](double s, bool p) { return (s - p) * (s - p); }), "student");
    Calibration calibration(rows, kCalibrationBins, CalibrationBins::EqualWidth);
    const double error = rows.scores.empty() ? kNaN : calibration.error([](std::uint32_t) { return 1.0; });
    add("ece",
        n > 0 ? clusterBootstrap(error, rows.scores.size(), rows.clusters, n, options.seed,
                                 [&](auto weight) { return calibration.error(weight); })
              : Interval{error, kNaN, kNaN},
        "bootstrap");
    return out;
}

}  // namespace pilothouse::statistics
