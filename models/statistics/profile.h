// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

enum class ColumnKind { Numeric, Categorical, Identifier };
[[nodiscard]] const char* toString(ColumnKind kind);  ///< "numeric", "categorical", "identifier"

/// What the reference looked like, for one column. Frozen: edges and categories never change once made.
struct ColumnProfile {
    std::string name;
    ColumnKind kind = ColumnKind::Numeric;
    std::uint64_t n = 0;         ///< rows, missing ones included
    std::uint64_t missing = 0;   ///< empty or NaN
    std::uint64_t infinite = 0;  ///< counted in the outer bins, in no moment
    // Numeric, over the finite values:
    double min = 0, max = 0, mean = 0, variance = 0;  ///< variance with n - 1
    std::vector<double> quantiles;                    ///< at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 (type 7)
    std::vector<double> edges;     ///< inner edges, ascending; bin i is [edges[i-1], edges[i]), outer bins open
    std::vector<double> binMeans;  ///< mean of the reference values in each bin: where a bin's mass lies
    /// The reference's σ by which shifts are measured: the standard deviation after values beyond
    /// [q01 - R, q99 + R], R = q99 - q01, are pulled in to those fences (all values count where R is 0). Equal to
    /// sqrt(variance) unless the reference itself holds outliers. 0: constant, a shift cannot be measured.
    double scale = 0;
    /// Values beyond are counted in the outer bins as if they lay here: median ± 8 scale, or the fences where those are
    /// wider. A shift is measured in full up to there, and one wild value moves a mean by at most 8 σ / n.
    double clipLow = 0, clipHigh = 0;
    std::array<double, 2>
        outerDeviation{};  ///< standard deviation of the clipped values within the lowest, highest bin
    // Categorical: the K most frequent values, most frequent first, ties by value.
    std::vector<std::string> categories;
    std::uint64_t other = 0;  ///< rows in categories beyond K
    std::uint64_t singletons =
        0;  ///< values that occur once: their share of the rows is what to expect of unseen values
    /// They and `missing` add up to n. Numeric: edges + 1 counts. Categorical: one a category, then one for "other" (an
    /// unseen value falls there too when current rows are counted).
    std::vector<std::uint64_t> counts;
    std::vector<std::string>
        rest;                  ///< the values in "other" (at most kRest, sorted), to tell unseen values from rare ones
    bool restComplete = true;  ///< false: there were more, and unknown values count as "other", not as unseen
    /// Of the rows with a value, after clustering (rows over the design effect); their number when no cluster was
    /// named.
    double effectiveN = 0;
    double effectiveRows = 0;  ///< of all rows, for the missing share
    /// Of the rows with a value: the clusters that they lie in (0: none was named), and how large a row's own cluster
    /// is on the mean over rows, Σ mᵢ² / Σ mᵢ.
    std::uint64_t clusters = 0;
    double clusterSize = 1;
    /// Categorical: by how much clusters widen the statistic's distribution beyond what effectiveN says
    /// (commonMotion()).
    double commonMotion = 1;
    std::string note;  ///< of an identifier: why it is one; empty: nearly every row has a value of its own

    static constexpr std::size_t kRest = 1000;
};

struct Profile {
    static constexpr int kFormat = 1;
    int format = kFormat;
    std::string model, version;
    std::int64_t startNs = 0, endNs = 0;  ///< event time of the reference rows
    std::uint64_t rows = 0;
    std::vector<ColumnProfile> columns;

    [[nodiscard]] const ColumnProfile* find(std::string_view name) const {
        for (const ColumnProfile& c : columns)
            if (c.name == name) return &c;
        return nullptr;
    }
};

struct ProfileOptions {
    std::size_t bins = 20;  ///< equal-mass bins wanted; ties are kept whole, so fewer may result
    /// K. Where the counts cannot tell the K-th value from the next, all values (up to 1,000) or fewer are named: the
    /// luckiest of equals would be rarer in every later window.
    std::size_t categories = 50;
};

/// NaN is missing. A constant column gets three bins: below, the value, above. `clusters` (empty, or one id a value)
/// names what is dependent, for the effective n.
[[nodiscard]] ColumnProfile profileNumeric(std::string name, std::span<const double> values,
                                           std::span<const std::uint32_t> clusters, const ProfileOptions& options);
/// Codes index the dictionary; 0xFFFFFFFF (and a code beyond the dictionary) is missing. Text that is nearly unique (20
/// or more values, over 90 % of them distinct) becomes an Identifier without categories.
[[nodiscard]] ColumnProfile profileCategorical(std::string name, std::span<const std::uint32_t> codes,
                                               std::span<const std::string> dictionary,
                                               std::span<const std::uint32_t> clusters, const ProfileOptions& options);

/// JSON text with a format version; every number reads back to the same bits. profileFromJson refuses what is longer
/// than 64 MiB, of another format, of an unknown shape or inconsistent in itself, with a reason.
[[nodiscard]] std::string toJson(const Profile& profile);
[[nodiscard]] Result<Profile> profileFromJson(std::string_view json);

}  // namespace pilothouse::statistics
