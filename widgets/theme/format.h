// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "models/base/time_zone.h"

/// Numbers and times as people read them. One place, used by every view.
namespace pilothouse::theme {

[[nodiscard]] QString number(double value, int significant = 3);  ///< "0.731", "12,304", "–" for NaN
[[nodiscard]] QString count(std::uint64_t value);                 ///< "255,987"
[[nodiscard]] QString shortCount(double value);                   ///< "1.2 M", "930"
[[nodiscard]] QString percent(double share, int decimals = 1);    ///< "23.4 %"
[[nodiscard]] QString withInterval(double value, double low, double high,
                                   int decimals = 3);  ///< "0.031 (0.018 – 0.044)"
[[nodiscard]] QString duration(Duration d);            ///< "36 h", "2.1 s"
[[nodiscard]] QString milliseconds(double ms);
[[nodiscard]] QString time(Timestamp t, const Zone& zone);          ///< "9 Jul 2013 17:40"
[[nodiscard]] QString date(Timestamp t, const Zone& zone);          ///< "9 Jul 2013"
[[nodiscard]] QString range(const TimeRange& r, const Zone& zone);  ///< "8 – 14 Jul 2013" for whole days
/// "temp_f" → "temp_f": names stay as they are in the data.
[[nodiscard]] QString verdictWord(const QString& state);  ///< "insufficient" → "not enough data"

}  // namespace pilothouse::theme
