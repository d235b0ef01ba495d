// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <limits>

#include "models/base/cancellation.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

/// A query over a range of time: what every answer is made from. Cancellation is looked at before each block.
class Scanner {
public:
    [[nodiscard]] static Result<Scanner> open(LogReader& reader, const ports::Query& query, TimeRange range,
                                              Timestamp knownBefore, CancellationToken token);

    /// Only rows whose ordinal lies within [from, before).
    void limitArrival(std::int64_t from, std::int64_t before) {
        m_from = from;
        m_before = before;
    }

    /// Hands each block that holds a matching row, in order of arrival.
    [[nodiscard]] Status each(const std::function<Status(BlockView&, const Mask&)>& visit);
    /// The same on several threads. work() runs for the blocks of one part after the other, several parts at once, each
    /// with a slot (below kWindow) of its own; consume(slot), if any, then on the calling thread, in order of arrival.
    /// What does not depend on the order is better gathered by slot and put together at the end.
    [[nodiscard]] Status eachAtOnce(const std::function<Status(std::size_t slot, BlockView&, const Mask&)>& work,
                                    const std::function<Status(std::size_t slot)>& consume = {});
    /// each(), with selecting rows and prepare() (which decodes what visit() will want) on several threads; visit() on
    /// the calling thread, in order of arrival.
    [[nodiscard]] Status eachAhead(const std::function<Status(BlockView&)>& prepare,
                                   const std::function<Status(BlockView&, const Mask&)>& visit);
    /// False where the part holds no row in the range, or none with the id that is sought.
    [[nodiscard]] Result<bool> mayMatch(const Part& part) const;
    /// Sets the mask of one block; false when no row matches. What it cost is added to `cost`. Thread: any.
    [[nodiscard]] Result<bool> select(BlockView& view, Mask& mask, ports::ScanStats& cost) const;

    [[nodiscard]] LogReader& reader() const { return *m_reader; }
    [[nodiscard]] Timestamp knownBefore() const { return m_knownBefore; }
    [[nodiscard]] const CancellationToken& token() const { return m_token; }
    ports::ScanStats stats;

private:
    Scanner(LogReader& reader, TimeRange range, Timestamp knownBefore, CancellationToken token)
        : m_reader(&reader), m_range(range), m_knownBefore(knownBefore), m_token(std::move(token)) {}
    /// Of the block's rows, by their bounds.
    [[nodiscard]] Result<QueryPlan::Outlook> withinRange(BlockView& view) const;
    /// Clears the rows outside the range.
    [[nodiscard]] Status clip(BlockView& view, Mask& mask) const;
    /// Clears the rows that arrived too early or too late; false where that is all of them.
    [[nodiscard]] bool clipArrival(const BlockView& view, Mask& mask) const;

    LogReader* m_reader;
    QueryPlan m_plan;
    TimeRange m_range;
    Timestamp m_knownBefore;
    CancellationToken m_token;
    std::int64_t m_from = 0, m_before = std::numeric_limits<std::int64_t>::max();
};

}  // namespace pilothouse::predictions
