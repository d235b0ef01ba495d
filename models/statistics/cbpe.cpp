// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/cbpe.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/statistics/performance.h"
#include "models/statistics/random.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kResampleRows = 50'000;  // of the average precision, NannyML's bound
constexpr int kResamples = 50;

double over(double part, double whole) { return whole > 0 ? part / whole : kNaN; }

/// Rows from the highest score down; visit(rows, positives) for each group of equal scores.
template <class Visit>
void forEachScore(std::span<const double> scores, std::span<const double> probabilities, Visit visit) {
    std::vector<std::uint32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
    std::vector<double> group;
    for (std::size_t i = 0; i < order.size();) {
        group.clear();
        const double score = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == score; ++i)
            group.push_back(probabilities[order[i]]);
        visit(std::span<const double>(group));
    }
}

/// Spread of the average precision over resampled halves of the reference, brought to one row.
ErrorComponents averagePrecisionComponents(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                           std::uint64_t seed) {
    const std::size_t size = std::min(scores.size() / 2, kResampleRows);
    if (size == 0) return {kNaN, 1};
    Random random(seed);
    std::vector<double> sample(size);
    std::vector<std::uint8_t> labels(size);
    double sum = 0, squares = 0, count = 0;
    for (int r = 0; r < kResamples; ++r) {
        for (std::size_t i = 0; i < size; ++i) {
            const std::uint64_t row = random.below(scores.size());
            sample[i] = scores[row];
            labels[i] = outcomes[row];
        }
        const double x = averagePrecision(sample, labels);
        if (std::isnan(x)) continue;
        sum += x;
        squares += x * x;
        ++count;
    }
    if (count < 2) return {kNaN, 1};
    const double mean = sum / count;
    return {std::sqrt(std::max(0.0, squares / count - mean * mean) * static_cast<double>(size)), 1};
}

Status checkScores(std::span<const double> scores, bool missingAllowed) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isnan(scores[i]) && missingAllowed) continue;
        if (!(scores[i] >= 0 && scores[i] <= 1))
            return fail(Error::invalid("row " + std::to_string(i) + " has a score outside of 0 … 1"));
    }
    return {};
}

}  // namespace

namespace detail {

Result<std::optional<Isotonic>> calibrationOf(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                              const CbpeOptions& options) {
    const bool wanted = options.calibrate == Calibrate::Always || (options.calibrate == Calibrate::WhenNeeded &&
                                                                   needsCalibration(scores, outcomes, options.seed));
    if (!wanted) return std::optional<Isotonic>();
    PH_ASSIGN(Isotonic map, Isotonic::fit(scores, outcomes));
    return std::optional<Isotonic>(std::move(map));
}

ErrorComponents shareComponents(double right, double all, double rows) {
    const double share = over(right, all);
    return {std::sqrt(share * (1 - share)), all / rows};
}

ErrorComponents aucComponents(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    // AUC as the mean, over rows of the rarer class, of the share of the other class that ranks below (Mann-Whitney).
    std::vector<double> values(scores.begin(), scores.end()), isRare;
    double positives = 0;
    for (const std::uint8_t o : outcomes)
        positives += o != 0 ? 1 : 0;
    const auto rows = static_cast<double>(scores.size());
    const bool flip = positives > rows / 2;
    for (std::size_t i = 0; i < values.size(); ++i) {
        isRare.push_back((outcomes[i] != 0) != flip ? 1 : 0);
        if (flip) values[i] = 1 - values[i];
    }
    const double rare = flip ? rows - positives : positives, others = rows - rare;
    if (!(rare > 0) || !(others > 0)) return {kNaN, 1};
    double above = 0, sum = 0, squares = 0;  // others from the highest score down
    forEachScore(values, isRare, [&](std::span<const double> group) {
        const double in = std::accumulate(group.begin(), group.end(), 0.0);
        const double rest = static_cast<double>(group.size()) - in;
        const double below = (others - above - rest / 2) / others;
        sum += in * below;
        squares += in * below * below;
        above += rest;
    });
    const double mean = sum / rare;
    return {std::sqrt(std::max(0.0, squares / rare - mean * mean)), rare / rows};
}

Estimate estimateOf(std::string name, double value, double samplingError, double most) {
    const double half = 1.96 * samplingError;
    return {std::move(name), value, samplingError, value - half < 0 ? 0 : value - half,
            value + half > most ? most : value + half};
}

}  // namespace detail

Estimate widened(const Estimate& estimate, double times, double most) {
    return detail::estimateOf(estimate.name, estimate.value, estimate.samplingError * times, most);
}

double ErrorComponents::at(double rows) const {
    return rows * fraction > 0 ? deviation / std::sqrt(rows * fraction) : kNaN;
}

const Estimate* Estimates::find(std::string_view name) const {
    for (const Estimate& e : metrics)
        if (e.name == name) return &e;
    return nullptr;
}

ExpectedConfusion expectedConfusion(std::span<const std::uint8_t> called, std::span<const double> probabilities) {
    if (called.size() != probabilities.size() || called.empty()) return {kNaN, kNaN, kNaN, kNaN};
    ExpectedConfusion out;
    for (std::size_t i = 0; i < called.size(); ++i) {
        (called[i] != 0 ? out.truePositive : out.falseNegative) += probabilities[i];
        (called[i] != 0 ? out.falsePositive : out.trueNegative) += 1 - probabilities[i];
    }
    return out;
}

double expectedRocAuc(std::span<const double> scores, std::span<const double> probabilities) {
    if (scores.size() != probabilities.size() || scores.empty()) return kNaN;
    double positives = 0, negatives = 0, wins = 0;
    forEachScore(scores, probabilities, [&](std::span<const double> group) {
        const double in = std::accumulate(group.begin(), group.end(), 0.0);
        const double rest = static_cast<double>(group.size()) - in;
        wins += rest * (positives + in / 2);
        positives += in;
        negatives += rest;
    });
    return over(wins, positives * negatives);
}

double expectedAveragePrecision(std::span<const double> scores, std::span<const double> probabilities, Ties ties) {
    if (scores.size() != probabilities.size() || scores.empty()) return kNaN;
    double positives = 0, rows = 0, sum = 0;
    forEachScore(scores, probabilities, [&](std::span<const double> group) {
        if (ties == Ties::Together) {
            const double in = std::accumulate(group.begin(), group.end(), 0.0);
            positives += in;
            rows += static_cast<double>(group.size());
            sum += in * positives / rows;
            return;
        }
        for (const double p : group) {
            positives += p;
            rows += 1;
            sum += p * positives / rows;
        }
    });
    return over(sum, positives);
}

Result<Cbpe> Cbpe::fit(std::span<const double> scores, std::span<const std::uint8_t> called,
                       std::span<const std::uint8_t> outcomes, const CbpeOptions& options) {
    if (scores.size() != called.size() || scores.size() != outcomes.size())
        return fail(Error::invalid("scores, decisions and outcomes differ in length"));
    if (scores.empty()) return fail(Error::invalid("the reference has no rows"));
    PH_TRY(checkScores(scores, false));
    Cbpe out;
    PH_ASSIGN(out.m_map, detail::calibrationOf(scores, outcomes, options));
    const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
    out.m_lowest = *lowest;
    out.m_highest = *highest;
    double tp = 0, fp = 0, tn = 0, fn = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)
        ++(called[i] != 0 ? (outcomes[i] != 0 ? tp : fp) : (outcomes[i] != 0 ? fn : tn));
    const auto rows = static_cast<double>(scores.size());
    // F1 is the mean of 1 for a hit and 0 for an error, stretched by what it counts errors less than hits.
    ErrorComponents f = detail::shareComponents(tp, tp + fp + fn, rows);
    f.deviation *= over(tp + fp + fn, tp + (fp + fn) / 2);
    out.m_errors = {{"accuracy", detail::shareComponents(tp + tn, rows, rows)},
                    {"precision", detail::shareComponents(tp, tp + fp, rows)},
                    {"recall", detail::shareComponents(tp, tp + fn, rows)},
                    {"specificity", detail::shareComponents(tn, tn + fp, rows)},
                    {"f1", f},
                    {"roc_auc", detail::aucComponents(scores, outcomes)},
                    {"average_precision", averagePrecisionComponents(scores, outcomes, options.seed)},
                    {"true_positive", detail::shareComponents(tp, rows, rows)},
                    {"false_positive", detail::shareComponents(fp, rows, rows)},
                    {"true_negative", detail::shareComponents(tn, rows, rows)},
                    {"false_negative", detail::shareComponents(fn, rows, rows)}};
    return out;
}

Result<Estimates> Cbpe::estimate(std::span<const double> scores, std::span<const std::uint8_t> called) const {
    if (scores.size() != called.size()) return fail(Error::invalid("scores and decisions differ in length"));
    PH_TRY(checkScores(scores, true));
    std::vector<double> present, probabilities;
    std::vector<std::uint8_t> decisions;
    double outside = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isnan(scores[i])) continue;
        present.push_back(scores[i]);
        probabilities.push_back(probability(scores[i]));
        decisions.push_back(called[i]);
        outside += scores[i] < m_lowest || scores[i] > m_highest ? 1 : 0;
    }
    if (present.empty()) return fail(Error::invalid(scores.empty() ? "the window has no rows" : "no row has a score"));
    const auto n = static_cast<double>(present.size());
    const ExpectedConfusion e = expectedConfusion(decisions, probabilities);
    const double tp = e.truePositive, fp = e.falsePositive, tn = e.trueNegative, fn = e.falseNegative;
    const std::vector<double> values{(tp + tn) / n,
                                     over(tp, tp + fp),
                                     over(tp, tp + fn),
                                     over(tn, tn + fp),
                                     over(tp, tp + (fp + fn) / 2),
                                     expectedRocAuc(present, probabilities),
                                     expectedAveragePrecision(present, probabilities, Ties::Together),
                                     tp,
                                     fp,
                                     tn,
                                     fn};
    Estimates out;
    out.rows = scores.size();
    out.missing = scores.size() - present.size();
    out.outsideReference = outside / n;
    out.calibrated = calibrated();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool count = i >= values.size() - 4;
        const double error = m_errors[i].second.at(n) * (count ? n : 1);
        out.metrics.push_back(detail::estimateOf(m_errors[i].first, values[i], error, count ? n : 1));
    }
    return out;
}

}  // namespace pilothouse::statistics
