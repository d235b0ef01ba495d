// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/table_drift.h"

#include <algorithm>
#include <cmath>

#include "models/monitoring/evaluator.h"
#include "models/monitoring/table_columns.h"
#include "models/predictions/parallel.h"

namespace pilothouse::monitoring {

using predictions::FileColumn;
using predictions::FileTable;
using statistics::ColumnKind;
using statistics::ColumnProfile;
using statistics::CurrentCounts;
using statistics::Profile;
using statistics::State;

namespace {

std::string typeOf(const ColumnProfile& p) { return isBoolean(p) ? "boolean" : toString(p.kind); }

/// Why values of another type than the reference's are not judged; nothing where most are of its type.
std::string otherType(const ColumnProfile& was, const FileColumn& now) {
    const bool texts = was.kind == ColumnKind::Categorical;
    if (now.numberCount + now.textCount == 0 || texts == (now.textCount > now.numberCount) || isBoolean(was)) return {};
    if (texts) return "most values were texts in the reference and are numbers now";
    const std::string example =
        now.dictionary.empty() ? "" : ", such as \"" + now.dictionary.front().substr(0, 40) + "\"";
    return "most values were numbers in the reference and are texts now" + example;
}

struct Prepared {
    FeatureDrift feature;
    bool judged = false;
    CurrentCounts counts;
};

Prepared prepare(const ColumnProfile& was, const FileTable& table, const std::vector<std::uint32_t>& clusters) {
    Prepared out;
    out.feature.name = was.name;
    out.feature.type = typeOf(was);
    FileColumn gone;  // all of its values are missing
    gone.numbers.assign(table.rows, statistics::kNaN);
    const FileColumn* const found = table.find(was.name);
    const FileColumn& now = found ? *found : gone;
    statistics::Verdict& verdict = out.feature.distribution;
    verdict.nReference = was.n - was.missing;
    verdict.nCurrent = now.numberCount + now.textCount;
    verdict.reason = was.kind == ColumnKind::Identifier ? was.note : otherType(was, now);
    out.judged = verdict.reason.empty();
    if (!out.judged) {
        out.feature.missing.reason = verdict.reason;
    } else if (was.kind == ColumnKind::Numeric) {
        out.counts = statistics::countNumeric(was, now.numbers, clusters);
    } else {
        const ColumnTexts texts = textsOf(now, table.rows, isBoolean(was));
        out.counts = statistics::countCategorical(was, texts.codes, texts.dictionary, clusters);
    }
    return out;
}

ports::Finding findingOf(const FeatureDrift& feature) {
    ports::Finding finding;
    finding.feature = feature.name;
    finding.verdict = feature.decisive();
    finding.check = feature.check();
    return finding;
}

std::string summaryOf(const TableDrift& drift, const std::vector<ports::Finding>& findings) {
    std::vector<const ports::Finding*> drifting;
    std::size_t insufficient = 0, unavailable = 0;
    for (const ports::Finding& f : findings) {
        if (f.verdict.state == State::Drift) drifting.push_back(&f);
        insufficient += f.verdict.state == State::Insufficient;
        unavailable += f.verdict.state == State::Unavailable;
    }
    if (drift.rowsReference == 0) return "the reference has no rows";
    if (drift.rowsCurrent == 0) return "there are no current rows";
    std::ranges::stable_sort(drifting, std::greater<>(), [](const ports::Finding* f) {
        return std::abs(f->verdict.effect) / std::max(1e-9, f->verdict.minimumEffect);
    });
    std::string text = drifting.empty() ? "no drift in " + std::to_string(findings.size()) + " features"
                                        : std::to_string(drifting.size()) + " of " + std::to_string(findings.size()) +
                                              " features drift: ";
    for (std::size_t i = 0; i < drifting.size() && i < 3; ++i)
        text += (i > 0 ? ", " : "") + drifting[i]->feature + (drifting[i]->check == "missing" ? " missing " : " ") +
                effectText(*drifting[i]);
    if (drifting.size() > 3) text += ", …";
    if (insufficient > 0) text += "; " + std::to_string(insufficient) + " with too little data";
    if (unavailable > 0) text += "; " + std::to_string(unavailable) + " not judged";
    return text;
}

Status checkNames(const Profile& reference, const FileTable& current, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (!reference.find(name) && !current.find(name))
            return fail(Error::invalid("there is no column \"" + name + "\"", current.path));
    return {};
}

/// The verdicts of the columns that can be judged, all together.
std::vector<FeatureDrift> judged(const std::vector<const ColumnProfile*>& columns, std::vector<Prepared> prepared,
                                 const statistics::DriftOptions& options) {
    std::vector<ColumnProfile> profiles;
    std::vector<CurrentCounts> counts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!prepared[i].judged) continue;
        profiles.push_back(*columns[i]);
        counts.push_back(std::move(prepared[i].counts));
    }
    auto verdicts = statistics::judgeDrift(profiles, counts, options);
    std::vector<FeatureDrift> out;
    std::size_t next = 0;
    for (Prepared& p : prepared) {
        if (p.judged) {
            p.feature.distribution = std::move(verdicts[next].distribution);
            p.feature.missing = std::move(verdicts[next++].missing);
        }
        out.push_back(std::move(p.feature));
    }
    return out;
}

}  // namespace

Result<TableDrift> judgeTable(const Profile& reference, const FileTable& current, const TableDriftOptions& options,
                              const CancellationToken& token) {
    PH_TRY(checkNames(reference, current, options.columns));
    PH_TRY(checkNames(reference, current, options.except));
    std::vector<std::uint32_t> clusters;
    if (current.rows > 0) {
        PH_ASSIGN(clusters, clustersOf(current, options.cluster));
    }
    std::vector<const ColumnProfile*> columns;
    for (const ColumnProfile& c : reference.columns)
        if (isChosen(c.name, options.columns, options.except)) columns.push_back(&c);
    std::vector<Prepared> prepared(columns.size());
    predictions::runOrdered(
        columns.size(),
        [&](std::size_t i) {
            if (token.check()) prepared[i] = prepare(*columns[i], current, clusters);
        },
        [&](std::size_t) { return token.check().has_value(); });
    PH_TRY(token.check());

    TableDrift out;
    out.rowsReference = reference.rows;
    out.rowsCurrent = current.rows;
    out.features = judged(columns, std::move(prepared), options.drift);
    PH_TRY(token.check());
    for (const FileColumn& c : current.columns) {
        if (reference.find(c.name) || !isChosen(c.name, options.columns, options.except)) continue;
        FeatureDrift feature{c.name, c.textCount > c.numberCount ? "categorical" : "numeric", {}, {}};
        feature.distribution.reason = feature.missing.reason = "the reference does not have this column";
        feature.distribution.nCurrent = c.numberCount + c.textCount;
        out.features.push_back(std::move(feature));
    }
    std::vector<ports::Finding> findings;
    for (const FeatureDrift& feature : out.features)
        findings.push_back(findingOf(feature));
    out.state = worstState(findings);
    out.summary = summaryOf(out, findings);
    return out;
}

Result<TableDrift> compareTables(const FileTable& reference, const FileTable& current, const TableDriftOptions& options,
                                 const CancellationToken& token) {
    // Names that only the current file has are known to judgeTable().
    TableProfileOptions profile;
    profile.cluster = options.cluster;
    for (const FileColumn& c : reference.columns)
        if (!isChosen(c.name, options.columns, options.except)) profile.except.push_back(c.name);
    PH_ASSIGN(const Profile made, profileTable(reference, profile, token));
    return judgeTable(made, current, options, token);
}

}  // namespace pilothouse::monitoring
