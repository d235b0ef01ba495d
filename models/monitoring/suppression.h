// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/monitoring/label_matchers.h"
#include "models/workspace/database.h"

/// What keeps an alert from asking for attention: silences (a person's, for a while) and inhibition (a rule: while this
/// fires, that is not worth a page). Both leave the alert as it is: it still fires, resolves and triggers.
namespace pilothouse::monitoring {

/// As Alertmanager's (https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule): a firing alert that
/// `source` matches inhibits those that `target` matches and that have the same values in the labels `equal`; a label
/// that both lack is equal. An alert that matches both sides is not inhibited by another of which that holds as well.
struct InhibitRule {
    std::vector<ports::Matcher> source, target;
    std::vector<std::string> equal;
};

/// The list under `inhibit_rules`, which may stand beside `monitors`, with Alertmanager's keys source_matchers,
/// target_matchers and equal. No such key: no rules. Errors name "file:line". Bounded: 1 MiB, 1,000 rules.
[[nodiscard]] Result<std::vector<InhibitRule>> parseInhibitRules(std::string_view yaml, const std::string& file);

/// The workspace's rules are those of one YAML text, which is checked and replaced as a whole; in the caller's
/// transaction. An empty text: no rules.
[[nodiscard]] Status saveInhibitRules(workspace::Database& database, const std::string& yaml, const std::string& file);
[[nodiscard]] Result<std::vector<InhibitRule>> readInhibitRules(workspace::Database& database);

/// Silences as stored: a JSON array of {"name", "value", "isRegex", "isEqual"}, as Alertmanager has them. An object of
/// label → value is what earlier versions wrote: all equal.
[[nodiscard]] std::string matchersJson(const std::vector<ports::Matcher>& matchers);
[[nodiscard]] std::vector<ports::Matcher> matchersFrom(std::string_view json);

/// Fills silenced, silencedBy and inhibitedBy of the open ones among `alerts`, as of `now`. All firing alerts must be
/// among them. A silence whose matchers cannot be used silences nothing.
void suppress(std::vector<ports::Alert>& alerts, const std::vector<ports::Silence>& silences,
              const std::vector<InhibitRule>& rules, Timestamp now);

}  // namespace pilothouse::monitoring
