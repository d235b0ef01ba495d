// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/reference_choice.h"

#include <algorithm>

#include "models/monitoring/log_profile.h"
#include "models/monitoring/profile_store.h"
#include "models/predictions/query_parser.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::string_view kVersion = "version ";

bool usesProfile(const MonitorDefinition& monitor) {
    return needsReference(monitor.kind) || monitor.kind == MonitorKind::Quality;
}

}  // namespace

Result<ReferenceChoice::Reference> ReferenceChoice::of(const MonitorDefinition& monitor, TimeRange window,
                                                       const predictions::Arrivals& arrivals,
                                                       const CancellationToken& token) {
    if (!usesProfile(monitor)) return Reference{};
    if (monitor.reference == "previous") return windowBefore(monitor, window, arrivals, token);
    if (monitor.reference == "newest") return profiled(monitor.model, {});
    if (monitor.reference.starts_with(kVersion))
        return profiled(monitor.model, monitor.reference.substr(kVersion.size()));
    return inProduction(monitor, window.end);
}

Result<ReferenceChoice::Reference> ReferenceChoice::inProduction(const MonitorDefinition& monitor, Timestamp end) {
    PH_ASSIGN(const auto history, workspace::registry::aliasHistory(m_database, monitor.model));
    bool everInProduction = false;
    const ports::AliasPeriod* held = nullptr;
    for (const ports::AliasPeriod& period : history) {
        if (period.alias != ports::kChampion) continue;
        everInProduction = true;
        if (period.from <= end) held = &period;
    }
    // A model that only logs and was never registered has what was profiled of it.
    if (!everInProduction) return profiled(monitor.model, {});
    if (!held) return Reference{nullptr, kTimestampMin, "no version is in production"};
    PH_ASSIGN(Reference out, profiled(monitor.model, held->version));
    out.since = held->from;
    return out;
}

Result<ReferenceChoice::Reference> ReferenceChoice::profiled(const std::string& model,
                                                             const std::optional<std::string>& version) {
    const std::pair key{model, version.value_or("\n")};  // no version is called so
    if (const auto known = m_known.find(key); known != m_known.end())
        return Reference{known->second, kTimestampMin, {}};
    PH_ASSIGN(auto found, referenceOf(m_workspace, m_database, model, version));
    if (!found)
        return Reference{nullptr, kTimestampMin,
                         (version ? "version " + *version : "the model") + " has no reference profile"};
    auto shared = std::make_shared<const Champion>(std::move(*found));
    m_known[key] = shared;
    return Reference{shared, kTimestampMin, {}};
}

Result<ReferenceChoice::Reference> ReferenceChoice::windowBefore(const MonitorDefinition& monitor, TimeRange window,
                                                                 const predictions::Arrivals& arrivals,
                                                                 const CancellationToken& token) {
    const Zone& zone = m_workspace.zone();
    // The window that ends where this one begins, also where windows overlap.
    const auto before = dueWindows(monitor, zone, window.start - std::chrono::nanoseconds(1) + monitor.maturity,
                                   window.start + monitor.maturity);
    if (before.empty()) return Reference{nullptr, kTimestampMin, "there is no window before"};
    LogProfileRequest request;
    PH_ASSIGN(request.query, predictions::parseQuery(predictions::equalsClause("model", monitor.model)));
    if (!monitor.query.empty()) {
        PH_ASSIGN(const auto asked, predictions::parseQuery(monitor.query));
        request.query = predictions::conjunction(request.query, asked);
    }
    request.range = before.back();
    request.cluster = monitor.cluster;
    request.arrivals = arrivals;
    PH_ASSIGN(request.columns, profiledFields(m_database));
    PH_ASSIGN(auto profile, profileLog(m_database, zone, request, token));
    if (profile.rows == 0) return Reference{nullptr, kTimestampMin, "the window before holds no rows"};
    auto champion = std::make_shared<Champion>();
    champion->version.model = profile.model = monitor.model;
    const std::string json = statistics::toJson(profile);
    champion->version.profileDigest =
        workspace::artifacts::digestOf({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
    for (const auto& column : profile.columns)
        if (column.name != ports::field::score) champion->version.features.push_back(column.name);
    champion->profile = std::move(profile);
    return Reference{std::move(champion), kTimestampMin, {}};
}

}  // namespace pilothouse::monitoring
