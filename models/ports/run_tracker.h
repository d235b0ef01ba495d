// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFuture>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

struct Experiment {
    std::string id, name;
    bool active = true;
    std::optional<Timestamp> updated;
};

enum class TrackedState { Running, Scheduled, Finished, Failed, Killed, Unknown };

/// A run that somebody's training code logged: what it was given, and the last value of each metric.
struct TrackedRun {
    std::string id, name, experiment, user;
    TrackedState state = TrackedState::Unknown;
    std::optional<Timestamp> started, ended;
    std::map<std::string, std::string> parameters, tags;
    std::map<std::string, double> metrics;  ///< NaN and infinities as what they are
    std::string artifacts;                  ///< where the server keeps them
};

struct MetricPoint {
    std::int64_t step = 0;
    Timestamp at;
    double value = 0;
};

struct ArtifactInfo {
    std::string path;
    bool folder = false;
    std::uint64_t bytes = 0;
};

struct TrackedRuns {
    std::vector<TrackedRun> runs;
    std::string nextPage;  ///< empty: there are no more
};

/// Experiments and their runs. Thread: any.
class RunTracker {
public:
    virtual ~RunTracker() = default;
    virtual QFuture<Result<std::vector<Experiment>>> experiments(CancellationToken token) = 0;
    /// Newest first, at most `limit` (1 to 1,000) of these experiments; `filter` in the server's own language.
    virtual QFuture<Result<TrackedRuns>> runs(std::vector<std::string> experiments, std::string filter,
                                              std::size_t limit, std::string page, CancellationToken token) = 0;
    virtual QFuture<Result<TrackedRun>> run(std::string id, CancellationToken token) = 0;
    /// All that was logged of a metric, by step and time; ResourceExhausted beyond a million points.
    virtual QFuture<Result<std::vector<MetricPoint>>> metricHistory(std::string run, std::string metric,
                                                                    CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<ArtifactInfo>>> artifacts(std::string run, std::string path,
                                                                 CancellationToken token) = 0;
    /// Gives an artifact's bytes as they come, on a thread of the source; the result is "sha256:…" of all of them.
    virtual QFuture<Result<std::string>> download(std::string run, std::string path,
                                                  std::function<Status(const QByteArray&)> sink,
                                                  CancellationToken token) = 0;
    virtual QFuture<Result<void>> setRunTag(std::string run, std::string key, std::optional<std::string> value) = 0;
};

}  // namespace pilothouse::ports
