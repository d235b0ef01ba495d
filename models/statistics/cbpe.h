// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/calibration.h"

namespace pilothouse::statistics {

/// Confidence-based performance estimation: what a classifier's performance would be, without outcomes, if its
/// (calibrated) probabilities are right. A row with probability p is p of a positive and 1 - p of a negative; every
/// metric is taken of those expected counts. Definitions and sampling errors are NannyML's (0.13,
/// performance_estimation/confidence_based). It holds as long as the probabilities stay calibrated, the relation of
/// inputs to outcome stays the same (no concept drift) and inputs stay where the reference had rows.

struct Estimate {
    std::string name;
    double value = 0;          ///< NaN where a denominator is 0 (NannyML: 0)
    double samplingError = 0;  ///< standard error of the realised metric of so many rows, from the reference
    double low = 0, high = 0;  ///< 95 %: value ± 1.96 sampling errors, within the metric's range (NannyML shows ± 3)
};

/// With a sampling error so many times as large, which is what rows in clusters have: the root of their design effect.
[[nodiscard]] Estimate widened(const Estimate& estimate, double times, double most);

struct Estimates {
    std::vector<Estimate> metrics;
    std::uint64_t rows = 0, missing = 0;  ///< missing: rows without a score, left out
    double outsideReference = 0;          ///< share of rows with a score beyond the reference's: the assumption at risk
    bool calibrated = false;              ///< an isotonic map was fitted, for the reference was not calibrated
    [[nodiscard]] const Estimate* find(std::string_view name) const;
};

/// Expected counts of a confusion matrix.
struct ExpectedConfusion {
    double truePositive = 0, falsePositive = 0, trueNegative = 0, falseNegative = 0;
};
/// All three: `probabilities` are calibrated. Lengths that differ or nothing at all give NaN.
[[nodiscard]] ExpectedConfusion expectedConfusion(std::span<const std::uint8_t> called,
                                                  std::span<const double> probabilities);
/// Rows are ranked by the model's own score, equal scores half.
[[nodiscard]] double expectedRocAuc(std::span<const double> scores, std::span<const double> probabilities);
/// Equal scores taken together, as realised average precision is; or one after the other, as NannyML does.
enum class Ties { Together, Apart };
[[nodiscard]] double expectedAveragePrecision(std::span<const double> scores, std::span<const double> probabilities,
                                              Ties ties);

/// A standard error that shrinks with the root of the rows: deviation / sqrt(n · fraction).
struct ErrorComponents {
    double deviation = 0, fraction = 1;
    [[nodiscard]] double at(double rows) const;
};

/// Whether scores are mapped to probabilities first. Near the border the answer of WhenNeeded hangs on the splits that
/// it tries (calibration.h).
enum class Calibrate { WhenNeeded, Always, Never };
struct CbpeOptions {
    Calibrate calibrate = Calibrate::WhenNeeded;
    std::uint64_t seed = 1;
};

/// Binary. Fitted once on reference rows with outcomes; for any thread afterwards.
class Cbpe {
public:
    /// `called`: the model's own decision (not 0: positive). Fails when lengths differ, a score is missing or outside
    /// of 0 … 1, or there are no rows.
    [[nodiscard]] static Result<Cbpe> fit(std::span<const double> scores, std::span<const std::uint8_t> called,
                                          std::span<const std::uint8_t> outcomes, const CbpeOptions& options = {});
    /// accuracy, precision, recall, specificity, f1, roc_auc, average_precision, and the expected counts
    /// true_positive, false_positive, true_negative, false_negative. Scores may be NaN (left out); fails when all are,
    /// when one is outside of 0 … 1, or when lengths differ.
    [[nodiscard]] Result<Estimates> estimate(std::span<const double> scores,
                                             std::span<const std::uint8_t> called) const;
    [[nodiscard]] bool calibrated() const { return m_map.has_value(); }
    [[nodiscard]] double probability(double score) const { return m_map ? (*m_map)(score) : score; }

private:
    std::optional<Isotonic> m_map;
    double m_lowest = 0, m_highest = 0;
    std::vector<std::pair<std::string, ErrorComponents>> m_errors;
};

/// Multiclass: each class against the rest is calibrated on its own, then rows are brought to sum 1.
class CbpeMulticlass {
public:
    /// `probabilities` row by row, `classes` a row. Fails as Cbpe, on an unknown class, and on fewer than two.
    [[nodiscard]] static Result<CbpeMulticlass> fit(std::span<const double> probabilities,
                                                    std::span<const std::uint32_t> predicted,
                                                    std::span<const std::uint32_t> truth, std::size_t classes,
                                                    const CbpeOptions& options = {});
    /// accuracy, and the means over classes precision_macro, recall_macro, specificity_macro, f1_macro, roc_auc_macro.
    /// A class with an empty denominator counts as 0 in the mean, as in NannyML and scikit-learn.
    [[nodiscard]] Result<Estimates> estimate(std::span<const double> probabilities,
                                             std::span<const std::uint32_t> predicted) const;

private:
    std::size_t m_classes = 0;
    std::vector<std::optional<Isotonic>> m_maps;
    std::vector<double> m_lowest, m_highest;
    std::vector<std::pair<std::string, double>> m_errors;  ///< at one row
};

namespace detail {
/// No map where the scores are to be taken as they are.
[[nodiscard]] Result<std::optional<Isotonic>> calibrationOf(std::span<const double> scores,
                                                            std::span<const std::uint8_t> outcomes,
                                                            const CbpeOptions& options);
/// Components of one class against the rest, named as the metrics are; used by both.
[[nodiscard]] ErrorComponents shareComponents(double right, double all, double rows);
[[nodiscard]] ErrorComponents aucComponents(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
[[nodiscard]] Estimate estimateOf(std::string name, double value, double samplingError, double most);
}  // namespace detail

}  // namespace pilothouse::statistics
