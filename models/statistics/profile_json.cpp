// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <set>
#include <type_traits>

#include "models/statistics/json.h"
#include "models/statistics/profile.h"

namespace pilothouse::statistics {

namespace {

/// Profiles of before they were written are read as well.
constexpr std::string_view kNote = "note", kCommonMotion = "common_motion", kClusters = "clusters",
                           kClusterSize = "cluster_size";
constexpr std::size_t kMostColumns = 10'000, kMostBins = 10'001, kQuantiles = 7;

/// The fields of a column in their written order: one list for the writer, the reader and the check for unknown keys.
template <class Column, class Visit>
void columnFields(Column& c, Visit visit) {
    visit("name", c.name);
    visit("n", c.n);
    visit("missing", c.missing);
    visit("effective_n", c.effectiveN);
    visit("effective_rows", c.effectiveRows);
    visit(kClusters, c.clusters);
    visit(kClusterSize, c.clusterSize);
    visit("counts", c.counts);
    if (c.kind == ColumnKind::Numeric) {
        visit("infinite", c.infinite);
        visit("min", c.min);
        visit("max", c.max);
        visit("mean", c.mean);
        visit("variance", c.variance);
        visit("scale", c.scale);
        visit("clip_low", c.clipLow);
        visit("clip_high", c.clipHigh);
        visit("quantiles", c.quantiles);
        visit("edges", c.edges);
        visit("bin_means", c.binMeans);
        visit("outer_deviation", c.outerDeviation);
    } else {
        visit("categories", c.categories);
        visit("other", c.other);
        visit("singletons", c.singletons);
        visit("rest", c.rest);
        visit("rest_complete", c.restComplete);
        if (c.kind == ColumnKind::Identifier) visit(kNote, c.note);
        if (c.kind == ColumnKind::Categorical) visit(kCommonMotion, c.commonMotion);
    }
}

template <class P, class Visit>
void profileFields(P& p, Visit visit) {
    visit("model", p.model);
    visit("version", p.version);
    visit("start_ns", p.startNs);
    visit("end_ns", p.endNs);
    visit("rows", p.rows);
}

template <class T>
void write(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        out += std::to_string(value);
    } else if constexpr (std::is_same_v<T, std::string> || std::is_arithmetic_v<T>) {
        appendJson(out, value);
    } else {
        out.push_back('[');
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out.push_back(',');
            appendJson(out, value[i]);
        }
        out.push_back(']');
    }
}

template <class T>
bool read(const Json& json, T& out) {
    if constexpr (std::is_same_v<T, bool>) {
        out = json.boolean;
        return json.type == Json::Type::Bool;
    } else if constexpr (std::is_same_v<T, std::string>) {
        out = json.text;
        return json.type == Json::Type::String;
    } else if constexpr (std::is_same_v<T, double>) {
        out = json.number;
        return json.type == Json::Type::Number;
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
        out = json.integer;
        return json.type == Json::Type::Number && json.whole && !json.negative;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        if (json.type != Json::Type::Number || !json.whole || json.integer > (std::uint64_t{1} << 63) - 1) return false;
        out = json.negative ? -static_cast<std::int64_t>(json.integer) : static_cast<std::int64_t>(json.integer);
        return true;
    } else if constexpr (std::is_same_v<T, std::array<double, 2>>) {
        return json.type == Json::Type::Array && json.items.size() == 2 && read(json.items[0], out[0]) &&
               read(json.items[1], out[1]);
    } else {
        if (json.type != Json::Type::Array || json.items.size() > kMostBins) return false;
        out.resize(json.items.size());
        for (std::size_t i = 0; i < out.size(); ++i)
            if (!read(json.items[i], out[i])) return false;
        return true;
    }
}

tl::unexpected<Error> refused(const std::string& what) {
    return fail(ErrorKind::InvalidInput, "profile refused: " + what);
}

/// Every field of `fields` there and of its type, and nothing else beside `extra`.
template <class T, class Fields>
Status readFields(const Json& json, T& out, Fields fields, std::size_t extra, const std::string& where) {
    std::string problem;
    std::size_t known = 0;
    fields(out, [&](std::string_view key, auto& value) {
        const Json* found = json.find(key);
        if (found) ++known;
        if (!found && (key == kNote || key == kCommonMotion || key == kClusters || key == kClusterSize)) return;
        if (problem.empty() && (!found || !read(*found, value)))
            problem = where + (found ? " has a wrong \"" : " has no \"") + std::string(key) + "\"";
    });
    if (!problem.empty()) return refused(problem);
    if (json.members.size() != known + extra) return refused(where + " has unknown keys");
    return {};
}

bool ascending(const std::vector<double>& values, bool strictly) {
    return std::adjacent_find(values.begin(), values.end(),
                              [&](double a, double b) { return strictly ? !(a < b) : a > b; }) == values.end();
}

bool unique(const std::vector<std::string>& values) {
    return std::set<std::string_view>(values.begin(), values.end()).size() == values.size();
}

std::string numericProblem(const ColumnProfile& c) {
    if (c.edges.empty() || !ascending(c.edges, true)) return "edges that do not ascend";
    if (c.counts.size() != c.edges.size() + 1) return "counts that do not fit its edges";
    if (c.binMeans.size() != c.counts.size() || !ascending(c.binMeans, false))
        return "bin means that do not fit its edges";
    if (c.quantiles.size() != kQuantiles || !ascending(c.quantiles, false)) return "quantiles that do not ascend";
    if (c.min > c.max || c.clipLow > c.clipHigh) return "a minimum above its maximum";
    if (c.variance < 0 || c.scale < 0 || c.outerDeviation[0] < 0 || c.outerDeviation[1] < 0)
        return "a negative variance";
    if (c.infinite > c.n - c.missing) return "more infinite values than rows";
    return {};
}

std::string problemOf(const ColumnProfile& c) {
    if (c.missing > c.n) return "more missing values than rows";
    if (c.n > (std::uint64_t{1} << 53)) return "more rows than can be counted";
    std::uint64_t left = c.n - c.missing;
    for (const std::uint64_t count : c.counts) {
        if (count > left) return "counts that do not add up to its rows";
        left -= count;
    }
    if (left > 0) return "counts that do not add up to its rows";
    const double values = static_cast<double>(c.n - c.missing), rows = static_cast<double>(c.n);
    if (c.effectiveN < 0 || c.effectiveN > values || c.effectiveRows < 0 || c.effectiveRows > rows)
        return "an effective n beyond its rows";
    if (c.clusters > c.n || !(c.clusterSize >= 1 && c.clusterSize <= std::max(1.0, values)))
        return "clusters that cannot be";
    if (c.kind == ColumnKind::Numeric) return numericProblem(c);
    if (!(c.commonMotion >= 1 && c.commonMotion <= 1000)) return "a common motion that cannot be";
    if (c.counts.size() != c.categories.size() + 1) return "counts that do not fit its categories";
    if (c.other != c.counts.back()) return "a wrong count of other values";
    if (c.singletons > c.n - c.missing) return "more singletons than rows";
    if (!unique(c.categories)) return "a category twice";
    if (c.rest.size() > ColumnProfile::kRest || !std::is_sorted(c.rest.begin(), c.rest.end()))
        return "an unsorted rest";
    if (c.kind == ColumnKind::Identifier && !c.categories.empty()) return "categories of an identifier";
    return {};
}

Result<ColumnProfile> readColumn(const Json& json, std::size_t index) {
    const std::string where = "column " + std::to_string(index + 1);
    if (json.type != Json::Type::Object) return refused(where + " is not an object");
    ColumnProfile c;
    const Json* kind = json.find("kind");
    bool known = false;
    for (const ColumnKind k : {ColumnKind::Numeric, ColumnKind::Categorical, ColumnKind::Identifier}) {
        if (!kind || kind->type != Json::Type::String || kind->text != toString(k)) continue;
        c.kind = k;
        known = true;
    }
    if (!known) return refused(where + " is of no known kind");
    PH_TRY(readFields(
        json, c, [](auto& column, auto visit) { columnFields(column, visit); }, 1, where));
    if (c.name.empty()) return refused(where + " has no name");
    if (const std::string problem = problemOf(c); !problem.empty())
        return refused(where + " (" + c.name.substr(0, 60) + ") has " + problem);
    return c;
}

}  // namespace

const char* toString(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::Numeric:
            return "numeric";
        case ColumnKind::Categorical:
            return "categorical";
        case ColumnKind::Identifier:
            return "identifier";
    }
    return "numeric";
}

std::string toJson(const Profile& profile) {
    std::string out = "{\"format\":" + std::to_string(profile.format);
    const auto field = [&](std::string_view key, const auto& value) {
        out.push_back(',');
        appendJson(out, key);
        out.push_back(':');
        write(out, value);
    };
    profileFields(profile, field);
    out += ",\"columns\":[";
    for (std::size_t i = 0; i < profile.columns.size(); ++i) {
        out += i > 0 ? ",\n{" : "\n{";
        out += "\"kind\":\"" + std::string(toString(profile.columns[i].kind)) + "\"";
        columnFields(profile.columns[i], field);
        out.push_back('}');
    }
    out += "\n]}\n";
    return out;
}

Result<Profile> profileFromJson(std::string_view text) {
    PH_ASSIGN(const Json json, parseJson(text));
    if (json.type != Json::Type::Object) return refused("it is not an object");
    Profile out;
    const Json* format = json.find("format");
    if (!format || format->type != Json::Type::Number || !format->whole) return refused("it names no format");
    if (format->negative || format->integer != Profile::kFormat)
        return fail(ErrorKind::Unsupported,
                    "profile refused: its format is " + std::string(format->negative ? "-" : "") +
                        std::to_string(format->integer) + ", this version reads " + std::to_string(Profile::kFormat));
    const Json* columns = json.find("columns");
    if (!columns || columns->type != Json::Type::Array) return refused("it has no columns");
    if (columns->items.size() > kMostColumns)
        return refused("it has more than " + std::to_string(kMostColumns) + " columns");
    PH_TRY(readFields(
        json, out, [](auto& profile, auto visit) { profileFields(profile, visit); }, 2, "it"));
    std::set<std::string> names;
    for (std::size_t i = 0; i < columns->items.size(); ++i) {
        PH_ASSIGN(ColumnProfile column, readColumn(columns->items[i], i));
        if (!names.insert(column.name).second)
            return refused("the column " + column.name.substr(0, 60) + " comes twice");
        out.columns.push_back(std::move(column));
    }
    return out;
}

}  // namespace pilothouse::statistics
