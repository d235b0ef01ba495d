// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/prometheus/prometheus_answer.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace prometheus = connect::prometheus;
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto answer = prometheus::parseQuery(text, "input"); !answer)
        FUZZ_REQUIRE(!answer.error().message.empty());
    if (const auto names = prometheus::parseNames(text, "input"); !names) FUZZ_REQUIRE(!names.error().message.empty());
    if (const auto version = prometheus::parseVersion(text, "input"); !version)
        FUZZ_REQUIRE(!version.error().message.empty());
    FUZZ_REQUIRE(!prometheus::parseError(500, text, "input").message.empty());
    return 0;
}
