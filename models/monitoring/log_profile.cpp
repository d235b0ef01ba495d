// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/log_profile.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <variant>

#include "models/monitoring/cluster_ids.h"
#include "models/predictions/log_contents.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/binning.h"
#include "models/statistics/profile_builder.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;
using statistics::CategoricalProfileBuilder;
using statistics::ClusterTable;
using statistics::ColumnProfile;
using statistics::NumericProfileBuilder;

namespace {

constexpr std::uint32_t kMostClusters = 65'536;

using Builder = std::variant<NumericProfileBuilder, CategoricalProfileBuilder>;

void add(Builder& builder, const Column& column) {
    if (auto* numeric = std::get_if<NumericProfileBuilder>(&builder)) {
        for (const double v : column.numbers)
            numeric->add(v);
        return;
    }
    auto& categorical = std::get<CategoricalProfileBuilder>(builder);
    std::vector<std::uint64_t> counts(column.dictionary.size(), 0);
    std::uint64_t missing = 0;
    for (const std::uint32_t code : column.codes)
        ++(code == Column::kMissingCode ? missing : counts[code]);
    categorical.addMissing(missing);
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0) categorical.add(column.dictionary[i], counts[i]);
}

/// Clusters of the rows of one part; of many clusters several count as one.
std::vector<std::uint32_t> fewClusters(ClusterIds& ids, const std::vector<std::string>& names,
                                       const ports::RowSet& rows) {
    std::vector<std::uint32_t> out = clustersOf(ids, names, rows);
    for (std::uint32_t& id : out)
        id %= kMostClusters;
    return out;
}

/// One column's rows by cluster, on the bins of its profile.
struct ClusterCounts {
    explicit ClusterCounts(const ColumnProfile& profile) : of(profile) {
        values.bins = profile.counts.size();
        missing.bins = 2;
        for (std::size_t i = 0; i < profile.categories.size(); ++i)
            bins.emplace(profile.categories[i], i);
    }
    void add(const Column& column, const std::vector<std::uint32_t>& clusters) {
        std::vector<std::size_t> ofCode;
        for (const std::string& text : column.dictionary) {
            const auto place = bins.find(text);
            ofCode.push_back(place == bins.end() ? of.categories.size() : place->second);
        }
        for (std::size_t row = 0; row < clusters.size(); ++row) {
            const std::uint32_t cluster = clusters[row];
            if (cluster >= values.clusters) grow(cluster + 1);
            const bool absent = column.missing(row);
            ++missing.counts[cluster * 2 + (absent ? 0u : 1u)];
            if (absent) continue;
            const std::size_t bin = of.kind == statistics::ColumnKind::Numeric
                                        ? statistics::binOf(of.edges, column.numbers[row])
                                        : ofCode[column.codes[row]];
            ++values.counts[cluster * values.bins + bin];
        }
    }
    void grow(std::size_t clusters) {
        values.clusters = missing.clusters = clusters;
        values.counts.resize(clusters * values.bins);
        missing.counts.resize(clusters * 2);
    }

    const ColumnProfile& of;
    std::unordered_map<std::string_view, std::size_t> bins;
    ClusterTable values, missing;
};

/// What is read for the columns, and what clusters are made of.
std::vector<std::string> wanted(const LogProfileRequest& request, bool clusters) {
    std::vector<std::string> out{std::string(ports::field::time)};
    for (const ports::FieldInfo& column : request.columns)
        out.push_back(column.name);
    for (const std::string& name : request.cluster)
        if (clusters && name != "date" && std::ranges::find(out, name) == out.end()) out.push_back(name);
    return out;
}

Status measureClusters(workspace::Database& database, const Zone& zone, const LogProfileRequest& request,
                       const CancellationToken& token, statistics::Profile& profile) {
    ClusterIds ids(zone);
    std::vector<ClusterCounts> counts;
    for (const ColumnProfile& column : profile.columns)
        counts.emplace_back(column);
    PH_TRY(predictions::scan(database,
                             {request.query, request.range, wanted(request, true), kTimestampMax, request.arrivals},
                             token, [&](const ports::RowSet& rows) -> Status {
                                 const std::vector<std::uint32_t> clusters = fewClusters(ids, request.cluster, rows);
                                 for (ClusterCounts& c : counts)
                                     if (const Column* column = rows.find(c.of.name)) c.add(*column, clusters);
                                 return {};
                             }));
    for (std::size_t i = 0; i < counts.size(); ++i)
        statistics::setEffective(profile.columns[i], counts[i].values, counts[i].missing);
    return {};
}

}  // namespace

Result<std::vector<ports::FieldInfo>> profiledFields(workspace::Database& database) {
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(const auto contents, predictions::contentsOf(database));
    std::vector<ports::FieldInfo> out;
    for (const predictions::LogField& field : contents->fields)
        if (field.info.feature || field.info.name == ports::field::score) out.push_back(field.info);
    PH_TRY(snapshot.commit());
    return out;
}

Result<statistics::Profile> profileLog(workspace::Database& database, const Zone& zone, const LogProfileRequest& asked,
                                       const CancellationToken& token) {
    LogProfileRequest request = asked;
    std::erase_if(request.columns, [](const ports::FieldInfo& c) { return c.type == ColumnType::Time; });
    std::vector<Builder> builders;
    for (const ports::FieldInfo& column : request.columns) {
        if (column.type == ColumnType::Number)
            builders.emplace_back(NumericProfileBuilder());
        else
            builders.emplace_back(CategoricalProfileBuilder());
    }
    statistics::Profile out;
    // Both passes see the same rows.
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_TRY(predictions::scan(database,
                             {request.query, request.range, wanted(request, false), kTimestampMax, request.arrivals},
                             token, [&](const ports::RowSet& rows) -> Status {
                                 for (std::size_t i = 0; i < builders.size(); ++i)
                                     if (const Column* column = rows.find(request.columns[i].name))
                                         add(builders[i], *column);
                                 if (const Column* times = rows.find(ports::field::time); times && rows.rows > 0) {
                                     const auto [first, last] = std::ranges::minmax(times->times);
                                     out.startNs = out.rows == 0 ? first : std::min(out.startNs, first);
                                     out.endNs = out.rows == 0 ? last + 1 : std::max(out.endNs, last + 1);
                                 }
                                 out.rows += rows.rows;
                                 return {};
                             }));
    for (std::size_t i = 0; i < builders.size(); ++i)
        out.columns.push_back(
            std::visit([&](const auto& builder) { return builder.finish(request.columns[i].name, request.options); },
                       builders[i]));
    if (!request.cluster.empty()) PH_TRY(measureClusters(database, zone, request, token, out));
    PH_TRY(snapshot.commit());
    return out;
}

}  // namespace pilothouse::monitoring
