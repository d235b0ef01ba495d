// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/scorer.h"

#include <QElapsedTimer>

#include "models/trees/booster.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::pipelines {

using trees::Booster;
using trees::FeatureMatrix;
using trees::ModelArtifact;

struct Scorer::Private {
    std::string version;
    ModelArtifact model;
    std::unique_ptr<Booster> booster;
};

Scorer::Scorer(std::unique_ptr<Private> p) : d(std::move(p)) {}
Scorer::~Scorer() = default;
const std::string& Scorer::version() const { return d->version; }

Result<std::unique_ptr<Scorer>> Scorer::load(const workspace::Workspace& workspace,
                                             const ports::ModelVersion& version) {
    const std::string what = version.model + " " + version.version;
    if (version.artifactDigest.empty()) return fail(ErrorKind::NotFound, what + " has no artifact in this workspace");
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(workspace, version.artifactDigest));
    auto scorer = fromBytes(bytes, version.version);
    if (!scorer) scorer.error().source = what;
    return scorer;
}

Result<std::unique_ptr<Scorer>> Scorer::fromBytes(std::span<const std::uint8_t> artifact, std::string version) {
    auto d = std::make_unique<Private>();
    d->version = std::move(version);
    PH_ASSIGN(d->model, trees::decodeModel(artifact));
    PH_ASSIGN(d->booster, Booster::load(d->model.booster, d->model.features.size()));
    return std::unique_ptr<Scorer>(new Scorer(std::move(d)));
}

Result<std::vector<double>> Scorer::score(const ports::RowSet& rows, std::span<const std::size_t> indices,
                                          std::span<double> latenciesMs) {
    PH_ASSIGN(const FeatureMatrix features, FeatureMatrix::bind(d->model.features, rows));
    std::vector<double> out(indices.size());
    if (latenciesMs.empty()) {
        const std::vector<float> dense = features.dense(indices);
        PH_TRY(d->booster->predict(dense, out));
        return out;
    }
    if (latenciesMs.size() != indices.size()) return fail(Error::internal("score: a latency a row is expected"));
    std::vector<float> row(features.width());
    QElapsedTimer clock;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        clock.start();
        features.row(indices[i], row.data());
        PH_TRY(d->booster->predict(row, std::span(&out[i], 1)));
        latenciesMs[i] = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    }
    return out;
}

Result<std::vector<double>> Scorer::contributions(const ports::RowSet& rows, std::size_t row) {
    PH_ASSIGN(const FeatureMatrix features, FeatureMatrix::bind(d->model.features, rows));
    std::vector<float> dense(features.width());
    features.row(row, dense.data());
    return d->booster->contributions(dense, d->model.features);
}

}  // namespace pilothouse::pipelines
