// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/ports/rows.h"
#include "models/statistics/performance.h"

namespace pilothouse::monitoring {

/// One side of the question. `clusters`: ids from 0, one a row, of rows that share more than their features (the
/// flights of a day share its weather); empty: each row stands for itself.
struct DomainRows {
    const ports::RowSet& rows;
    std::span<const std::uint32_t> clusters = {};
};

struct DomainOptions {
    std::size_t mostRows = 10'000;  ///< of a side; of more rows so many are drawn
    int folds = 4;                  ///< 2 … 20
    std::uint64_t seed = 1;
};

/// What tells the two sides apart.
struct DomainSeparation {
    /// Of trees that were asked about rows which they had not been trained on: 0.5 when nothing tells them apart, 1
    /// when everything does. 95 % interval over clusters (DeLong's, widened by √2 for
    /// folds that train each other).
    statistics::Interval auc;
    struct Feature {
        std::string name;
        double share = 0;  ///< of what all splits gained
    };
    std::vector<Feature> features;                        ///< largest share first
    std::vector<std::size_t> referenceRows, currentRows;  ///< the rows that were looked at, ascending
    /// Of referenceRows: how much likelier such a row is in the current window than in the reference, mean 1: the odds
    /// of the held-out probability (Bickel, Brückner and Scheffer 2009, JMLR 10).
    std::vector<double> weights;
};

/// A domain classifier (Lopez-Paz and Oquab 2017): boosted trees learn which side a row comes from. A cluster is held
/// out as a whole; otherwise the trees would know a row again by what its cluster shares and find a difference where
/// there is none. Of a text column the 255 most frequent categories are told apart. Deterministic for a seed, on the
/// calling thread; about 10⁶ values a second and fold. Fails with InvalidInput when a column has another type on the
/// other side, no feature is known on either side, or a side has fewer clusters (rows) than folds.
[[nodiscard]] Result<DomainSeparation> separateDomains(const DomainRows& reference, const DomainRows& current,
                                                       const std::vector<std::string>& features,
                                                       const DomainOptions& options, const CancellationToken& token);

}  // namespace pilothouse::monitoring
