// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

enum class ColumnKind { Numeric, Categorical, Identifier };

/// What the reference looked like, for one column. Frozen: edges and categories never change once made.
struct ColumnProfile {
    std::string name;
    ColumnKind kind = ColumnKind::Numeric;
    std::uint64_t n = 0;         ///< rows, missing ones included
    std::uint64_t missing = 0;   ///< empty or NaN
    std::uint64_t infinite = 0;
    // Numeric, over the finite values:
    double min = 0, max = 0, mean = 0, variance = 0;  ///< variance with n - 1
    std::vector<double> quantiles;   ///< at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 (type 7)
    std::vector<double> edges;       ///< inner edges, ascending; bin i is [edges[i-1], edges[i]), outer bins open
    std::vector<double> binMeans;    ///< mean of the reference values in each bin: where a bin's mass lies
    // Categorical: the K most frequent values, most frequent first, ties by value.
    std::vector<std::string> categories;
    std::uint64_t other = 0;         ///< rows in categories beyond K
    /// Numeric: edges + 1 counts. Categorical: one a category, then one for "other" (an unseen value falls there too when
    /// current rows are counted).
    std::vector<std::uint64_t> counts;
    std::vector<std::string> rest;   ///< the values in "other" (bounded), so that unseen ones can be told from rare ones
    double effectiveN = 0;           ///< of the reference rows after clustering; n when no cluster was named
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
    std::size_t bins = 20;         ///< equal-mass bins wanted; ties are kept whole, so fewer may result
    std::size_t categories = 50;   ///< K
};

/// NaN is missing. `clusters` (empty, or one id a value) names what is dependent, for the effective n.
[[nodiscard]] ColumnProfile profileNumeric(std::string name, std::span<const double> values,
                                           std::span<const std::uint32_t> clusters, const ProfileOptions& options);
/// Codes index the dictionary; 0xFFFFFFFF is missing.
[[nodiscard]] ColumnProfile profileCategorical(std::string name, std::span<const std::uint32_t> codes,
                                               std::span<const std::string> dictionary,
                                               std::span<const std::uint32_t> clusters, const ProfileOptions& options);

/// JSON text with a format version. fromJson refuses other formats, unknown shapes and inconsistent lengths with a reason.
[[nodiscard]] std::string toJson(const Profile& profile);
[[nodiscard]] Result<Profile> profileFromJson(std::string_view json);

}  // namespace pilothouse::statistics
