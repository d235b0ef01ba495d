// SPDX-License-Identifier: GPL-3.0-or-later
// train: gradient-boosted trees on the training rows.
#include <algorithm>
#include <cmath>
#include <set>

#include "models/pipelines/dataset.h"
#include "models/pipelines/step.h"
#include "models/trees/booster.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::pipelines {

using trees::Booster;
using trees::BoosterOptions;
using trees::FeatureEncoding;
using trees::FeatureMatrix;
using trees::ModelArtifact;

namespace {

constexpr int kLossEvery = 20;

Result<double> within(const Parameters& p, const std::string& name, double fallback, double low, double high) {
    PH_ASSIGN(const double value, p.number(name, fallback));
    if (value < low || value > high)
        return fail(Error::invalid(name + ": must lie between " + shown(low, 2) + " and " + shown(high, 2)));
    return value;
}

Result<BoosterOptions> boosterOptions(const Parameters& p) {
    BoosterOptions options;
    PH_ASSIGN(const std::int64_t rounds, p.integer("rounds", 120, 1, 10'000));
    PH_ASSIGN(const std::int64_t depth, p.integer("max_depth", 6, 1, 20));
    PH_ASSIGN(const std::int64_t seed, p.integer("seed", 1, 0, 0x7FFF'FFFF));
    options.rounds = static_cast<int>(rounds);
    options.maxDepth = static_cast<int>(depth);
    options.seed = static_cast<std::uint32_t>(seed);
    PH_ASSIGN(options.eta, within(p, "eta", 0.1, 0.0001, 1));
    PH_ASSIGN(options.subsample, within(p, "subsample", 0.8, 0.01, 1));
    PH_ASSIGN(options.columnSample, within(p, "colsample", 0.8, 0.01, 1));
    PH_ASSIGN(options.minimumChildWeight, within(p, "min_child_weight", 20, 0, 1e6));
    PH_ASSIGN(options.lambda, within(p, "lambda", 1, 0, 1e6));
    return options;
}

Status checkTrain(const Parameters& p) {
    PH_TRY(boosterOptions(p));
    return {};
}

/// Categories are those that the training rows hold; what is new later is missing to the model.
Result<std::vector<FeatureEncoding>> encodingsOf(const PipelineDefinition& definition, const Dataset& data,
                                                 std::size_t training) {
    std::vector<FeatureEncoding> out;
    for (const FeatureUse& feature : definition.features) {
        const ports::Column* column = data.rows.find(feature.name);
        if (!column || column->type == ports::ColumnType::Time)
            return fail(Error::invalid("feature " + feature.name + " is in no row", definition.place(feature.line)));
        FeatureEncoding encoding;
        encoding.name = feature.name;
        encoding.type = column->type;
        std::set<std::uint32_t> used;
        for (std::size_t r = 0; r < training && column->type == ports::ColumnType::Text; ++r)
            if (!column->missing(r)) used.insert(column->codes[r]);
        for (const std::uint32_t code : used)
            encoding.categories.push_back(column->dictionary[code]);
        std::sort(encoding.categories.begin(), encoding.categories.end());
        out.push_back(std::move(encoding));
    }
    return out;
}

Result<StepResult> train(StepContext& context) {
    PH_ASSIGN(const BoosterOptions options, boosterOptions(context.parameters));
    PH_ASSIGN(const auto data, dataset(context));
    PH_ASSIGN(const SplitRows rows, splitOf(context, *data));
    ModelArtifact model;
    PH_ASSIGN(model.features, encodingsOf(*context.definition, *data, rows.training));
    PH_ASSIGN(const FeatureMatrix matrix, FeatureMatrix::bind(model.features, data->rows));
    const std::vector<std::size_t> indices = rows.trainingIndices();
    const std::vector<float> labels(data->outcomes.begin(),
                                    data->outcomes.begin() + static_cast<std::ptrdiff_t>(rows.training));
    context.log("training on " + grouped(rows.training) + " rows, " + std::to_string(model.features.size()) +
                " features: " + std::to_string(options.rounds) + " rounds, depth " + std::to_string(options.maxDepth) +
                ", seed " + std::to_string(options.seed));
    PH_ASSIGN(const auto booster, Booster::train(matrix.dense(indices), labels, model.features, options, kLossEvery,
                                                 [&](int done, double loss) -> Status {
                                                     context.progress(static_cast<double>(done) / options.rounds);
                                                     if (!std::isnan(loss))
                                                         context.log("round " + std::to_string(done) + " of " +
                                                                     std::to_string(options.rounds) + ": log loss " +
                                                                     shown(loss) + " on the training rows");
                                                     return context.check();
                                                 }));
    PH_ASSIGN(model.booster, booster->save());
    const std::vector<std::uint8_t> blob = trees::encodeModel(model);
    PH_ASSIGN(const std::string digest, workspace::artifacts::put(*context.workspace, *context.database, blob,
                                                                  ModelArtifact::kMediaType, context.taskEnd));
    context.output("model", digest, "sha256");
    context.output("model_bytes", grouped(blob.size()), "bytes");
    context.output("rounds", std::to_string(options.rounds));
    return StepResult::done();
}

}  // namespace

void addTrainSteps(StepRegistry& registry) {
    registry.add("train",
                 {train,
                  {"rounds", "max_depth", "eta", "subsample", "colsample", "min_child_weight", "lambda", "seed"},
                  checkTrain,
                  "gradient-boosted trees (XGBoost, one thread, seeded)"});
}

}  // namespace pilothouse::pipelines
