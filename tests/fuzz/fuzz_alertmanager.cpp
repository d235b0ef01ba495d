// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/alertmanager/alertmanager_answers.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace alertmanager = connect::alertmanager;
    const QByteArray text(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size));
    if (const auto alerts = alertmanager::parseAlerts(text, "input"); alerts)
        (void)ports::mergeAlerts({*alerts, *alerts});
    else
        FUZZ_REQUIRE(!alerts.error().message.empty());
    if (const auto groups = alertmanager::parseGroups(text, "input"); !groups)
        FUZZ_REQUIRE(!groups.error().message.empty());
    if (const auto silences = alertmanager::parseSilences(text, "input"); silences)
        for (const ports::Silence& s : *silences)
            FUZZ_REQUIRE(!alertmanager::postableSilence(s).isEmpty());
    FUZZ_REQUIRE(!alertmanager::parseError({500, "text/plain", text, {}}, "input").message.empty());
    return 0;
}
