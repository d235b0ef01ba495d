// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/loss_estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/vector_state.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

const char* nameOf(RegressionLoss loss, bool root) {
    switch (loss) {
        case RegressionLoss::AbsoluteError:
            return "mae";
        case RegressionLoss::AbsolutePercentageError:
            return "mape";
        case RegressionLoss::SquaredError:
            return root ? "rmse" : "mse";
        case RegressionLoss::SquaredLogError:
            return root ? "rmsle" : "msle";
    }
    return "";
}

double lossOf(RegressionLoss loss, double predicted, double actual) {
    const double e = actual - predicted;
    switch (loss) {
        case RegressionLoss::AbsoluteError:
            return std::abs(e);
        case RegressionLoss::AbsolutePercentageError:
            return std::abs(e) / std::max(std::abs(actual), std::numeric_limits<double>::epsilon());
        case RegressionLoss::SquaredError:
            return e * e;
        case RegressionLoss::SquaredLogError: {
            const double d = std::log1p(actual) - std::log1p(predicted);
            return d * d;
        }
    }
    return kNaN;
}

struct Mean {
    double value = 0, rows = 0;
};

Result<Mean> meanOf(const PredictLosses& predict) {
    PH_ASSIGN(const std::vector<double> losses, predict());
    if (losses.empty()) return fail(Error::invalid("the window has no rows"));
    Mean out;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        if (!std::isfinite(losses[i]))
            return fail(Error::invalid("the loss model has no finite answer for row " + std::to_string(i)));
        out.value += std::max(0.0, losses[i]);
    }
    out.rows = static_cast<double>(losses.size());
    out.value /= out.rows;
    return out;
}

constexpr double kNoBound = std::numeric_limits<double>::infinity();

}  // namespace

Result<std::vector<double>> lossesOf(RegressionLoss loss, std::span<const double> predicted,
                                     std::span<const double> actual) {
    if (predicted.size() != actual.size()) return fail(Error::invalid("predictions and outcomes differ in length"));
    if (actual.empty()) return fail(Error::invalid("the reference has no rows"));
    clearVectorState();
    std::vector<double> out;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        out.push_back(lossOf(loss, predicted[i], actual[i]));
        if (!std::isfinite(predicted[i]) || !std::isfinite(actual[i]) || !std::isfinite(out.back()))
            return fail(Error::invalid("row " + std::to_string(i) + " has no finite loss"));
    }
    return out;
}

Result<LossEstimator> LossEstimator::fit(RegressionLoss loss, std::span<const double> predicted,
                                         std::span<const double> actual, const FitLosses& train) {
    PH_ASSIGN(const std::vector<double> losses, lossesOf(loss, predicted, actual));
    PH_TRY(train(losses));
    LossEstimator out;
    out.m_loss = loss;
    const auto n = static_cast<double>(losses.size());
    for (const double x : losses)
        out.m_mean += x / n;
    double squares = 0;
    for (const double x : losses)
        squares += (x - out.m_mean) * (x - out.m_mean);
    out.m_deviation = std::sqrt(squares / n);
    return out;
}

Result<Estimate> LossEstimator::estimate(const PredictLosses& predict) const {
    PH_ASSIGN(const Mean mean, meanOf(predict));
    return detail::estimateOf(nameOf(m_loss, false), mean.value, m_deviation / std::sqrt(mean.rows), kNoBound);
}

Result<Estimate> LossEstimator::estimateRoot(const PredictLosses& predict) const {
    if (m_loss != RegressionLoss::SquaredError && m_loss != RegressionLoss::SquaredLogError)
        return fail(Error::invalid("a root is taken of squared losses only"));
    PH_ASSIGN(const Mean mean, meanOf(predict));
    const double error = m_mean > 0 ? m_deviation / (2 * std::sqrt(mean.rows * m_mean)) : 0;
    return detail::estimateOf(nameOf(m_loss, true), std::sqrt(mean.value), error, kNoBound);
}

}  // namespace pilothouse::statistics
