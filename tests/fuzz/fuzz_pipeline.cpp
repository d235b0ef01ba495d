// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/definition.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto definition = pipelines::parsePipeline(fuzz::textOf(data, size), "input.yaml");
    if (definition) {
        FUZZ_REQUIRE(!definition->name.empty());
        FUZZ_REQUIRE(pipelines::planOrder(*definition).size() == definition->tasks.size());
    } else {
        FUZZ_REQUIRE(!definition.error().message.empty());
    }
    return 0;
}
