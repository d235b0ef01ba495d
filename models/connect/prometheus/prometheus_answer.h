// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/metric_source.h"

/// Reading the JSON of the Prometheus HTTP API, version 1 (https://prometheus.io/docs/prometheus/latest/querying/api/).
/// Input is hostile: series and samples are bounded, and what is not as documented is an error that names it.
namespace pilothouse::connect::prometheus {

inline constexpr std::size_t kMaxSeries = 20'000;
inline constexpr std::size_t kMaxSamples = 10'000'000;

/// Of query and query_range: a matrix, a vector, or a scalar (one series without labels). A string result is
/// Unsupported. Samples "NaN", "+Inf" and "-Inf" become such numbers. Native histograms are left out, with a warning.
[[nodiscard]] Result<ports::MetricAnswer> parseQuery(std::string_view json, const std::string& source);
/// Of label/…/values.
[[nodiscard]] Result<std::vector<std::string>> parseNames(std::string_view json, const std::string& source);
/// Of status/buildinfo: "2.42.0".
[[nodiscard]] Result<std::string> parseVersion(std::string_view json, const std::string& source);
/// Of an answer whose HTTP status is not 200: JSON with errorType and error, or plain text from a proxy or an old
/// version.
[[nodiscard]] Error parseError(int status, std::string_view body, const std::string& source);

}  // namespace pilothouse::connect::prometheus
