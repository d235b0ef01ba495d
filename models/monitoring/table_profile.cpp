// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/table_profile.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "models/monitoring/table_columns.h"
#include "models/predictions/parallel.h"

namespace pilothouse::monitoring {

using predictions::FileColumn;
using predictions::FileTable;
using statistics::ColumnKind;
using statistics::ColumnProfile;

namespace {

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

/// Why a column says nothing of the rows' contents; nothing for a feature.
std::string whyIdentifier(const FileTable& table, const FileColumn& c) {
    if (std::ranges::find(table.identifiers, c.name) != table.identifiers.end())
        return "it tells the time or the id of a row";
    if (c.textCount <= c.numberCount) return growsWithEveryRow(c) ? "it is a number that grows with every row" : "";
    if (c.overflowed) return "it has more than a million different texts";
    return holdsTimes(c) ? "its values are times" : "";
}

ColumnProfile identifier(const FileColumn& c, std::uint64_t rows, std::string note) {
    ColumnProfile p;
    p.name = c.name;
    p.kind = ColumnKind::Identifier;
    p.note = std::move(note);
    p.n = rows;
    p.missing = rows - c.numberCount - c.textCount;
    p.other = p.n - p.missing;
    p.counts = {p.other};
    p.effectiveN = static_cast<double>(p.other);
    p.effectiveRows = static_cast<double>(rows);
    p.restComplete = false;
    return p;
}

ColumnProfile profileOf(const FileTable& table, const FileColumn& c, std::span<const std::uint32_t> clusters,
                        const statistics::ProfileOptions& options) {
    if (std::string why = whyIdentifier(table, c); !why.empty()) return identifier(c, table.rows, std::move(why));
    if (c.textCount <= c.numberCount) return statistics::profileNumeric(c.name, c.numbers, clusters, options);
    const ColumnTexts texts = textsOf(c, table.rows, c.booleanCount == c.textCount);
    return statistics::profileCategorical(c.name, texts.codes, texts.dictionary, clusters, options);
}

}  // namespace

Result<statistics::Profile> profileTable(const FileTable& table, const TableProfileOptions& options,
                                         const CancellationToken& token) {
    for (const auto* names : {&options.columns, &options.except})
        for (const std::string& name : *names)
            if (!table.find(name)) return fail(Error::invalid("has no column \"" + name + "\"", table.path));
    PH_ASSIGN(const auto clusters, clustersOf(table, options.cluster));
    std::vector<const FileColumn*> columns;
    for (const FileColumn& c : table.columns)
        if (isChosen(c.name, options.columns, options.except)) columns.push_back(&c);
    statistics::Profile out;
    out.rows = table.rows;
    out.columns.resize(columns.size());
    predictions::runOrdered(
        columns.size(),
        [&](std::size_t i) {
            if (token.check()) out.columns[i] = profileOf(table, *columns[i], clusters, options.profile);
        },
        [&](std::size_t) { return token.check().has_value(); });
    PH_TRY(token.check());
    return out;
}

}  // namespace pilothouse::monitoring
