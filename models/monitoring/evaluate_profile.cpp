// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/evaluate_kinds.h"

namespace pilothouse::monitoring {

using ports::ColumnType;
using ports::Finding;
using statistics::ColumnKind;
using statistics::ColumnProfile;
using statistics::CurrentCounts;
using statistics::State;

namespace {

void addToDigest(InputsDigest& digest, const std::string& name, const CurrentCounts& counts) {
    digest.add(name);
    for (const std::uint64_t c : counts.counts)
        digest.add(c);
    for (const double sum : counts.binSums)
        digest.add(sum);
    for (const double sum : counts.outerSquares)
        digest.add(sum);
    for (const std::uint64_t n : counts.beyond)
        digest.add(n);
    digest.add(counts.missing);
    digest.add(counts.unseen);
    digest.add(static_cast<std::uint64_t>(counts.clusterCounts.size()));
}

Finding findingOf(const Judging& j, const std::string& column, const char* check, const statistics::Verdict& verdict) {
    Finding finding;
    finding.feature = column;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict = verdict;
    return finding;
}

/// What is judged: the monitor's columns, or the version's features; for the score, that column alone.
std::vector<std::string> judgedColumns(const Judging& j) {
    if (j.monitor.kind == MonitorKind::Score)
        return {j.monitor.predicted.empty() ? std::string(ports::field::score) : j.monitor.predicted};
    return j.monitor.columns.empty() ? j.context.champion->version.features : j.monitor.columns;
}

/// Columns with the same minimum effect, which are judged together.
struct Group {
    std::vector<ColumnProfile> reference;
    std::vector<CurrentCounts> current;
};

/// Each group gets its part of the window's false-alarm rate, so that all of them together keep to it.
void judgeGroup(const Judging& j, const Group& group, double minimumEffect, double columns) {
    statistics::DriftOptions options = j.monitor.options;
    options.seed = j.context.seed;
    options.minimumEffect = minimumEffect;
    options.falseAlarmRate *= static_cast<double>(group.reference.size()) / columns;
    const auto judged = statistics::judgeDrift(group.reference, group.current, options);
    for (std::size_t i = 0; i < judged.size(); ++i) {
        const CurrentCounts& current = group.current[i];
        const std::uint64_t n = current.n();
        const double missing = n ? static_cast<double>(current.missing) / static_cast<double>(n) : statistics::kNaN;
        Finding drift = findingOf(j, judged[i].column, "drift", judged[i].distribution);
        drift.counts.assign(current.counts.begin(), current.counts.end());
        drift.missingShare = missing;
        j.evaluation.findings.push_back(std::move(drift));
        if (j.monitor.kind == MonitorKind::Score) continue;  // a scored row has a score
        Finding absent = findingOf(j, judged[i].column, "missing", judged[i].missing);
        absent.missingShare = missing;
        j.evaluation.findings.push_back(std::move(absent));
    }
}

/// Why the column cannot be judged; empty: it can.
std::string unfit(const ColumnProfile* profile, const statistics::ColumnTally* tally) {
    if (!profile) return "the reference's profile does not hold this column";
    if (profile->kind == ColumnKind::Identifier)
        return profile->note.empty() ? "an identifier: nearly every row has a value of its own" : profile->note;
    if (tally->foreign > 0 && tally->missing == tally->rows()) return "the column's type differs from the profile's";
    return {};
}

/// The columns that are judged and have a profile.
std::vector<CountedColumn> countedColumns(const std::vector<std::string>& names, const statistics::Profile& profile) {
    std::vector<CountedColumn> out;
    for (const std::string& name : names)
        if (const ColumnProfile* column = profile.find(name)) out.push_back({name, column, {}});
    return out;
}

}  // namespace

Status judgeProfile(const Judging& j) {
    const Champion& champion = *j.context.champion;
    const std::vector<std::string> names = judgedColumns(j);
    // A score belongs to the version that gave it; inputs come whatever is in production.
    const bool score = j.monitor.kind == MonitorKind::Score;
    CountingPlan plan{{}, countedColumns(names, champion.profile), j.monitor.cluster};
    // The day is always part of a cluster.
    if (!plan.cluster.empty() && std::ranges::find(plan.cluster, "date") == plan.cluster.end())
        plan.cluster.insert(plan.cluster.begin(), "date");
    PH_ASSIGN(plan.query, queryOf(j, score ? champion.version.version : std::string()));
    PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
    j.evaluation.rows = counts.rows;
    const std::vector<std::uint32_t> order = counts.clusterOrder();

    std::map<double, Group> groups;
    for (const std::string& name : names) {
        PH_TRY(j.context.token.check());
        const auto place = std::ranges::find(plan.columns, name, &CountedColumn::name);
        const ColumnProfile* profile = place == plan.columns.end() ? nullptr : place->profile;
        const auto* tally =
            profile ? &counts.columns[static_cast<std::size_t>(place - plan.columns.begin())].tally : nullptr;
        if (const std::string reason = unfit(profile, tally); !reason.empty()) {
            statistics::Verdict verdict;
            verdict.reason = reason;
            j.evaluation.findings.push_back(findingOf(j, name, "drift", verdict));
            continue;
        }
        const auto own = j.monitor.minimumEffects.find(name);
        Group& group = groups[own == j.monitor.minimumEffects.end() ? j.monitor.options.minimumEffect : own->second];
        group.reference.push_back(*profile);
        group.current.push_back(statistics::ColumnCounter(*profile).finish(*tally, order));
        addToDigest(j.digest, name, group.current.back());
    }
    for (const auto& [minimumEffect, group] : groups)
        judgeGroup(j, group, minimumEffect, static_cast<double>(names.size()));
    // As the version lists its features, whatever group they were judged in.
    const auto place = [&](const Finding& f) {
        return std::find(names.begin(), names.end(), f.feature) - names.begin();
    };
    std::stable_sort(j.evaluation.findings.begin(), j.evaluation.findings.end(),
                     [&](const Finding& a, const Finding& b) { return place(a) < place(b); });
    return {};
}

}  // namespace pilothouse::monitoring
