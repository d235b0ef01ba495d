// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/alert_source.h"

namespace re2 {
class RE2;
}

namespace pilothouse::monitoring {

using Labels = std::map<std::string, std::string>;

/// Whether a text can be a label's name: a letter or "_", then letters, digits and "_".
[[nodiscard]] bool isLabelName(std::string_view text);

/// The fingerprint that Prometheus and Alertmanager give to labels: FNV-1a of 64 bits over the names in order, each
/// followed by 0xff, its value and 0xff; 16 hexadecimal digits. Labels without a value do not count.
/// (github.com/prometheus/common/model, labelSetToFingerprint; Alertmanager drops empty labels before it.)
[[nodiscard]] std::string fingerprintOf(const Labels& labels);

/// Reads `label="value"`, `label!=value`, `label=~"a|b"`, `label!~…`: quotes are optional; within them \", \\ and \n.
[[nodiscard]] Result<ports::Matcher> parseMatcher(std::string_view text);

/// Matchers made ready. Copies share their expressions; const use from many threads.
class LabelMatchers {
public:
    static constexpr std::size_t kMaxMatchers = 64, kMaxValue = 4096;

    /// InvalidInput for a name that is none, for a value too long, and for an expression that RE2 refuses or that
    /// takes more than a bounded memory. RE2 needs linear time, so that no expression of a person can hold us up.
    static Result<LabelMatchers> compile(const std::vector<ports::Matcher>& matchers);
    /// All hold. Without any matcher: true.
    [[nodiscard]] bool match(const Labels& labels) const;
    /// Whether they hold of an alert without any label, and so of everything that nobody thought of.
    [[nodiscard]] bool matchesEverything() const { return match({}); }

private:
    struct One {
        ports::Matcher matcher;
        std::shared_ptr<const re2::RE2> expression;
    };
    std::vector<One> m_all;
};

}  // namespace pilothouse::monitoring
