// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <vector>

#include "models/ports/evaluation.h"
#include "models/ports/prediction_log.h"
#include "models/statistics/profile.h"

/// The reference and the current window of one column on common bins, as a picture needs them.
namespace pilothouse::items {

struct DriftBin {
    double low = 0, high = 0;           ///< place on the axis; a category stands at its index ± 0.5
    double reference = 0, current = 0;  ///< share of the values that are there
    double currentCount = 0;
    QString label;        ///< "62 – 70", "JFK", "other"
    QStringList clauses;  ///< of the query language: the rows of this bin
};

struct DriftHistogram {
    QString feature;
    bool categorical = false;
    /// True: bins lie at their place on a scale of values and heights are shares per unit, so that areas compare.
    /// False: bins stand side by side and heights are shares (categories, and columns of few values).
    bool scaled = false;
    std::vector<DriftBin> bins;
    double n = 0;  ///< current values that are there

    /// Heights in the unit that a picture draws.
    [[nodiscard]] double height(double share, const DriftBin& bin) const {
        return scaled ? share / (bin.high - bin.low) : share;
    }
};

/// On the profile's own bins: what the verdict saw. Nothing when the lengths do not fit or there is nothing to show.
/// At most `maxCategories` categories get a bar, the rest is "other".
[[nodiscard]] std::optional<DriftHistogram> frozenHistogram(const statistics::ColumnProfile& profile,
                                                            const std::vector<double>& counts,
                                                            std::size_t maxCategories = 16);

/// Inner edges of about `bins` even bins with round edges over both ranges; empty for a column that has no scale
/// (categories, few values).
[[nodiscard]] std::vector<double> evenEdges(const statistics::ColumnProfile& profile, double currentMin,
                                            double currentMax, std::size_t bins = 32);
/// On even bins, from counts that a prediction log made of the reference's rows and of the window's.
[[nodiscard]] std::optional<DriftHistogram> evenHistogram(const std::string& feature, const std::vector<double>& edges,
                                                          const std::vector<std::uint64_t>& reference,
                                                          const std::vector<std::uint64_t>& current);

}  // namespace pilothouse::items
