// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "models/predictions/prediction_store.h"
#include "tests/bench/measuring.h"
#include "tests/bench/prediction_rows.h"

/// A log of made-up rows, for benchmarks.
namespace pilothouse::bench {

struct Filled {
    double milliseconds = 0;
    double lastShare = 0;  ///< time of the last tenth, of the first
};

/// Without files and parsing: appends of 8,192 rows and seals, each durable.
inline Filled fill(workspace::Database& database, const PredictionRows& rows, std::size_t count) {
    constexpr std::size_t kPart = 8'192;
    Filled filled;
    double first = 0;
    const std::size_t tenth = count / 10;
    for (std::size_t from = 0; from < count; from += kPart) {
        const ports::RowSet set = rows.rows(from, std::min(kPart, count - from));
        const double ms = elapsed([&] {
            auto transaction = need(workspace::Transaction::begin(database));
            need(predictions::append(database, set));
            (void)need(predictions::seal(database));
            need(transaction.commit());
        });
        filled.milliseconds += ms;
        if (from < tenth) first += ms;
        if (from >= count - tenth) filled.lastShare += ms;
    }
    filled.lastShare = first > 0 ? filled.lastShare / first : 1;
    return filled;
}

}  // namespace pilothouse::bench
