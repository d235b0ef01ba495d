// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/query_description.h"

#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

using ports::QueryNode;
using ports::QueryOp;

namespace {

std::string lineOf(const QueryNode& node) {
    const auto compared = [&](const char* sign) { return node.field + " " + sign + " " + node.text; };
    const std::string where = node.field.empty() ? "any text" : node.field;
    switch (node.op) {
        case QueryOp::All:
            return "every row";
        case QueryOp::And:
            return "and";
        case QueryOp::Or:
            return "or";
        case QueryOp::Not:
            return "not";
        case QueryOp::Equals:
            return compared("=");
        case QueryOp::Less:
            return compared("<");
        case QueryOp::LessEqual:
            return compared("<=");
        case QueryOp::Greater:
            return compared(">");
        case QueryOp::GreaterEqual:
            return compared(">=");
        case QueryOp::Wildcard:
            return where + " like " + node.text;
        case QueryOp::Regex:
            return where + " matches /" + node.text + "/";
        case QueryOp::Contains:
            return where + " has the words \"" + node.text + "\"";
        case QueryOp::Near:
            return node.field + " within " + numberText(node.tolerance) + " of " + node.text;
        case QueryOp::Exists:
            return node.field + " has a value";
        case QueryOp::Missing:
            return node.field + " has no value";
        case QueryOp::Wrong:
            return "predicted class is not the outcome";
        case QueryOp::Confident:
            return "score at least 0.4 from the threshold";
        case QueryOp::Labelled:
            return "outcome is known";
        case QueryOp::Outside:
            return node.field + " beyond its version's training range";
        case QueryOp::Unseen:
            return node.field + " not among its version's training categories";
        case QueryOp::Disagree:
            return "versions " + node.text + " and " + node.other + " classed the request differently";
    }
    return {};
}

void add(const QueryNode& node, std::size_t level, std::vector<std::string>& lines) {
    lines.push_back(std::string(2 * level, ' ') + lineOf(node));
    for (const QueryNode& child : node.children)
        add(child, level + 1, lines);
}

}  // namespace

std::vector<std::string> describe(const ports::Query& query) {
    std::vector<std::string> lines;
    add(query.root, 0, lines);
    return lines;
}

}  // namespace pilothouse::predictions
