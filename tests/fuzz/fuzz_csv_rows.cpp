// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/ingest_rows.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    FUZZ_REQUIRE(fuzz::cutRows(text, 7, true) == fuzz::cutRows(text, 1 << 20, true));
    predictions::RowMapping mapping = predictions::guessFromSample(predictions::RowFormat::Csv, text);
    mapping.constants.try_emplace("model", "m");
    predictions::FieldBudget budget({});
    predictions::RowCollector collector({&mapping, &budget, 1, {}});
    std::optional<predictions::CsvRowReader> reader;
    fuzz::forRows(text, 1 << 20, true, [&](const auto& place, std::string_view row) {
        if (reader) return reader->read(place, row);
        std::vector<predictions::CsvField> fields;
        std::string buffer;
        std::vector<std::string> names;
        if (!predictions::splitCsvRecord(row, fields, buffer)) return;
        for (const auto& field : fields)
            names.emplace_back(field.text);
        reader.emplace(collector, names);
    });
    fuzz::check(collector);
    return 0;
}
