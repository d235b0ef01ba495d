// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/stored_counts.h"

#include <algorithm>

namespace pilothouse::monitoring {

using ports::QueryOp;

bool changesByItself(const ports::QueryNode& query) {
    const bool truth = query.op == QueryOp::Wrong || query.op == QueryOp::Labelled || query.op == QueryOp::Disagree ||
                       query.op == QueryOp::Outside || query.op == QueryOp::Unseen || query.field == "outcome" ||
                       query.field == "outcome_time";
    return truth || query.text.starts_with("now") || std::ranges::any_of(query.children, changesByItself);
}

Result<std::optional<StoredCounts::Kept>> StoredCounts::read(const std::string& counting, const CountingPlan& plan,
                                                             TimeRange pane) {
    PH_ASSIGN(auto row, m_database.prepare("SELECT ordinal, removals, data FROM window_count WHERE counting = ? AND "
                                           "window_start = ? AND window_end = ?"));
    row.bindAll(counting, pane.start, pane.end);
    PH_ASSIGN(const bool there, row.step());
    if (!there || row.integer(1) != m_mark.removals || row.integer(0) > m_mark.ordinal) return std::optional<Kept>();
    auto counts = decodeCounts(row.blob(2), plan);
    if (!counts) return std::optional<Kept>();  // damaged, or of an older form: it is counted again
    return std::optional(Kept{std::move(*counts), row.integer(0)});
}

Result<WindowCounts> StoredCounts::pane(const std::string& counting, const CountingPlan& plan, TimeRange pane) {
    PH_ASSIGN(auto kept, read(counting, plan, pane));
    const std::int64_t from = kept ? kept->ordinal : 0;
    if (kept && from == m_mark.ordinal) return std::move(kept->counts);
    std::size_t parts = 0;
    PH_ASSIGN(auto counts,
              countWindow(m_database, m_zone, plan, pane, {.from = from, .before = m_mark.ordinal}, m_token, &parts));
    if (m_partsRead) *m_partsRead += parts;
    if (kept) {
        kept->counts.merge(std::move(counts));
        counts = std::move(kept->counts);
    }
    if (parts > 0 || !kept) m_changed.push_back({counting, pane, encodeCounts(counts)});
    return counts;
}

Result<WindowCounts> StoredCounts::countsOf(const CountingPlan& plan, const std::vector<TimeRange>& panes) {
    if (panes.empty()) return emptyCounts(plan);
    if (changesByItself(plan.query.root))
        return countWindow(m_database, m_zone, plan, {panes.front().start, panes.back().end},
                           {.before = m_mark.ordinal, .lastTruth = m_mark.truth}, m_token, m_partsRead);
    const std::string counting = plan.identity(m_zone);
    PH_ASSIGN(WindowCounts all, pane(counting, plan, panes.front()));
    for (std::size_t i = 1; i < panes.size(); ++i) {
        PH_ASSIGN(auto next, pane(counting, plan, panes[i]));
        all.merge(std::move(next));
    }
    return all;
}

Status StoredCounts::save() {
    for (const Changed& changed : m_changed) {
        PH_ASSIGN(auto insert, m_database.prepare(
                                   "INSERT OR REPLACE INTO window_count (counting, window_start, window_end, ordinal, "
                                   "removals, data) VALUES (?, ?, ?, ?, ?, ?)"));
        insert.bindAll(changed.counting, changed.pane.start, changed.pane.end, m_mark.ordinal, m_mark.removals);
        insert.bindBlob(6, changed.data);
        PH_TRY(insert.run());
    }
    m_changed.clear();
    return {};
}

}  // namespace pilothouse::monitoring
