// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor.h"
#include "models/monitoring/yaml_edit.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;

namespace {

/// Which edit the first byte asks for.
MonitorEdit editOf(std::uint8_t choice) {
    static const std::vector<std::vector<std::string>> kPaths{
        {"minimum_effect"}, {"minimum_effects", "temp_f"}, {"labels", "team"}, {"columns"}, {"description"}};
    static const std::vector<std::optional<YamlValue>> kValues{
        YamlValue::number(0.25), YamlValue::text("a: \"b\" # c\nd"), YamlValue::boolean(true),
        YamlValue::list({YamlValue::text("x"), YamlValue::text("- y")}), std::nullopt};
    return {{}, kPaths[choice % kPaths.size()], kValues[choice / kPaths.size() % kValues.size()]};
}

std::string othersOf(const std::vector<MonitorDefinition>& monitors) {
    std::string out;
    for (std::size_t i = 1; i < monitors.size(); ++i)
        out += monitors[i].source;
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(fuzz::textOf(data + 1, size - 1));
    const MonitorEdit edit = editOf(data[0]);
    const auto after = editMonitor(text, "input.yaml", edit);
    if (!after) {
        FUZZ_REQUIRE(!after.error().message.empty());
        return 0;
    }
    FUZZ_REQUIRE((*after == text) == unifiedDiff(text, *after, "input.yaml").empty());
    // The same edit again changes nothing; what was removed is not there to be removed again.
    const auto again = editMonitor(*after, "input.yaml", edit);
    FUZZ_REQUIRE(edit.value ? again && *again == *after : !again);
    // Other monitors stay what they were.
    const auto before = parseMonitors(text, "input.yaml"), now = parseMonitors(*after, "input.yaml");
    if (before && now) FUZZ_REQUIRE(othersOf(*before) == othersOf(*now));
    return 0;
}
