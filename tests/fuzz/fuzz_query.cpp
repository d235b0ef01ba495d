// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "models/predictions/query_parser.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

namespace {

void check(const ports::QueryNode& node, std::size_t bytes) {
    FUZZ_REQUIRE(node.position <= bytes);
    if (node.op == ports::QueryOp::Not) FUZZ_REQUIRE(node.children.size() == 1);
    if (node.op == ports::QueryOp::And || node.op == ports::QueryOp::Or) FUZZ_REQUIRE(!node.children.empty());
    for (const ports::QueryNode& child : node.children)
        check(child, bytes);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    const auto query = predictions::parseQuery(text);
    if (query) {
        check(query->root, size);
        FUZZ_REQUIRE(query->text == text);
        const ports::Query both = predictions::conjunction(*query, *query);
        check(both.root, both.text.size());
        // Its text is a query, too, unless it grew past the bound.
        if (both.text.size() < 32 * 1024 && size < 1'000) FUZZ_REQUIRE(predictions::parseQuery(both.text).has_value());
    } else {
        FUZZ_REQUIRE(!query.error().message.empty());
    }
    // Any value can be asked for.
    if (size > 0 && size < 1'000) {
        const auto equals = predictions::parseQuery(predictions::equalsClause("field", text));
        FUZZ_REQUIRE(equals.has_value());
        FUZZ_REQUIRE(equals->root.op == ports::QueryOp::Equals);
        FUZZ_REQUIRE(equals->root.field == "field");
        FUZZ_REQUIRE(equals->root.text == text);
    }
    return 0;
}
