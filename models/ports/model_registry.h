// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

/// A number with its uncertainty. low and high are NaN where no interval was computed.
struct Metric {
    std::string name;  ///< "auc", "auc_baseline", "log_loss", …
    double value = 0;
    double low = 0, high = 0;
    std::uint64_t n = 0;
};

struct ModelVersion {
    std::string model;
    std::string version;  ///< opaque text
    Timestamp created;
    std::string runId;           ///< the run that made it; empty: not known
    std::string artifactDigest;  ///< "sha256:…"; empty: none here
    std::string profileDigest;   ///< artifact with the reference profile; empty: none
    std::string task;            ///< "binary", "multiclass", "regression"
    std::string positiveClass;   ///< "late"
    double threshold = 0.5;
    TimeRange trainedOn;    ///< event time of the training rows
    TimeRange evaluatedOn;  ///< event time of the held-out rows
    std::uint64_t trainingRows = 0;
    std::vector<std::string> features;  ///< in the model's order
    std::vector<Metric> metrics;
    std::map<std::string, std::string> parameters;
    std::map<std::string, std::string> tags;
    std::string description;
    std::string source;  ///< where its files are, as a server names it
    std::string stage;   ///< "Staging", "Production", "Archived": of registries that still have them; empty: none

    [[nodiscard]] const Metric* metric(const std::string& name) const {
        for (const Metric& m : metrics)
            if (m.name == name) return &m;
        return nullptr;
    }
};

/// An alias over time: `version` held from `from` until `to`.
struct AliasPeriod {
    std::string model, alias, version;
    Timestamp from;
    std::optional<Timestamp> to;
    std::string actor;  ///< "pipeline run 3", "user"
    std::string reason;
};

struct ModelSummary {
    std::string name;
    std::size_t versions = 0;
    std::map<std::string, std::string> aliases;  ///< alias → version, as of now
    Timestamp updated;
    std::map<std::string, std::string> tags = {};  ///< of the model, not of its versions
};

inline constexpr const char* kChampion = "champion";

/// Versions and what they are called. Thread: any.
class ModelRegistry {
public:
    virtual ~ModelRegistry() = default;
    virtual QFuture<Result<std::vector<ModelSummary>>> models(CancellationToken token) = 0;
    /// Newest first.
    virtual QFuture<Result<std::vector<ModelVersion>>> versions(std::string model, CancellationToken token) = 0;
    /// Oldest first.
    virtual QFuture<Result<std::vector<AliasPeriod>>> aliasHistory(std::string model, CancellationToken token) = 0;
    /// Moves or sets an alias; one line in the audit trail.
    virtual QFuture<Result<void>> setAlias(std::string model, std::string alias, std::string version, std::string actor,
                                           std::string reason) = 0;
    /// Ends the alias's period; one line in the audit trail. Removing what is not set changes nothing. NotFound for an
    /// unknown model.
    virtual QFuture<Result<void>> removeAlias(std::string model, std::string alias, std::string actor,
                                              std::string reason) = 0;
    /// Sets a tag of a version, or of the model where `version` is empty; no value takes it away. One line in the audit
    /// trail where that changes something. NotFound for an unknown model or version, InvalidInput for an empty key.
    virtual QFuture<Result<void>> setTag(std::string model, std::string version, std::string key,
                                         std::optional<std::string> value, std::string actor) = 0;
    virtual QFuture<Result<QByteArray>> artifact(std::string digest, CancellationToken token) = 0;
};

}  // namespace pilothouse::ports
