// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/contrast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/statistics/intervals.h"
#include "models/statistics/null_distribution.h"

namespace pilothouse::statistics {

ShareContrast contrastShares(std::uint64_t k, std::uint64_t n, std::uint64_t kRest, std::uint64_t nRest,
                             std::size_t comparisons) {
    constexpr double kAlpha = 0.05, kNaN = std::numeric_limits<double>::quiet_NaN();
    ShareContrast c;
    c.share = n == 0 ? kNaN : static_cast<double>(k) / static_cast<double>(n);
    c.rest = nRest == 0 ? kNaN : static_cast<double>(kRest) / static_cast<double>(nRest);
    c.difference = c.share - c.rest;
    c.lift = c.share / c.rest;
    if (n == 0 || nRest == 0) {
        c.low = -1;
        c.high = 1;
        return c;
    }
    const double z = normalCritical(kAlpha / 2 / static_cast<double>(std::max<std::size_t>(1, comparisons)));
    const ShareInterval a = wilson(c.share, static_cast<double>(n), z),
                        b = wilson(c.rest, static_cast<double>(nRest), z);
    c.low = c.difference - std::hypot(c.share - a.low, b.high - c.rest);
    c.high = c.difference + std::hypot(a.high - c.share, c.rest - b.low);
    c.clear = c.low > 0 || c.high < 0;
    if (a.low > b.high) c.safeLift = a.low / b.high;
    if (a.high < b.low) c.safeLift = a.high / b.low;
    return c;
}

}  // namespace pilothouse::statistics
