// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/statistics/drift.h"
#include "models/statistics/random.h"

/// Where the rows of bench_statistics come from.
namespace pilothouse::bench {

/// How rows depend on each other. Every row has a standard normal behind it, and what depends is that.
enum class Dependence {
    Independent,
    Clustered,      ///< clusters of 1 … 31 rows, correlation 0.5 within; the cluster is named
    Autocorrelated  ///< AR(1) with coefficient 0.8; blocks of 50 rows are named as clusters
};
[[nodiscard]] const char* nameOf(Dependence dependence);

/// A change of the column, of some size.
enum class Change {
    None,
    Shift,        ///< of the normal behind, in its standard deviations
    Scale,        ///< of the normal behind: 1 + size
    NewCategory,  ///< a share of the rows takes a value that was never there
    Swap,         ///< that share moves from the first category to the third (numeric: of the rows below the median, up)
    Missing       ///< that share more is missing
};
[[nodiscard]] const char* nameOf(Change change);

/// A kind of column.
struct ColumnKindSource {
    std::string name;
    std::function<double(double z)> value;  ///< numeric: of the normal behind
    std::vector<double> cuts;               ///< categorical: upper ends of all but the last category, in z
    double missing = 0;                     ///< share
    bool judgedByMissing = false;           ///< what is looked at is the missing share's verdict

    [[nodiscard]] bool numeric() const { return cuts.empty(); }
};
/// All kinds that the tables list, or those whose name holds the text.
[[nodiscard]] std::vector<ColumnKindSource> columnKinds(const std::string& text = {});

struct SourceRows {
    std::vector<double> values;           ///< numeric; NaN is missing
    std::vector<std::uint32_t> codes;     ///< categorical; 0xFFFFFFFF is missing
    std::vector<std::uint32_t> clusters;  ///< empty: independent
};
[[nodiscard]] SourceRows drawRows(const ColumnKindSource& kind, Dependence dependence, statistics::Random& random,
                                  std::size_t n, Change change = Change::None, double size = 0);

[[nodiscard]] statistics::ColumnProfile profileOf(const ColumnKindSource& kind, const SourceRows& rows);
[[nodiscard]] statistics::CurrentCounts countsOf(const ColumnKindSource& kind, const statistics::ColumnProfile& profile,
                                                 const SourceRows& rows);
/// The verdict that the kind is about.
[[nodiscard]] const statistics::Verdict& verdictOf(const ColumnKindSource& kind, const statistics::ColumnDrift& drift);

/// "value 0", "value 1" …: the dictionary of every categorical kind, with room for a new value.
[[nodiscard]] const std::vector<std::string>& sourceWords();

}  // namespace pilothouse::bench
