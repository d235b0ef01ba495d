// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/model_registry.h"

namespace pilothouse::pipelines {

/// What evaluate found, as it is stored between the tasks (JSON, an artifact).
struct Judgement {
    std::vector<ports::Metric> metrics;
    std::string champion;      ///< the version in production at the run's start; empty: none
    std::string championNote;  ///< why there is no comparison with it, if there is none
};
[[nodiscard]] std::string toJson(const Judgement& judgement);
[[nodiscard]] Result<Judgement> judgementFromJson(std::string_view json);

/// "METRIC [value|low|high] OPERATOR NUMBER [when champion | when no champion]", as in "auc_difference_champion low > 0
/// when champion".
struct GateRule {
    enum class Bound { Value, Low, High } bound = Bound::Value;
    std::string metric, comparison;  ///< one of > >= < <=
    double limit = 0;
    enum class When {
        Always,
        Champion,
        NoChampion
    } when = When::Always;  ///< a version was in production at the run's start
};
[[nodiscard]] Result<GateRule> parseRule(std::string_view text);

/// How a rule went: "AUC difference to v1 0.0020 (−0.0090 – 0.0130), limit: lower bound above 0".
struct RuleVerdict {
    bool passed = false;
    bool applies = true;
    std::string text;
};
[[nodiscard]] RuleVerdict applyRule(const GateRule& rule, const Judgement& judgement);

/// "0.7123 (0.7010 – 0.7243)", or the value alone where there is no interval.
[[nodiscard]] std::string shown(const ports::Metric& metric);

}  // namespace pilothouse::pipelines
