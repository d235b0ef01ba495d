// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "models/base/time_zone.h"
#include "models/ports/evaluation.h"
#include "widgets/theme/marks.h"

/// Verdicts in words and marks.
namespace pilothouse::drift {

/// "4.91 σ", "12.0 %", "–"; the unit is the method's.
[[nodiscard]] QString effectText(double value, const std::string& method);
/// "4.68 – 5.15 σ"; empty without an interval.
[[nodiscard]] QString intervalText(const statistics::Verdict& verdict);
/// "Wasserstein distance / σ of the reference, frozen bins".
[[nodiscard]] QString methodWords(const std::string& method);
[[nodiscard]] QString pText(double p);  ///< "< 0.0001", "0.031", "–"
/// "drift", "ok", "not enough data", "not judged".
[[nodiscard]] QString stateWord(statistics::State state);
[[nodiscard]] theme::Mark stateMark(statistics::State state, ports::Severity severity);
/// "Week of 8 Jul", "8 Jul" for a day.
[[nodiscard]] QString windowName(const TimeRange& window, const Zone& zone);
/// "8 Apr"; with the year when it is not that of `with`.
[[nodiscard]] QString shortDate(Timestamp t, const Zone& zone);

}  // namespace pilothouse::drift
