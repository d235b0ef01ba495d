// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/table_columns.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace pilothouse::monitoring {

using predictions::FileColumn;
using predictions::FileTable;

namespace {

constexpr std::uint32_t kMissing = ports::Column::kMissingCode;

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

}  // namespace

ColumnTexts textsOf(const FileColumn& c, std::uint64_t rows, bool booleans) {
    ColumnTexts out{c.codes, c.dictionary};
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

bool isBoolean(const statistics::ColumnProfile& profile) {
    return profile.kind == statistics::ColumnKind::Categorical && !profile.categories.empty() && profile.other == 0 &&
           std::ranges::all_of(profile.categories, [](const std::string& c) { return c == "true" || c == "false"; });
}

bool isChosen(const std::string& name, const std::vector<std::string>& columns,
              const std::vector<std::string>& except) {
    const auto holds = [&](const std::vector<std::string>& list) {
        return std::ranges::find(list, name) != list.end();
    };
    return (columns.empty() || holds(columns)) && !holds(except);
}

}  // namespace pilothouse::monitoring
