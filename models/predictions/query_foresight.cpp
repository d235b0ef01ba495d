// SPDX-License-Identifier: GPL-3.0-or-later
// QueryPlan before a block is read: bounds, the index over ids, filters over words.
#include <cmath>

#include "models/predictions/query_plan.h"
#include "models/predictions/text_coding.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::QueryNode;
using ports::QueryOp;
using Node = QueryPlan::Node;
using Outlook = QueryPlan::Outlook;

namespace {

/// An order or an equality between closed bounds and the operand; `every` needs no row to be missing.
template <class T>
Outlook foreseen(QueryOp op, T low, T high, T from, T to, bool noneMissing) {
    bool none = false, every = false;
    switch (op) {
        case QueryOp::Equals:
        case QueryOp::Near:
            none = high < from || low > to;
            every = low >= from && high <= to;
            break;
        case QueryOp::Less:
            none = low >= from, every = high < from;
            break;
        case QueryOp::LessEqual:
            none = low > from, every = high <= from;
            break;
        case QueryOp::Greater:
            none = high <= from, every = low > from;
            break;
        case QueryOp::GreaterEqual:
            none = high < from, every = low >= from;
            break;
        default:
            break;
    }
    return none ? Outlook::None : every && noneMissing ? Outlook::Every : Outlook::Open;
}

Outlook inverted(Outlook outlook) {
    return outlook == Outlook::None ? Outlook::Every : outlook == Outlook::Every ? Outlook::None : Outlook::Open;
}

bool joined(const std::string& field) { return field == ports::field::outcome || field == ports::field::outcomeTime; }

/// A bare word is sought in the texts alone.
bool seeksTexts(const Node& node) {
    const QueryOp op = node.query.op;
    return node.query.field.empty() && (op == QueryOp::Contains || op == QueryOp::Wildcard || op == QueryOp::Regex);
}

}  // namespace

QueryPlan::Outlook QueryPlan::foreseeColumn(const Node& node, const BlockInfo& info, std::size_t rows,
                                            ColumnType type) {
    const QueryNode& q = node.query;
    const bool noneMissing = info.missing == 0;
    if (info.missing == rows) return Outlook::None;
    if (q.op == QueryOp::Exists) return noneMissing ? Outlook::Every : Outlook::Open;
    if (type == ColumnType::Number) {
        if (q.op == QueryOp::Wildcard || q.op == QueryOp::Regex) return Outlook::Open;
        if (std::isnan(q.number) || q.op == QueryOp::Contains) return Outlook::None;
        const double slack = q.op == QueryOp::Near ? q.tolerance : 0;
        return foreseen(q.op, info.lowNumber(), info.highNumber(), q.number - slack, q.number + slack, noneMissing);
    }
    if (type == ColumnType::Time) {
        if (q.op == QueryOp::Wildcard || q.op == QueryOp::Regex) return Outlook::Open;
        if (!node.instant || q.op == QueryOp::Contains || q.op == QueryOp::Near) return Outlook::None;
        return foreseen(q.op, info.lowTime(), info.highTime(), node.instant->start.ns, node.instant->end.ns - 1,
                        noneMissing);
    }
    if (q.op == QueryOp::Near || !mayHoldCharacters(info.low, node.characters)) return Outlook::None;
    return Outlook::Open;
}

Result<Outlook> QueryPlan::foresee(LogReader& reader, const Part& part, std::optional<std::size_t> block) const {
    return foreseeNode(m_root, reader, part, block);
}

Result<Outlook> QueryPlan::foreseeNode(const Node& node, LogReader& reader, const Part& part,
                                       std::optional<std::size_t> block) {
    switch (node.query.op) {
        case QueryOp::All:
            return Outlook::Every;
        case QueryOp::And:
        case QueryOp::Or: {
            // And: one child that matches nothing decides; Or: one that matches everything.
            const Outlook deciding = node.query.op == QueryOp::And ? Outlook::None : Outlook::Every;
            Outlook all = inverted(deciding);
            for (const Node& child : node.children) {
                PH_ASSIGN(const Outlook one, foreseeNode(child, reader, part, block));
                if (one == deciding) return one;
                if (one == Outlook::Open) all = one;
            }
            return all;
        }
        case QueryOp::Not: {
            PH_ASSIGN(const Outlook child, foreseeNode(node.children.front(), reader, part, block));
            return inverted(child);
        }
        case QueryOp::Equals:
            if (node.query.field == ports::field::requestId && part.segment) {
                PH_ASSIGN(const auto ids, reader.ids(part));
                if (!block) return ids->mayHold(node.value) ? Outlook::Open : Outlook::None;
                bool any = false;
                ids->find(node.value, [&](std::uint32_t row) { any |= row / kBlockRows == *block; });
                return any ? Outlook::Open : Outlook::None;
            }
            break;
        case QueryOp::Wrong:
        case QueryOp::Confident:
        case QueryOp::Labelled:
        case QueryOp::Outside:
        case QueryOp::Unseen:
        case QueryOp::Disagree:
            return Outlook::Open;
        default:
            break;
    }
    if (!block || joined(node.query.field)) return Outlook::Open;
    if (node.query.op != QueryOp::Missing) return foreseeLeaf(node, reader, part, *block);
    Node exists = node;
    exists.query.op = QueryOp::Exists;
    PH_ASSIGN(const Outlook there, foreseeLeaf(exists, reader, part, *block));
    return inverted(there);
}

Result<Outlook> QueryPlan::foreseeTexts(const Node& node, LogReader& reader, const Part& part, const PartColumn& column,
                                        std::size_t block) {
    const Outlook outlook = foreseeColumn(node, column.header.blocks[block], part.rowsOf(block), column.header.type);
    if (outlook != Outlook::Open || column.header.type != ColumnType::Text) return outlook;
    if (node.words.empty() && node.value == 0 && node.trigrams.empty()) return outlook;
    PH_ASSIGN(const auto filter, reader.words(part, column));
    return filter && !filter->mayHold(block, node.words, node.value, node.trigrams) ? Outlook::None : outlook;
}

Result<Outlook> QueryPlan::foreseeLeaf(const Node& node, LogReader& reader, const Part& part, std::size_t block) {
    PH_ASSIGN(const auto directory, reader.directory(part));
    const bool texts = seeksTexts(node);
    const auto [first, last] =
        texts ? std::pair<std::size_t, std::size_t>(0, directory->columns.size()) : directory->range(node.query.field);
    Outlook outlook = Outlook::None;
    for (std::size_t c = first; c < last; ++c) {
        const PartColumn& column = directory->columns[c];
        if (texts && column.header.type != ColumnType::Text) continue;
        PH_ASSIGN(const Outlook one, foreseeTexts(node, reader, part, column, block));
        if (one == Outlook::Every) return one;
        if (one == Outlook::Open) outlook = one;
    }
    return outlook;
}

}  // namespace pilothouse::predictions
