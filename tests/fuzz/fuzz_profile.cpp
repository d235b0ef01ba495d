// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/profile.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto profile = statistics::profileFromJson(fuzz::textOf(data, size));
    if (!profile) {
        FUZZ_REQUIRE(!profile.error().message.empty());
        return 0;
    }
    const std::string written = statistics::toJson(*profile);
    const auto again = statistics::profileFromJson(written);
    FUZZ_REQUIRE(again.has_value());
    FUZZ_REQUIRE(statistics::toJson(*again) == written);
    return 0;
}
