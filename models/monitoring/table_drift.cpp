// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/table_drift.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <unordered_map>

#include "models/monitoring/evaluator.h"
#include "models/predictions/parallel.h"
#include "models/predictions/text_table.h"

namespace pilothouse::monitoring {

using predictions::FileColumn;
using predictions::FileTable;
using statistics::ColumnKind;
using statistics::ColumnProfile;
using statistics::CurrentCounts;
using statistics::State;

namespace {

constexpr std::uint32_t kMissing = ports::Column::kMissingCode;
constexpr const char* kBoolean = "boolean";

/// A whole number that is greater in every row than in the one before: the rows' number, or a time.
bool growsWithEveryRow(const FileColumn& c) {
    if (c.textCount > 0 || c.numberCount < 20 || c.numberCount != c.numbers.size()) return false;
    for (std::size_t i = 0; i < c.numbers.size(); ++i)
        if (c.numbers[i] != std::floor(c.numbers[i]) || (i > 0 && !(c.numbers[i] > c.numbers[i - 1]))) return false;
    return true;
}

/// All texts are times, of the first thousand that differ.
bool holdsTimes(const FileColumn& c) {
    const auto texts = std::span(c.dictionary).first(std::min<std::size_t>(c.dictionary.size(), 1'000));
    return texts.size() > 1 && std::ranges::all_of(texts, [](const std::string& text) {
               return predictions::parseTimeText(text, predictions::TimeUnit::Iso).has_value();
           });
}

struct ColumnNature {
    ColumnKind kind = ColumnKind::Numeric;
    std::string type = "numeric";
    std::string notJudged;  ///< why
};

ColumnNature natureOf(const FileTable& table, const FileColumn& c) {
    if (std::ranges::find(table.identifiers, c.name) != table.identifiers.end())
        return {ColumnKind::Identifier, "identifier", "it tells the time or the id of a row"};
    if (c.textCount > c.numberCount) {
        if (c.overflowed) return {ColumnKind::Identifier, "identifier", "it has more than a million different texts"};
        if (holdsTimes(c)) return {ColumnKind::Identifier, "identifier", "its values are times"};
        return {ColumnKind::Categorical, c.booleanCount == c.textCount ? kBoolean : "categorical", {}};
    }
    if (growsWithEveryRow(c)) return {ColumnKind::Identifier, "identifier", "it is a number that grows with every row"};
    return {};
}

std::string numberText(double value) {
    std::array<char, 40> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return std::string(text.data(), end);
}

/// "True" and 1 are what "true" is, where the reference says yes or no.
std::string yesOrNo(const std::string& text) {
    if (text == "True" || text == "TRUE" || text == "1") return "true";
    return text == "False" || text == "FALSE" || text == "0" ? "false" : text;
}

/// A column's texts, those of its numbers among them. A dictionary may then name a value twice.
struct Texts {
    std::vector<std::uint32_t> codes;
    std::vector<std::string> dictionary;
};
Texts textsOf(const FileColumn& c, std::uint64_t rows, bool booleans) {
    Texts out{c.codes, c.dictionary};
    out.codes.resize(rows, kMissing);
    std::unordered_map<std::uint64_t, std::uint32_t> known;
    for (std::size_t row = 0; c.numberCount > 0 && row < c.numbers.size(); ++row) {
        const double value = c.numbers[row];
        if (std::isnan(value)) continue;
        const auto [place, added] = known.try_emplace(std::bit_cast<std::uint64_t>(value), 0);
        if (added) {
            place->second = static_cast<std::uint32_t>(out.dictionary.size());
            out.dictionary.push_back(numberText(value));
        }
        out.codes[row] = place->second;
    }
    if (booleans) std::ranges::transform(out.dictionary, out.dictionary.begin(), yesOrNo);
    return out;
}

/// Dense ids of rows with equal values in all the columns; none where no column is named.
Result<std::vector<std::uint32_t>> clustersOf(const FileTable& table, const std::vector<std::string>& names) {
    std::vector<std::uint32_t> out;
    if (names.empty()) return out;
    std::vector<const FileColumn*> columns;
    for (const std::string& name : names) {
        columns.push_back(table.find(name));
        if (!columns.back()) return fail(Error::invalid("has no column \"" + name + "\" to cluster by", table.path));
    }
    std::unordered_map<std::string, std::uint32_t> ids;
    std::string key;
    out.reserve(table.rows);
    for (std::size_t row = 0; row < table.rows; ++row) {
        key.clear();
        for (const FileColumn* c : columns) {
            const double number = c->numbers[row] + 0.0;
            const std::uint32_t code = c->codes.empty() ? kMissing : c->codes[row];
            key.append(reinterpret_cast<const char*>(&number), sizeof number);
            key.append(reinterpret_cast<const char*>(&code), sizeof code);
        }
        out.push_back(ids.try_emplace(key, static_cast<std::uint32_t>(ids.size())).first->second);
    }
    return out;
}

/// A profile's column and the current counts on it, or why there are none.
struct Prepared {
    FeatureDrift feature;
    bool judged = false;
    ColumnProfile profile;
    CurrentCounts counts;
};

struct Side {
    const FileTable& table;
    std::vector<std::uint32_t> clusters;
};

std::string otherType(const ColumnNature& nature, const FileColumn& now) {
    if (nature.type == kBoolean) return {};
    const bool texts = nature.kind == ColumnKind::Categorical;
    if (now.numberCount + now.textCount == 0 || texts == (now.textCount > now.numberCount)) return {};
    std::string example;
    if (!texts && !now.dictionary.empty()) example = ", such as \"" + now.dictionary.front().substr(0, 40) + "\"";
    return texts ? "most values were texts in the reference and are numbers now"
                 : "most values were numbers in the reference and are texts now" + example;
}

void count(Prepared& out, const ColumnNature& nature, const FileColumn& was, const FileColumn& now, const Side& before,
           const Side& after) {
    if (nature.kind == ColumnKind::Numeric) {
        out.profile = statistics::profileNumeric(was.name, was.numbers, before.clusters, {});
        out.counts = statistics::countNumeric(out.profile, now.numbers, after.clusters);
        return;
    }
    const bool booleans = nature.type == kBoolean;
    const Texts texts = textsOf(was, before.table.rows, booleans);
    out.profile = statistics::profileCategorical(was.name, texts.codes, texts.dictionary, before.clusters, {});
    const Texts current = textsOf(now, after.table.rows, booleans);
    out.counts = statistics::countCategorical(out.profile, current.codes, current.dictionary, after.clusters);
}

Prepared prepare(const FileColumn& was, const Side& before, const Side& after) {
    Prepared out;
    const ColumnNature nature = natureOf(before.table, was);
    out.feature.name = was.name;
    out.feature.type = nature.type;
    statistics::Verdict& verdict = out.feature.distribution;
    verdict.reason = nature.notJudged;
    verdict.nReference = was.numberCount + was.textCount;
    FileColumn gone;  // all of its values are missing
    gone.numbers.assign(after.table.rows, statistics::kNaN);
    const FileColumn* now = after.table.find(was.name);
    if (now) verdict.nCurrent = now->numberCount + now->textCount;
    if (now && verdict.reason.empty()) verdict.reason = otherType(nature, *now);
    if (!verdict.reason.empty()) {
        out.feature.missing.reason = verdict.reason;
        return out;
    }
    count(out, nature, was, now ? *now : gone, before, after);
    if (out.profile.kind == ColumnKind::Identifier) out.feature.type = "identifier";
    out.judged = true;
    return out;
}

bool chosen(const TableDriftOptions& options, const std::string& name) {
    const auto holds = [&](const std::vector<std::string>& list) {
        return std::ranges::find(list, name) != list.end();
    };
    return (options.columns.empty() || holds(options.columns)) && !holds(options.except);
}

/// A missing share that cannot be told from the other side's, where a column is unavailable, is no finding.
ports::Finding findingOf(const FeatureDrift& feature) {
    ports::Finding finding;
    finding.feature = feature.name;
    finding.verdict = feature.decisive();
    finding.check = finding.verdict.method == "missing_share" ? "missing" : "drift";
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

Status checkNames(const FileTable& reference, const FileTable& current, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (!reference.find(name) && !current.find(name))
            return fail(Error::invalid("neither file has a column \"" + name + "\"", reference.path));
    return {};
}

}  // namespace

Result<TableDrift> compareTables(const FileTable& reference, const FileTable& current, const TableDriftOptions& options,
                                 const CancellationToken& token) {
    PH_TRY(checkNames(reference, current, options.columns));
    PH_TRY(checkNames(reference, current, options.except));
    Side before{reference, {}}, after{current, {}};
    PH_ASSIGN(before.clusters, clustersOf(reference, options.cluster));
    if (current.rows > 0) {
        PH_ASSIGN(after.clusters, clustersOf(current, options.cluster));
    }

    std::vector<const FileColumn*> columns;
    for (const FileColumn& c : reference.columns)
        if (chosen(options, c.name)) columns.push_back(&c);
    std::vector<Prepared> prepared(columns.size());
    predictions::runOrdered(
        columns.size(),
        [&](std::size_t i) {
            if (token.check()) prepared[i] = prepare(*columns[i], before, after);
        },
        [&](std::size_t) { return token.check().has_value(); });
    PH_TRY(token.check());

    std::vector<ColumnProfile> profiles;
    std::vector<CurrentCounts> counts;
    for (Prepared& p : prepared) {
        if (!p.judged) continue;
        profiles.push_back(std::move(p.profile));
        counts.push_back(std::move(p.counts));
    }
    auto judged = statistics::judgeDrift(profiles, counts, options.drift);
    PH_TRY(token.check());

    TableDrift out;
    out.rowsReference = reference.rows;
    out.rowsCurrent = current.rows;
    std::size_t next = 0;
    for (Prepared& p : prepared) {
        if (p.judged) {
            p.feature.distribution = std::move(judged[next].distribution);
            p.feature.missing = std::move(judged[next++].missing);
        }
        out.features.push_back(std::move(p.feature));
    }
    for (const FileColumn& c : current.columns) {
        if (reference.find(c.name) || !chosen(options, c.name)) continue;
        FeatureDrift feature{c.name, natureOf(current, c).type, {}, {}};
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

}  // namespace pilothouse::monitoring
