// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>

#include "models/items/session.h"
#include "widgets/chart/stat_tile.h"
#include "widgets/chart/time_axis.h"
#include "widgets/dashboard/dashboard_definition.h"

namespace pilothouse::dashboard {

struct DashboardRequest {
    ports::Query query;
    std::string model;  ///< of the evaluations; empty: all
    TimeRange range;
    chart::Buckets buckets;  ///< of the lanes
    Timestamp now;
    /// Of the log; a measure of another field is its own panel's error. Empty: not known, all are asked for.
    std::vector<ports::FieldInfo> fields;
    std::string filterNote;  ///< said where a filter cannot be applied; empty: no filter
};
struct DashboardAnswer {
    std::vector<chart::Lane> lanes;  ///< as in the definition
    std::vector<chart::StatTile::Content> tiles;
    std::vector<ports::Alert> alerts;  ///< for the time axis
    std::vector<ports::AliasPeriod> aliases;
    std::vector<ports::Run> runs;
};
/// Everything that a dashboard shows, asked at once. A part that fails becomes that panel's error, in words.
[[nodiscard]] QFuture<Result<DashboardAnswer>> loadDashboard(const items::Session::Ports& ports,
                                                             const DashboardDefinition& definition,
                                                             DashboardRequest request, CancellationToken token);

}  // namespace pilothouse::dashboard
