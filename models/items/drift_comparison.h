// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/base/cancellation.h"
#include "models/items/drift_loader.h"
#include "models/ports/query.h"
#include "models/workspace/database.h"

namespace pilothouse::items {

/// Any rows of the log beside any others: two windows, two versions, a segment and the rest.
struct DriftComparison {
    struct Side {
        std::string name;  ///< "week of 1 Jul", "v2", "all other rows"
        ports::Query query;
        TimeRange range;
    };
    std::string model;
    Side reference, current;
    std::vector<std::string> rowClauses;  ///< of the current side, beside the model: for whoever goes to its rows
    std::string version;                  ///< that scored all rows of the current side; empty: any
    std::vector<std::string> columns;     ///< empty: all features, and the score
    std::vector<std::string> cluster;     ///< as a monitor names them; empty: rows are independent
    statistics::DriftOptions options;
    std::map<std::string, double> minimumEffects;  ///< of columns that have one of their own
};

/// Judges every column as a monitor would: a profile of the reference's rows is made (bins frozen on them), the current
/// rows are counted on it, statistics::judgeDrift() decides over all columns together. Nothing is stored. The answer's
/// evaluation has kind "comparison" and the reference's name as its version. InvalidInput when a side has no rows.
/// Thread: the database's.
[[nodiscard]] Result<DriftWindow> compareRows(workspace::Database& database, const Zone& zone,
                                              const DriftComparison& comparison, const CancellationToken& token);

}  // namespace pilothouse::items
