// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/profile_store.h"

#include <algorithm>

#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using workspace::Database;
using workspace::Workspace;

namespace {

std::vector<std::string> featuresOf(const statistics::Profile& profile) {
    std::vector<std::string> out;
    for (const statistics::ColumnProfile& column : profile.columns)
        if (column.name != ports::field::score) out.push_back(column.name);
    return out;
}

}  // namespace

Result<StoredProfile> storeProfile(const Workspace& workspace, Database& database, const statistics::Profile& profile,
                                   const std::string& source, Timestamp now) {
    if (profile.model.empty()) return fail(Error::invalid("a profile is kept with a model, and none is named"));
    if (profile.rows == 0) return fail(Error::invalid("a profile without rows says nothing and is not kept"));
    // A model that only logs is known from here on, too.
    PH_TRY(workspace::registry::modelId(database, profile.model, now));
    const std::string json = statistics::toJson(profile);
    StoredProfile out;
    PH_ASSIGN(out.digest, workspace::artifacts::put(workspace, database,
                                                    {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()},
                                                    "application/vnd.pilothouse.profile+json", now));
    out.model = profile.model;
    out.version = profile.version;
    out.created = now;
    out.source = source;
    out.range = {{profile.startNs}, {profile.endNs}};
    out.rows = profile.rows;
    out.columns = profile.columns.size();
    PH_TRY(
        database.run("INSERT INTO profile (model, version, digest, created, source, range_from, range_to, rows, "
                     "columns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     out.model, out.version, out.digest, out.created, out.source, out.range.start, out.range.end,
                     out.rows, static_cast<std::int64_t>(out.columns)));
    out.id = database.lastInsertId();
    return out;
}

Result<std::vector<StoredProfile>> profilesOf(Database& database, const std::string& model) {
    PH_ASSIGN(auto rows,
              database.prepare(
                  "SELECT id, model, version, digest, created, source, range_from, range_to, rows, columns FROM "
                  "profile WHERE ?1 = '' OR model = ?1 UNION ALL SELECT 0, m.name, v.version, v.profile, v.created, "
                  "CASE v.run WHEN '' THEN '' ELSE 'run ' || v.run END, v.trained_from, v.trained_to, "
                  "v.training_rows, 0 FROM model_version v JOIN model m ON m.id = v.model WHERE v.profile <> '' AND "
                  "(?1 = '' OR m.name = ?1) ORDER BY 5 DESC, 1 DESC"));
    rows.bindAll(model);
    std::vector<StoredProfile> out;
    for (;;) {
        PH_ASSIGN(const bool row, rows.step());
        if (!row) return out;
        out.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(3), rows.timestamp(4), rows.text(5),
                       TimeRange{rows.timestamp(6), rows.timestamp(7)}, static_cast<std::uint64_t>(rows.integer(8)),
                       static_cast<std::size_t>(rows.integer(9))});
    }
}

Result<statistics::Profile> readProfile(const Workspace& workspace, const std::string& digest) {
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(workspace, digest));
    return statistics::profileFromJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<std::optional<Champion>> referenceOf(const Workspace& workspace, Database& database, const std::string& model,
                                            const std::optional<std::string>& version) {
    PH_ASSIGN(const auto profiles, profilesOf(database, model));
    const auto newest = std::ranges::find_if(
        profiles, [&](const StoredProfile& p) { return p.model == model && (!version || p.version == *version); });
    if (newest == profiles.end()) return std::optional<Champion>();
    PH_ASSIGN(auto found, referenceByDigest(workspace, database, model, newest->version, newest->digest));
    return std::optional(std::move(found));
}

Result<Champion> referenceByDigest(const Workspace& workspace, Database& database, const std::string& model,
                                   const std::string& version, const std::string& digest) {
    Champion out;
    PH_ASSIGN(out.profile, readProfile(workspace, digest));
    PH_ASSIGN(const auto registered, workspace::registry::version(database, model, version));
    if (registered) out.version = *registered;
    out.version.model = model;
    out.version.version = version;
    out.version.profileDigest = digest;
    if (out.version.features.empty()) out.version.features = featuresOf(out.profile);
    return out;
}

}  // namespace pilothouse::monitoring
