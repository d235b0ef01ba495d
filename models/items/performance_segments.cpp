// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/items/performance_report.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/verdict.h"

namespace pilothouse::items {

namespace {

constexpr std::size_t kMostTexts = 60, kMostRanges = 8;
constexpr std::uint64_t kLeastLabelled = 30;

struct Groups {
    std::vector<SegmentPerformance> segments;  ///< label and clause
    std::vector<std::uint32_t> ofRow;
};

std::string numberText(double v) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", v);
    for (int digits = 1; digits < 17; ++digits) {
        char shorter[40];
        std::snprintf(shorter, sizeof shorter, "%.*g", digits, v);
        if (std::strtod(shorter, nullptr) == v) return shorter;
    }
    return text;
}

/// The field as a clause writes it, without its operator and value.
std::string fieldText(const std::string& column) {
    std::string out = predictions::equalsClause(column, "x");
    out.resize(out.size() - 2);
    return out;
}

void addMissing(Groups& groups, const std::string& column) {
    const auto place = static_cast<std::uint32_t>(groups.segments.size());
    bool any = false;
    for (std::uint32_t& g : groups.ofRow)
        if (g == kNoSegment) {
            g = place;
            any = true;
        }
    if (any) groups.segments.push_back({"missing", "missing:" + fieldText(column), 0, 0, {}, {}});
}

Groups byText(const ScoredRows& rows, const std::vector<std::string>& values, const std::string& column) {
    std::vector<std::uint64_t> counts(values.size(), 0);
    for (const std::uint32_t code : rows.segments)
        if (code != kNoSegment) ++counts[code];
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return counts[a] != counts[b] ? counts[a] > counts[b] : values[a] < values[b];
    });
    Groups out;
    std::vector<std::uint32_t> place(values.size(), kNoSegment);
    for (std::size_t i = 0; i < order.size() && i < kMostTexts && counts[order[i]] > 0; ++i) {
        place[order[i]] = static_cast<std::uint32_t>(i);
        out.segments.push_back({values[order[i]], predictions::equalsClause(column, values[order[i]]), 0, 0, {}, {}});
    }
    const auto other = static_cast<std::uint32_t>(out.segments.size());
    bool rest = false;
    for (const std::uint32_t code : rows.segments) {
        if (code == kNoSegment) {
            out.ofRow.push_back(kNoSegment);
        } else {
            out.ofRow.push_back(place[code] == kNoSegment ? other : place[code]);
            rest = rest || place[code] == kNoSegment;
        }
    }
    if (rest) out.segments.push_back({"all other values", {}, 0, 0, {}, {}});
    addMissing(out, column);
    return out;
}

Groups byNumber(const ScoredRows& rows, const std::vector<double>& numbers, const std::string& column) {
    std::vector<double> sorted;
    for (const std::uint32_t code : rows.segments)
        if (code != kNoSegment) sorted.push_back(numbers[code]);
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> edges;  // a segment is [edge i-1, edge i)
    for (std::size_t i = 1; i < kMostRanges && !sorted.empty(); ++i) {
        const double edge = sorted[i * sorted.size() / kMostRanges];
        if (edge > sorted.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
    }
    Groups out;
    const std::string field = fieldText(column);
    for (std::size_t i = 0; i <= edges.size() && !sorted.empty(); ++i) {
        SegmentPerformance s;
        const std::string low = i == 0 ? "" : numberText(edges[i - 1]);
        const std::string high = i == edges.size() ? "" : numberText(edges[i]);
        if (edges.empty()) {
            s.label = "any value";
            s.clause = field + ":*";
        } else if (i == 0) {
            s.label = "below " + high;
            s.clause = field + "<" + high;
        } else if (i == edges.size()) {
            s.label = low + " and above";
            s.clause = field + ">=" + low;
        } else {
            s.label = low + " to " + high;
            s.clause = field + ":[" + low + " TO " + high + "}";
        }
        out.segments.push_back(std::move(s));
    }
    for (const std::uint32_t code : rows.segments)
        out.ofRow.push_back(code == kNoSegment
                                ? kNoSegment
                                : static_cast<std::uint32_t>(
                                      std::upper_bound(edges.begin(), edges.end(), numbers[code]) - edges.begin()));
    addMissing(out, column);
    return out;
}

/// By how much the interval lies on the worse side of the whole's value; negative: it reaches across.
double surelyWorse(const SegmentPerformance& s, double overall, bool higher) {
    return higher ? overall - s.metric.value.high : s.metric.value.low - overall;
}

void judge(SegmentPerformance& s, double overall, bool higher) {
    using Verdict = SegmentPerformance::Verdict;
    const statistics::Interval& v = s.metric.value;
    if (s.labelled < kLeastLabelled || std::isnan(v.low) || std::isnan(v.high)) {
        s.verdict = Verdict::Insufficient;
    } else if (surelyWorse(s, overall, higher) > 0) {
        s.verdict = Verdict::Worse;
    } else {
        const double better = higher ? v.low - overall : overall - v.high;
        s.verdict = better > 0 ? Verdict::Better : Verdict::Like;
    }
}

}  // namespace

Result<SegmentReport> measureSegments(workspace::Database& database, const PerformanceQuestion& question,
                                      const PerformanceContext& context, const VersionPerformance& version,
                                      const std::string& column, const std::string& metric,
                                      const CancellationToken& token) {
    SegmentReport out;
    out.column = column;
    out.metric = metric;
    out.version = version.version;
    const auto clause = predictions::parseQuery(predictions::equalsClause("version", version.version));
    if (!clause) return fail(clause.error());
    const ports::Query query =
        question.rows.root.op == ports::QueryOp::All ? *clause : predictions::conjunction(question.rows, *clause);
    PH_ASSIGN(ScoredLog log,
              readScored(database, question.zone, {query, question.range, context.cluster, column, 0, {}}, token));
    const ScoredRows& rows = log.versions[version.version];
    if (rows.segments.empty()) return out;  // no such column, or no row
    const auto value = [&](const ScoredRows& part) -> Result<statistics::MetricValue> {
        PH_ASSIGN(const auto all, measureRows(part, version.task, version.threshold, 100));
        for (const statistics::MetricValue& m : all)
            if (m.name == metric) return m;
        return statistics::MetricValue{
            metric, {statistics::kNaN, statistics::kNaN, statistics::kNaN}, "", part.size(), 0};
    };
    PH_ASSIGN(out.overall, value(rows));
    Groups groups =
        log.segmentIsText ? byText(rows, log.segmentValues, column) : byNumber(rows, log.segmentNumbers, column);
    std::vector<std::vector<std::uint32_t>> places(groups.segments.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i)
        if (groups.ofRow[i] < places.size()) places[groups.ofRow[i]].push_back(i);
    const bool higher = higherIsBetter(metric);
    for (std::size_t g = 0; g < places.size(); ++g) {
        PH_TRY(token.check());
        SegmentPerformance& s = groups.segments[g];
        const ScoredRows part = rows.picked(places[g]);
        s.rows = part.size();
        s.labelled = static_cast<std::uint64_t>(
            std::count_if(part.outcomes.begin(), part.outcomes.end(), [](double o) { return !std::isnan(o); }));
        PH_ASSIGN(s.metric, value(part));
        judge(s, out.overall.value.value, higher);
    }
    out.segments = std::move(groups.segments);
    std::stable_sort(out.segments.begin(), out.segments.end(), [&](const auto& a, const auto& b) {
        using Verdict = SegmentPerformance::Verdict;
        const bool left = a.verdict == Verdict::Insufficient, right = b.verdict == Verdict::Insufficient;
        if (left || right) return left == right ? a.rows > b.rows : right;
        const double overall = out.overall.value.value;
        return surelyWorse(a, overall, higher) > surelyWorse(b, overall, higher);
    });
    return out;
}

}  // namespace pilothouse::items
