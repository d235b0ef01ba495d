// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/ingest_rows.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    FUZZ_REQUIRE(fuzz::cutRows(text, 7, false) == fuzz::cutRows(text, 1 << 20, false));
    predictions::RowMapping mapping = predictions::guessFromSample(predictions::RowFormat::JsonLines, text);
    mapping.constants.try_emplace("model", "m");
    predictions::FieldBudget budget({});
    predictions::RowCollector collector({&mapping, &budget, 1, {}});
    predictions::JsonRowReader reader;
    reader.start(collector);
    fuzz::forRows(text, 1 << 20, false, [&](const auto& place, std::string_view row) { reader.read(place, row); });
    fuzz::check(collector);
    return 0;
}
