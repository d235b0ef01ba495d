// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "models/base/cancellation.h"
#include "models/trees/model_artifact.h"

namespace pilothouse::trees {

/// Log loss of a binary outcome, or the squared error of a number.
enum class Objective { Logistic, SquaredError };

struct BoosterOptions {
    Objective objective = Objective::Logistic;
    int rounds = 120;
    int maxDepth = 6;
    double eta = 0.1, subsample = 0.8, columnSample = 0.8, minimumChildWeight = 20, lambda = 1;
    std::uint32_t seed = 1;
};

/// Gradient-boosted trees for a binary outcome, or for a number, by XGBoost's C API, on the calling thread only: the
/// same rows, options and seed give the same bytes. One thread at a time.
class Booster {
public:
    /// `dense`: row-major, one float a feature, NaN missing. `round(done, training log loss)` is called after every
    /// round (the loss is computed only when asked for by `lossEvery`; else NaN); an error from it ends the training.
    static Result<std::unique_ptr<Booster>> train(std::span<const float> dense, std::span<const float> labels,
                                                  const std::vector<FeatureEncoding>& features,
                                                  const BoosterOptions& options, int lossEvery,
                                                  const std::function<Status(int, double)>& round);
    static Result<std::unique_ptr<Booster>> load(std::span<const std::uint8_t> bytes, std::size_t features);
    ~Booster();
    [[nodiscard]] Result<std::vector<std::uint8_t>> save() const;

    /// Probabilities of the positive class, or predicted numbers; one row or many, the same bits for a row.
    [[nodiscard]] Status predict(std::span<const float> dense, std::span<double> out);
    /// SHAP contributions of one row in log-odds: a feature each, then the bias.
    [[nodiscard]] Result<std::vector<double>> contributions(std::span<const float> row,
                                                            const std::vector<FeatureEncoding>& features);

    /// What each feature did for the fit: its share of the loss that all splits took away; all 0 without a split.
    [[nodiscard]] Result<std::vector<double>> gains() const;

private:
    struct Private;
    explicit Booster(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

}  // namespace pilothouse::trees
