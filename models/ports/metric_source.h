// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <map>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

using Labels = std::map<std::string, std::string>;

/// Samples in ascending time; NaN values are NaN, a missing sample is absent.
struct MetricSeries {
    std::string name;
    Labels labels;
    std::vector<std::int64_t> times;  ///< ns, UTC
    std::vector<double> values;
};

struct RangeQuery {
    std::string expression;  ///< PromQL, or a metric name of the embedded source
    TimeRange range;
    Duration step{};
};
struct MetricAnswer {
    std::vector<MetricSeries> series;
    std::vector<std::string> warnings;
};

/// Numbers over time. Thread: any.
class MetricSource {
public:
    virtual ~MetricSource() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    virtual QFuture<Result<MetricAnswer>> range(RangeQuery query, CancellationToken token) = 0;
    virtual QFuture<Result<MetricAnswer>> instant(std::string expression, Timestamp at, CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<std::string>>> metricNames(CancellationToken token) = 0;
    /// A version text when the source answers; used by "connect test".
    virtual QFuture<Result<std::string>> check(CancellationToken token) = 0;
};

}  // namespace pilothouse::ports
