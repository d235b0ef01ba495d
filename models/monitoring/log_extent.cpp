// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/log_extent.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "models/predictions/scanner.h"

namespace pilothouse::monitoring {

using predictions::BlockView;
using predictions::Mask;

namespace {

/// Calls use(block, mask) for each block with rows that match, in order of arrival, until it gives false.
template <class Use>
Status eachBlock(workspace::Database& database, const ports::Query& query, const predictions::Arrivals& arrivals,
                 const CancellationToken& token, const Use& use) {
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, predictions::LogReader::open(database, predictions::LogReader::Damaged::Include));
    PH_ASSIGN(auto scanner, predictions::Scanner::open(reader, query, TimeRange::all(), kTimestampMax, token));
    scanner.limitArrival(arrivals.from, arrivals.before);
    Mask mask;
    bool more = true;
    for (const predictions::Part& part : reader.parts()) {
        PH_ASSIGN(const bool may, scanner.mayMatch(part));
        for (std::size_t b = 0; more && may && b < part.blocks(); ++b) {
            BlockView view(reader, part, b, kTimestampMax);
            PH_ASSIGN(const bool any, scanner.select(view, mask, scanner.stats));
            if (!any) continue;
            PH_ASSIGN(more, use(view, mask));
        }
        if (!more) break;
    }
    return snapshot.commit();
}

/// The minute's beginning; in the first minute that there is, the time itself.
std::int64_t minuteOf(std::int64_t ns) {
    constexpr std::int64_t kMinute = 60'000'000'000;
    const std::int64_t into = ((ns % kMinute) + kMinute) % kMinute;
    return ns < std::numeric_limits<std::int64_t>::min() + into ? ns : ns - into;
}

Result<const predictions::ColumnBlock*> timesIn(BlockView& view) {
    PH_ASSIGN(const auto* times, view.field(std::string(ports::field::time), ports::ColumnType::Time));
    if (!times) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
    return times;
}

}  // namespace

Result<std::optional<TimeRange>> extentOf(workspace::Database& database, const ports::Query& query,
                                          const predictions::Arrivals& arrivals, const CancellationToken& token) {
    std::optional<TimeRange> out;
    PH_TRY(eachBlock(database, query, arrivals, token, [&](BlockView& view, const Mask& mask) -> Result<bool> {
        PH_ASSIGN(const auto* times, timesIn(view));
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (!mask[i]) continue;
            const Timestamp t{times->times[i]};
            if (!out) out = TimeRange{t, t};
            out = TimeRange{std::min(out->start, t), std::max(out->end, t)};
        }
        return true;
    }));
    if (out) ++out->end.ns;
    return out;
}

Result<std::vector<Timestamp>> timesOf(workspace::Database& database, const ports::Query& query,
                                       const predictions::Arrivals& arrivals, const CancellationToken& token) {
    std::unordered_set<std::int64_t> minutes;
    PH_TRY(eachBlock(database, query, arrivals, token, [&](BlockView& view, const Mask& mask) -> Result<bool> {
        PH_ASSIGN(const auto* times, timesIn(view));
        for (std::size_t i = 0; i < mask.size(); ++i)
            if (mask[i]) minutes.insert(minuteOf(times->times[i]));
        return true;
    }));
    std::vector<Timestamp> out;
    for (const std::int64_t minute : minutes)
        out.push_back({minute});
    std::ranges::sort(out);
    return out;
}

Result<std::optional<std::int64_t>> ordinalAfter(workspace::Database& database, const ports::Query& query,
                                                 const predictions::Arrivals& arrivals, std::uint64_t count,
                                                 const CancellationToken& token) {
    std::optional<std::int64_t> out;
    std::uint64_t left = count;
    PH_TRY(eachBlock(database, query, arrivals, token, [&](BlockView& view, const Mask& mask) -> Result<bool> {
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (!mask[i] || --left > 0) continue;
            out = view.firstOrdinal() + static_cast<std::int64_t>(i) + 1;
            return false;
        }
        return true;
    }));
    return out;
}

}  // namespace pilothouse::monitoring
