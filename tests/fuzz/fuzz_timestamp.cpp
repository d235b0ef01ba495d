// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/timestamp.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto time = Timestamp::parseIso(text)) FUZZ_REQUIRE(Timestamp::parseIso(time->toIso()) == time);
    if (const auto duration = parseDuration(text)) FUZZ_REQUIRE(parseDuration(formatDuration(*duration)) == duration);
    return 0;
}
