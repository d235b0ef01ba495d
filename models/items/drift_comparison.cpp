// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/drift_comparison.h"

#include <algorithm>
#include <map>

#include "models/monitoring/log_profile.h"
#include "models/monitoring/window_counts.h"
#include "models/predictions/log_queries.h"

namespace pilothouse::items {

using statistics::ColumnKind;
using statistics::ColumnProfile;

namespace {

std::string unfit(const ColumnProfile& column, const statistics::ColumnTally& tally) {
    if (column.kind == ColumnKind::Identifier)
        return column.note.empty() ? "an identifier: nearly every row has a value of its own" : column.note;
    if (column.n == column.missing) return "the reference has no value";
    if (tally.foreign > 0 && tally.missing == tally.rows()) return "the column's type differs from the reference's";
    return {};
}

struct Group {
    std::vector<ColumnProfile> reference;
    std::vector<statistics::CurrentCounts> current;
};

ports::Finding findingOf(const std::string& column, const char* check, const statistics::Verdict& verdict,
                         double missingShare) {
    ports::Finding f;
    f.feature = column;
    f.check = check;
    f.verdict = verdict;
    f.missingShare = missingShare;
    return f;
}

/// Columns with the same minimum effect are judged together, each group with its part of the false-alarm rate.
void judge(const Group& group, double minimumEffect, double columns, const DriftComparison& comparison,
           ports::Evaluation& evaluation) {
    statistics::DriftOptions options = comparison.options;
    options.minimumEffect = minimumEffect;
    options.falseAlarmRate *= static_cast<double>(group.reference.size()) / columns;
    const auto judged = statistics::judgeDrift(group.reference, group.current, options);
    for (std::size_t i = 0; i < judged.size(); ++i) {
        const auto& current = group.current[i];
        const double missing = current.n() == 0
                                   ? statistics::kNaN
                                   : static_cast<double>(current.missing) / static_cast<double>(current.n());
        ports::Finding drift = findingOf(judged[i].column, "drift", judged[i].distribution, missing);
        drift.counts.assign(current.counts.begin(), current.counts.end());
        evaluation.findings.push_back(std::move(drift));
        evaluation.findings.push_back(findingOf(judged[i].column, "missing", judged[i].missing, missing));
    }
}

Result<std::vector<ports::FieldInfo>> comparedFields(workspace::Database& database, const DriftComparison& comparison) {
    PH_ASSIGN(auto fields, predictions::fieldsOfLog(database));
    const auto& wanted = comparison.columns;
    std::erase_if(fields, [&](const ports::FieldInfo& f) {
        if (f.type == ports::ColumnType::Time) return true;
        if (!wanted.empty()) return std::find(wanted.begin(), wanted.end(), f.name) == wanted.end();
        return !f.feature && f.name != ports::field::score;
    });
    return fields;
}

}  // namespace

Result<DriftWindow> compareRows(workspace::Database& database, const Zone& zone, const DriftComparison& comparison,
                                const CancellationToken& token) {
    DriftWindow out;
    ports::Evaluation& e = out.evaluation;
    e.monitor = "comparison";
    e.kind = "comparison";
    e.model = comparison.model;
    e.version = comparison.reference.name;
    e.window = comparison.current.range;
    e.summary = comparison.current.name + " against " + comparison.reference.name;
    out.rowClauses = comparison.rowClauses;
    out.rowVersion = comparison.version;
    std::vector<std::string> cluster = comparison.cluster;
    if (!cluster.empty() && std::find(cluster.begin(), cluster.end(), "date") == cluster.end())
        cluster.insert(cluster.begin(), "date");
    PH_ASSIGN(const auto fields, comparedFields(database, comparison));
    PH_ASSIGN(out.profile,
              monitoring::profileLog(database, zone,
                                     {comparison.reference.query, comparison.reference.range, fields, cluster}, token));
    out.profile.model = comparison.model;
    out.profile.version = comparison.reference.name;
    if (out.profile.rows == 0)
        return fail(Error::invalid("there are no rows in the reference, " + comparison.reference.name));
    monitoring::CountingPlan plan;
    plan.query = comparison.current.query;
    plan.cluster = cluster;
    for (const ColumnProfile& column : out.profile.columns)
        plan.columns.push_back({column.name, &column, {}});
    PH_ASSIGN(const auto counts, monitoring::countWindow(database, zone, plan, comparison.current.range, {}, token));
    e.rows = counts.rows;
    if (e.rows == 0) return fail(Error::invalid("there are no rows in " + comparison.current.name));
    const auto order = counts.clusterOrder();
    std::map<double, Group> groups;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        PH_TRY(token.check());
        const ColumnProfile& column = *plan.columns[i].profile;
        if (const std::string reason = unfit(column, counts.columns[i].tally); !reason.empty()) {
            statistics::Verdict verdict;
            verdict.reason = reason;
            e.findings.push_back(findingOf(column.name, "drift", verdict, statistics::kNaN));
            continue;
        }
        const auto own = comparison.minimumEffects.find(column.name);
        Group& group = groups[own == comparison.minimumEffects.end() ? comparison.options.minimumEffect : own->second];
        group.reference.push_back(column);
        group.current.push_back(statistics::ColumnCounter(column).finish(counts.columns[i].tally, order));
    }
    for (const auto& [minimumEffect, group] : groups)
        judge(group, minimumEffect, static_cast<double>(plan.columns.size()), comparison, e);
    for (const ports::Finding& f : e.findings) {
        if (f.verdict.state == statistics::State::Drift || e.state == statistics::State::Unavailable)
            e.state = f.verdict.state;
        if (f.check != "drift" || f.counts.empty()) continue;
        if (auto histogram = frozenHistogram(*out.profile.find(f.feature), f.counts))
            out.histograms.push_back(std::move(*histogram));
    }
    return out;
}

}  // namespace pilothouse::items
