// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/statistics/performance.h"

namespace pilothouse::statistics {

/// 95 % interval of the AUC in closed form, in the time of one sort: the variance of DeLong, DeLong and Clarke-Pearson
/// (1988, Biometrics 44) from each row's placement (the share of the other class that it beats, ties half), summed by
/// clusters as Obuchowski (1997, Biometrics 53) does; on the logit scale, so that it stays within 0 … 1. An AUC of 0 or
/// 1 has no spread of its own: then Wilson's interval of so many wins out of as many as the rarer class has rows (or
/// clusters). Low and high are NaN below two rows or clusters of either class; all are NaN as in rocAuc, and with
/// clusters that are not one a row.
[[nodiscard]] Interval aucIntervalAnalytic(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                           std::span<const std::uint32_t> clusters);
/// Its standard error; NaN where the interval is.
[[nodiscard]] double aucStandardError(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                      std::span<const std::uint32_t> clusters);

}  // namespace pilothouse::statistics
