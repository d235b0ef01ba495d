// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/ports/model_registry.h"
#include "models/ports/rows.h"
#include "models/workspace/workspace.h"

namespace pilothouse::pipelines {

/// A registered version, loaded for scoring (XGBoost, one thread). One thread at a time.
class Scorer {
public:
    static Result<std::unique_ptr<Scorer>> load(const workspace::Workspace& workspace,
                                                const ports::ModelVersion& version);
    /// From the artifact's bytes (see model_artifact.h).
    static Result<std::unique_ptr<Scorer>> fromBytes(std::span<const std::uint8_t> artifact, std::string version);
    ~Scorer();
    [[nodiscard]] const std::string& version() const;
    /// Probability of the positive class for each row of `rows` that is in `indices`, in that order. Feature columns
    /// that are absent, and categories that training never saw, are missing to the model. `latenciesMs` (same size, or
    /// empty) receives the measured time of each request, scored one by one; without it rows are scored in one go, to
    /// the same bits.
    [[nodiscard]] Result<std::vector<double>> score(const ports::RowSet& rows, std::span<const std::size_t> indices,
                                                    std::span<double> latenciesMs = {});
    /// SHAP contributions in log-odds for one row: one a feature (in the version's order), then the bias.
    [[nodiscard]] Result<std::vector<double>> contributions(const ports::RowSet& rows, std::size_t row);

private:
    struct Private;
    explicit Scorer(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

}  // namespace pilothouse::pipelines
