// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "models/monitoring/formula.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

namespace {

void check(const monitoring::FormulaNode& node, std::size_t bytes) {
    FUZZ_REQUIRE(node.position < bytes);
    for (const monitoring::FormulaNode& child : node.children)
        check(child, bytes);
}

ports::RowSet rows() {
    ports::RowSet set;
    set.rows = 5;
    ports::Column score;
    score.name = "score";
    score.numbers = {0.1, 0.9, std::nan(""), 1e308, -HUGE_VAL};
    ports::Column city;
    city.name = "city";
    city.type = ports::ColumnType::Text;
    city.dictionary = {"a", "b"};
    city.codes = {0, 1, ports::Column::kMissingCode, 0, 1};
    set.columns = {score, city};
    return set;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    const auto formula = monitoring::parseFormula(text);
    if (!formula) {
        FUZZ_REQUIRE(!formula.error().message.empty());
        return 0;
    }
    FUZZ_REQUIRE(formula->aggregates > 0);
    check(formula->root, size);
    const auto value = monitoring::evaluateFormula(*formula, rows(), {}, 1);
    FUZZ_REQUIRE(std::isnan(value.value.value) || std::isfinite(value.value.value));
    FUZZ_REQUIRE(value.missing <= value.rows);
    return 0;
}
