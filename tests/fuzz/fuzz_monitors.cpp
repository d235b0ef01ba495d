// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto monitors = monitoring::parseMonitors(fuzz::textOf(data, size), "input.yaml");
    if (!monitors) FUZZ_REQUIRE(!monitors.error().message.empty());
    return 0;
}
