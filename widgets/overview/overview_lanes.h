// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "models/items/model_health.h"
#include "widgets/chart/lane.h"
#include "widgets/chart/time_axis.h"

namespace pilothouse::overview {

/// What the lanes of one model need of the prediction log.
[[nodiscard]] ports::AggregateRequest laneRequest(const ports::Query& query, const chart::Buckets& buckets);
/// Traffic, score and outcome, AUC by window, from the answer to laneRequest() and the model's evaluations. Outcomes
/// are shown where labels have matured: early labels flatter.
[[nodiscard]] std::vector<chart::Lane> makeLanes(const chart::Buckets& buckets, const ports::Aggregates& answer,
                                                 const std::vector<ports::Evaluation>& evaluations,
                                                 const std::string& model, Timestamp now);
/// The AUC points, one series a version, with their limit.
[[nodiscard]] chart::Lane aucLane(const std::vector<items::WindowMetric>& windows);

}  // namespace pilothouse::overview
