// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/cbpe.h"

namespace pilothouse::statistics {

/// Direct loss estimation of a regression without outcomes: a second model learns, on the reference, the loss of each
/// row from the row's features and prediction, and its mean prediction over a window is the estimate (NannyML 0.13,
/// performance_estimation/direct_loss_estimation). It holds while the relation of inputs to outcome stays the same and
/// inputs stay where the reference had rows. Which model that is, is the caller's.
enum class RegressionLoss { AbsoluteError, AbsolutePercentageError, SquaredError, SquaredLogError };

/// Loss of each row: |y - ŷ|; |y - ŷ| / max(|y|, 2.2e-16); (y - ŷ)²; (ln(1 + y) - ln(1 + ŷ))². Fails when lengths
/// differ, nothing is there, a value is not finite, or (logarithms) one is -1 or less.
[[nodiscard]] Result<std::vector<double>> lossesOf(RegressionLoss loss, std::span<const double> predicted,
                                                   std::span<const double> actual);

/// Trains the loss model on the reference rows, in their order, and gives back what predicts for other rows.
using PredictLosses = std::function<Result<std::vector<double>>()>;
using FitLosses = std::function<Status(std::span<const double> losses)>;

class LossEstimator {
public:
    [[nodiscard]] static Result<LossEstimator> fit(RegressionLoss loss, std::span<const double> predicted,
                                                   std::span<const double> actual, const FitLosses& train);
    /// Over the rows that `predict` answers for: predictions below 0 count as 0, a prediction that is not finite is an
    /// error. "mae", "mape", "mse" or "msle"; the sampling error is the reference losses' deviation over sqrt(n).
    [[nodiscard]] Result<Estimate> estimate(const PredictLosses& predict) const;
    /// Of the squared losses: "rmse" or "rmsle". The root's error is the mean's over twice the root of the reference's
    /// mean (delta method). Fails for other losses.
    [[nodiscard]] Result<Estimate> estimateRoot(const PredictLosses& predict) const;

private:
    RegressionLoss m_loss = RegressionLoss::AbsoluteError;
    double m_deviation = 0;
    double m_mean = 0;  ///< of the reference losses
};

}  // namespace pilothouse::statistics
