// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/verdict.h"

/// How commands tell verdicts: as JSON, as a table for people, and as a JUnit file for the gate of a CI job.
namespace pilothouse::app {

/// One verdict with what it is about.
struct TellableVerdict {
    std::string name;   ///< of the feature, or of the monitor
    std::string check;  ///< "drift", "missing", …
    std::string type;   ///< of the feature; may be empty
    statistics::Verdict verdict;
};

/// state, method, statistic, threshold, p_value, q_value, effect, interval, minimum_effect, n_reference, n_current,
/// n_effective, and reason where there is one; null for numbers that do not apply.
[[nodiscard]] QJsonObject toJson(const statistics::Verdict& verdict);
/// The same behind name, check and type.
[[nodiscard]] QJsonObject toJson(const TellableVerdict& verdict);

void printVerdicts(const std::vector<TellableVerdict>& verdicts);

/// A test case a verdict: drift is a failure; insufficient and unavailable are skipped, with the reason. `suite` names
/// what was checked. The file is replaced whole or not at all.
[[nodiscard]] Status writeJUnit(const std::string& path, const std::string& suite,
                                const std::vector<TellableVerdict>& verdicts);

}  // namespace pilothouse::app
