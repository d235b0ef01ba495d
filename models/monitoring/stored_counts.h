// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/monitoring/evaluator.h"

namespace pilothouse::monitoring {

/// Counts of windows as the sum of their panes, of which those counted before are kept in the workspace: a step reads
/// what arrived since. Counts that depend on ground truth, or on what time it is, are not kept.
class StoredCounts final : public CountSource {
public:
    /// `mark`: the log counts up to here. The database must outlive it; one thread at a time.
    StoredCounts(workspace::Database& database, const Zone& zone, const predictions::LogMark& mark,
                 CancellationToken token, std::size_t* partsRead = nullptr)
        : m_database(database), m_zone(zone), m_mark(mark), m_token(std::move(token)), m_partsRead(partsRead) {}

    [[nodiscard]] Result<WindowCounts> countsOf(const CountingPlan& plan, const std::vector<TimeRange>& panes) override;
    /// Keeps what was counted since the last time; in the caller's write transaction.
    [[nodiscard]] Status save();

private:
    struct Kept {
        WindowCounts counts;
        std::int64_t ordinal = 0;
    };
    struct Changed {
        std::string counting;
        TimeRange pane;
        std::vector<std::uint8_t> data;
    };
    [[nodiscard]] Result<std::optional<Kept>> read(const std::string& counting, const CountingPlan& plan,
                                                   TimeRange pane);
    [[nodiscard]] Result<WindowCounts> pane(const std::string& counting, const CountingPlan& plan, TimeRange pane);

    workspace::Database& m_database;
    const Zone& m_zone;
    predictions::LogMark m_mark;
    CancellationToken m_token;
    std::size_t* m_partsRead;
    std::vector<Changed> m_changed;
};

/// True where what the query selects can change without a row arriving: by ground truth, or as time goes on.
[[nodiscard]] bool changesByItself(const ports::QueryNode& query);

}  // namespace pilothouse::monitoring
