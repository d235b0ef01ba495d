// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest_mapping.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto mapping = predictions::parseMapping(fuzz::textOf(data, size), "input");
    if (!mapping) return 0;
    // What was understood can be written down and read again.
    const std::string text = predictions::toYaml(*mapping);
    const auto again = predictions::parseMapping(text, "again");
    FUZZ_REQUIRE(again.has_value());
    FUZZ_REQUIRE(predictions::toYaml(*again) == text);
    return 0;
}
