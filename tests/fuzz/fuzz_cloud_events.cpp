// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/cloud_events.h"
#include "tests/fuzz/ingest_rows.h"

using namespace pilothouse;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    predictions::RowMapping mapping = predictions::cloudEventMapping();
    mapping.constants["model"] = "m";
    predictions::FieldBudget budget({});
    predictions::RowCollector collector({&mapping, &budget, 1, {}});
    predictions::CloudEventJoin join;
    predictions::PendingChanges changes;
    fuzz::forRows(text, 1 << 20, false,
                  [&](const auto& place, std::string_view row) { join.read("input", place, row, collector, changes); });
    join.settle(changes);
    FUZZ_REQUIRE(changes.added.size() == join.waiting());
    fuzz::check(collector);
    return 0;
}
