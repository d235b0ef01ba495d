// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor_progress.h"

namespace pilothouse::monitoring {

using workspace::Database;

Result<std::optional<MonitorProgress>> readProgress(Database& database, const std::string& monitor) {
    PH_ASSIGN(auto row, database.prepare("SELECT definition, judged_from, judged_until, ordinal, truth, removals, "
                                         "newest, next_ordinal FROM monitor_progress WHERE monitor = ?"));
    row.bindAll(monitor);
    PH_ASSIGN(const bool there, row.step());
    if (!there) return std::optional<MonitorProgress>();
    return std::optional(MonitorProgress{row.text(0),
                                         row.timestamp(1),
                                         row.timestamp(2),
                                         {row.integer(3), row.integer(4), row.integer(5)},
                                         row.timestamp(6),
                                         row.integer(7)});
}

Status writeProgress(Database& database, const std::string& monitor, const MonitorProgress& p) {
    return database.run(
        "INSERT OR REPLACE INTO monitor_progress (monitor, definition, judged_from, judged_until, "
        "ordinal, truth, removals, newest, next_ordinal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        monitor, p.definition, p.judgedFrom, p.judgedUntil, p.mark.ordinal, p.mark.truth, p.mark.removals, p.newest,
        p.nextOrdinal);
}

}  // namespace pilothouse::monitoring
