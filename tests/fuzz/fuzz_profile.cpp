// SPDX-License-Identifier: GPL-3.0-or-later
// A profile is refused, or can be written, read back to the same text, and judged.
#include <cmath>
#include <string>

#include "models/statistics/drift.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse::statistics;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto profile = profileFromJson(pilothouse::fuzz::textOf(data, size));
    if (!profile) {
        FUZZ_REQUIRE(!profile.error().message.empty());
        return 0;
    }
    const std::string text = toJson(*profile);
    const auto back = profileFromJson(text);
    FUZZ_REQUIRE(back && toJson(*back) == text);
    const std::vector<double> numbers{0, -1e300, 1e300, kNaN, 1};
    const std::vector<std::uint32_t> codes{0, 1, 1, 2, 0xFFFFFFFFu};
    const std::vector<std::string> words{"UA", "never seen"};
    for (const ColumnProfile& c : profile->columns) {
        const CurrentCounts counts =
            c.kind == ColumnKind::Numeric ? countNumeric(c, numbers, {}) : countCategorical(c, codes, words, {});
        FUZZ_REQUIRE(counts.n() == 5);
        const double effect = driftEffect(c, counts);
        FUZZ_REQUIRE(std::isnan(effect) || effect >= 0);
    }
    return 0;
}
