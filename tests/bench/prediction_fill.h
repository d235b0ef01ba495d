// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "models/predictions/prediction_store.h"
#include "tests/bench/measuring.h"
#include "tests/bench/prediction_rows.h"

/// A log of made-up rows, for benchmarks.
namespace pilothouse::bench {

/// Without files and parsing: appends of 8,192 rows and seals, each durable.
inline void fill(workspace::Database& database, const PredictionRows& rows, std::size_t count) {
    constexpr std::size_t kPart = 8'192;
    for (std::size_t from = 0; from < count; from += kPart) {
        auto transaction = need(workspace::Transaction::begin(database));
        need(predictions::append(database, rows.rows(from, std::min(kPart, count - from))));
        (void)need(predictions::seal(database));
        need(transaction.commit());
    }
}

}  // namespace pilothouse::bench
