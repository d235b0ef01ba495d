// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>
#include <set>

#include "models/monitoring/earlier_windows.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/window_reference.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::State;

namespace {

bool has(const std::vector<std::string>& list, const char* item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

Finding shareFinding(const Judging& j, const std::string& column, const char* check, statistics::Verdict verdict) {
    Finding finding;
    finding.feature = column;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.missingShare = verdict.statistic;
    finding.verdict = std::move(verdict);
    return finding;
}

/// Rows of the window without a value in a column ("": without an outcome).
struct Missing {
    std::string column;
    std::uint64_t rows = 0;
};

/// The findings from the place on, once the p-values of all of them are known.
void settleFrom(const Judging& j, std::size_t first) {
    std::vector<statistics::Verdict*> verdicts;
    for (std::size_t i = first; i < j.evaluation.findings.size(); ++i)
        verdicts.push_back(&j.evaluation.findings[i].verdict);
    settle(verdicts, j.monitor.options);
}

/// A share against the same column's share in the windows before; settled together with the others of the window.
Status judgeShares(const Judging& j, const std::vector<Missing>& columns, const char* check, double minimumEffect) {
    PH_ASSIGN(const auto before, sharesBefore(j, check));
    const std::size_t first = j.evaluation.findings.size();
    for (const auto& [name, missing] : columns) {
        j.digest.add(name);
        j.digest.add(missing);
        const auto found = before.find(name);
        const std::span<const ShareBefore> windows =
            found == before.end() ? std::span<const ShareBefore>() : found->second;
        j.evaluation.findings.push_back(
            shareFinding(j, name, check,
                         measureShare(missing, j.evaluation.rows, windows, j.monitor.referenceWindows, minimumEffect,
                                      j.monitor.options)));
    }
    settleFrom(j, first);
    return {};
}

/// How many different values the columns have, against the same columns in the windows before.
Status judgeCardinality(const Judging& j, const std::vector<std::string>& columns, const WindowCounts& counts) {
    PH_ASSIGN(auto before, levelsBefore(j, "cardinality"));
    const std::size_t first = j.evaluation.findings.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double values = counts.columns[i].distinct.estimate();
        const std::uint64_t missing = counts.columns[i].tally.missing - counts.columns[i].tally.foreign;
        j.digest.add(columns[i]);
        j.digest.add(values);
        Finding finding = shareFinding(j, columns[i], "cardinality",
                                       measureDistinct(values, counts.rows - missing, before[columns[i]],
                                                       j.monitor.referenceWindows, j.monitor.options));
        finding.missingShare = counts.rows == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(counts.rows);
        j.evaluation.findings.push_back(std::move(finding));
    }
    settleFrom(j, first);
    return {};
}

/// Rows that say what another row of the window says, in all of the columns.
Status judgeDuplicates(const Judging& j, const WindowCounts& counts, bool any) {
    if (!any) {
        unavailable(j, "duplicates", State::Unavailable,
                    "no columns to compare rows by: neither the monitor names any nor a version");
        return {};
    }
    const double different = std::min(counts.different.estimate(), static_cast<double>(counts.rows));
    return judgeShares(j, {{std::string(), counts.rows - static_cast<std::uint64_t>(std::llround(different))}},
                       "duplicates", j.monitor.options.minimumMissingEffect);
}

void judgeRange(const Judging& j, const std::string& name, const ColumnCounts& counts) {
    j.digest.add(counts.outside);
    j.evaluation.findings.push_back(shareFinding(
        j, name, "range",
        judgeLimit("outside_range", counts.outside, counts.numbers, j.monitor.options.minimumMissingEffect)));
}

void judgeUnseen(const Judging& j, const std::string& name, const statistics::ColumnTally& tally) {
    j.digest.add(tally.unseen);
    j.evaluation.findings.push_back(shareFinding(j, name, "unseen",
                                                 judgeLimit("unseen_share", tally.unseen, tally.rows() - tally.missing,
                                                            j.monitor.options.minimumMissingEffect)));
}

/// Values of another type than the reference's: a number column that texts come in.
void judgeType(const Judging& j, const std::string& name, const statistics::ColumnTally& tally) {
    j.digest.add(tally.foreign);
    const std::uint64_t values = tally.rows() - tally.missing + tally.foreign;
    j.evaluation.findings.push_back(
        shareFinding(j, name, "type",
                     judgeLimit("foreign_type_share", tally.foreign, values, j.monitor.options.minimumMissingEffect)));
}

/// All values in one of the reference's bins or categories: a feed that got stuck. Only where so many rows of the
/// reference would hardly ever do so: (the bin's share)^n is at most the false-alarm rate.
void judgeConstant(const Judging& j, const CountedColumn& column, const statistics::ColumnTally& tally) {
    statistics::Verdict v;
    v.method = "single_bin";
    v.nCurrent = tally.rows() - tally.missing;
    v.nReference = column.profile->n - column.profile->missing;
    j.digest.add(v.nCurrent);
    const auto most = std::ranges::max_element(tally.counts);
    if (v.nCurrent == 0 || v.nReference == 0) {
        v.state = State::Insufficient;
        v.reason = "no values";
    } else {
        const auto bin = static_cast<std::size_t>(most - tally.counts.begin());
        const double reference = (static_cast<double>(column.profile->counts[bin]) + 0.5) /
                                 (static_cast<double>(v.nReference) + 0.5 * static_cast<double>(tally.counts.size()));
        const auto n = static_cast<double>(v.nCurrent);
        v.statistic = static_cast<double>(*most) / n;
        v.threshold = 1;
        v.pValue = v.qValue = v.statistic < 1 ? 1 : std::pow(reference, n);
        v.effect = v.statistic - reference;
        v.state = v.statistic == 1 && v.pValue <= j.monitor.options.falseAlarmRate ? State::Drift : State::Ok;
    }
    j.evaluation.findings.push_back(shareFinding(j, column.name, "constant", std::move(v)));
}

/// How old the newest row is at the window's end.
void judgeFreshness(const Judging& j, const WindowCounts& counts) {
    const auto seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
    const bool any = counts.rows > 0;
    const Duration age = any ? j.window.end - Timestamp{counts.newest} : j.window.duration();
    statistics::Verdict v;
    v.method = "age_of_newest_row";
    v.nCurrent = counts.rows;
    v.statistic = seconds(age);
    v.threshold = seconds(j.monitor.freshness);
    v.minimumEffect = 0;
    v.effect = v.statistic / v.threshold - 1;
    v.state = age > j.monitor.freshness ? State::Drift : any ? State::Ok : State::Insufficient;
    if (!any) v.reason = "the window holds no row";
    j.digest.add(v.statistic);
    Finding finding = shareFinding(j, {}, "freshness", std::move(v));
    finding.missingShare = 0;
    j.evaluation.findings.push_back(std::move(finding));
}

/// What a quality monitor counts: its columns, then those that have a range only.
std::vector<CountedColumn> qualityColumns(const Judging& j, const std::vector<std::string>& columns) {
    std::vector<CountedColumn> out;
    const auto& checks = j.monitor.checks;
    const bool values = has(checks, "type") || has(checks, "constant");
    const bool known = j.context.champion && (values || has(checks, "unseen"));
    for (const std::string& name : columns) {
        const statistics::ColumnProfile* profile = known ? j.context.champion->profile.find(name) : nullptr;
        const bool categorical = profile && profile->kind == statistics::ColumnKind::Categorical;
        if (profile && (profile->kind == statistics::ColumnKind::Identifier || (!categorical && !values)))
            profile = nullptr;
        out.push_back({name, profile, {}, has(checks, "cardinality")});
    }
    if (!has(j.monitor.checks, "range")) return out;
    for (const auto& [name, range] : j.monitor.ranges) {
        auto place = std::ranges::find(out, name, &CountedColumn::name);
        if (place == out.end()) place = out.insert(out.end(), CountedColumn{name, nullptr, {}});
        place->range = range;
    }
    return out;
}

/// A column's checks that need the reference.
void judgeValues(const Judging& j, const CountedColumn& column, const statistics::ColumnTally& tally) {
    const bool categorical = column.profile->kind == statistics::ColumnKind::Categorical;
    if (has(j.monitor.checks, "unseen") && categorical && tally.foreign == 0) judgeUnseen(j, column.name, tally);
    if (has(j.monitor.checks, "type")) judgeType(j, column.name, tally);
    if (has(j.monitor.checks, "constant")) judgeConstant(j, column, tally);
}

/// Rows whose outcome is not known; what is known of them changes with time, so they are read each time.
Status judgeCompleteness(const Judging& j) {
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, {std::string(ports::field::outcome)}));
    const ports::Column* outcome = rows.find(ports::field::outcome);
    std::uint64_t missing = outcome ? 0 : rows.rows;
    for (std::size_t row = 0; outcome && row < rows.rows; ++row)
        missing += outcome->missing(row);
    j.evaluation.rows = rows.rows;
    j.evaluation.labelled = rows.rows - missing;
    return judgeShares(j, {{std::string(), missing}}, "completeness", j.monitor.options.minimumMissingEffect);
}

}  // namespace

Status judgeTraffic(const Judging& j) {
    CountingPlan plan;
    PH_ASSIGN(plan.query, queryOf(j));
    PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
    j.evaluation.rows = counts.rows;
    j.digest.add(counts.rows);
    PH_ASSIGN(const std::vector<CountBefore> before, countsBefore(j));
    Finding finding;
    finding.check = "traffic";
    finding.severity = j.monitor.severity;
    finding.verdict =
        judgeCount(counts.rows, groupOf(j, j.window.start), before, j.monitor.referenceWindows, j.monitor.options);
    const statistics::Verdict& v = finding.verdict;
    if (!std::isnan(v.effect))
        j.evaluation.summary = QStringLiteral("%1 rows, %2 expected (%3)")
                                   .arg(counts.rows)
                                   .arg(std::lround(static_cast<double>(counts.rows) / (1 + v.effect)))
                                   .arg(QString::fromStdString(effectText(finding)))
                                   .toStdString();
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

Status judgeQuality(const Judging& j) {
    const auto& checks = j.monitor.checks;
    std::vector<std::string> columns = j.monitor.columns;
    if (columns.empty() && j.context.champion) columns = j.context.champion->version.features;
    CountingPlan plan{{}, qualityColumns(j, columns), {}, has(checks, "freshness"), {}};
    if (has(checks, "duplicates")) plan.alike = columns;
    if (checks.size() > (has(checks, "completeness") ? 1u : 0u)) {
        PH_ASSIGN(plan.query, queryOf(j));
        PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
        j.evaluation.rows = counts.rows;
        std::vector<Missing> missing;
        for (std::size_t i = 0; i < columns.size(); ++i)
            missing.push_back({columns[i], counts.columns[i].tally.missing - counts.columns[i].tally.foreign});
        if (has(checks, "missing")) PH_TRY(judgeShares(j, missing, "missing", j.monitor.options.minimumMissingEffect));
        if (has(checks, "cardinality")) PH_TRY(judgeCardinality(j, columns, counts));
        if (has(checks, "duplicates")) PH_TRY(judgeDuplicates(j, counts, !columns.empty()));
        for (std::size_t i = 0; i < plan.columns.size(); ++i)
            if (plan.columns[i].range && counts.columns[i].numbers > 0)
                judgeRange(j, plan.columns[i].name, counts.columns[i]);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const CountedColumn& column = plan.columns[i];
            if (column.profile) judgeValues(j, column, counts.columns[i].tally);
        }
        if (has(checks, "freshness")) judgeFreshness(j, counts);
    }
    return has(checks, "completeness") ? judgeCompleteness(j) : Status{};
}

}  // namespace pilothouse::monitoring
