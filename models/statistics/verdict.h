// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace pilothouse::statistics {

/// The four states of a verdict (see docs in ARCHITECTURE.md). Insufficient replaces Ok only.
enum class State { Ok, Drift, Insufficient, Unavailable };
[[nodiscard]] const char* toString(State state);       ///< "ok", "drift", "insufficient", "unavailable"
[[nodiscard]] State stateFrom(std::string_view text);  ///< Unavailable for what is none of them

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A judged statistic. Numbers that do not apply are NaN.
struct Verdict {
    State state = State::Unavailable;
    std::string reason;  ///< why insufficient or unavailable; empty otherwise
    std::string method;  ///< "wasserstein_sigma", "total_variation", "missing_share", "auc", …
    double statistic = kNaN;
    double threshold = kNaN;  ///< the statistic's critical value at this n
    double pValue = kNaN;
    double qValue = kNaN;                        ///< after Benjamini-Hochberg over the window's columns
    double effect = kNaN;                        ///< in the method's effect unit: σ, share, AUC points
    double effectLow = kNaN, effectHigh = kNaN;  ///< 95 % interval
    double minimumEffect = kNaN;
    std::uint64_t nReference = 0, nCurrent = 0;
    double nEffective = kNaN;  ///< of the current rows, after clustering
};

}  // namespace pilothouse::statistics
