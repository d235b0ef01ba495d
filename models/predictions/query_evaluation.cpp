// SPDX-License-Identifier: GPL-3.0-or-later
// QueryPlan over one block of rows.
#include <algorithm>
#include <cmath>

#include "models/predictions/disagreement.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::QueryNode;
using ports::QueryOp;
using Node = QueryPlan::Node;
using Outlook = QueryPlan::Outlook;

namespace {

template <class Matches>
void orRows(Mask& mask, Matches&& matches) {
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] |= static_cast<std::uint8_t>(matches(i));
}

void orNumbers(const Node& node, const std::vector<double>& v, Mask& mask) {
    const QueryNode& q = node.query;
    const double x = q.number;
    switch (q.op) {
        case QueryOp::Equals:
            return unite(mask, v, Comparison::Equal, x);
        case QueryOp::Less:
            return unite(mask, v, Comparison::Less, x);
        case QueryOp::LessEqual:
            return unite(mask, v, Comparison::LessEqual, x);
        case QueryOp::Greater:
            return unite(mask, v, Comparison::Greater, x);
        case QueryOp::GreaterEqual:
            return unite(mask, v, Comparison::GreaterEqual, x);
        case QueryOp::Near:
            return uniteWithin(mask, v, x - q.tolerance, x + q.tolerance);
        case QueryOp::Exists:
            orRows(mask, [&](std::size_t i) { return v[i] == v[i]; });
            break;
        case QueryOp::Wildcard:
            orRows(mask, [&](std::size_t i) { return !std::isnan(v[i]) && matchesWildcard(q.text, numberText(v[i])); });
            break;
        case QueryOp::Regex:
            orRows(mask,
                   [&](std::size_t i) { return !std::isnan(v[i]) && matchesRegex(*node.regex, numberText(v[i])); });
            break;
        default:
            break;
    }
}

void orTimes(const Node& node, const std::vector<std::int64_t>& v, Mask& mask) {
    constexpr std::int64_t kNone = kTimestampMin.ns;
    const std::int64_t from = node.instant ? node.instant->start.ns : 0, to = node.instant ? node.instant->end.ns : 0;
    switch (node.query.op) {
        case QueryOp::Exists:
            orRows(mask, [&](std::size_t i) { return v[i] != kNone; });
            return;
        case QueryOp::Wildcard:
            orRows(mask, [&](std::size_t i) {
                return v[i] != kNone && matchesWildcard(node.query.text, Timestamp{v[i]}.toIso());
            });
            return;
        case QueryOp::Regex:
            orRows(mask,
                   [&](std::size_t i) { return v[i] != kNone && matchesRegex(*node.regex, Timestamp{v[i]}.toIso()); });
            return;
        default:
            break;
    }
    if (!node.instant) return;
    switch (node.query.op) {
        case QueryOp::Equals:
            orRows(mask, [&](std::size_t i) { return v[i] >= from && v[i] < to; });
            break;
        case QueryOp::Less:
            orRows(mask, [&](std::size_t i) { return v[i] != kNone && v[i] < from; });
            break;
        case QueryOp::LessEqual:
            orRows(mask, [&](std::size_t i) { return v[i] != kNone && v[i] <= from; });
            break;
        case QueryOp::Greater:
            orRows(mask, [&](std::size_t i) { return v[i] > from; });
            break;
        case QueryOp::GreaterEqual:
            orRows(mask, [&](std::size_t i) { return v[i] != kNone && v[i] >= from; });
            break;
        default:
            break;
    }
}

bool textMatches(const Node& node, std::string_view text) {
    const QueryNode& q = node.query;
    switch (q.op) {
        case QueryOp::Equals:
            return text == q.text;
        case QueryOp::Less:
            return text < q.text;
        case QueryOp::LessEqual:
            return text <= q.text;
        case QueryOp::Greater:
            return text > q.text;
        case QueryOp::GreaterEqual:
            return text >= q.text;
        case QueryOp::Wildcard:
            return matchesWildcard(q.text, text);
        case QueryOp::Regex:
            return matchesRegex(*node.regex, text);
        case QueryOp::Contains:
            return containsWords(text, node.folded);
        default:
            return false;
    }
}

/// Asks once a distinct text, not once a row.
template <class Matches>
void orTexts(const ColumnBlock& block, Mask& mask, Matches&& matches) {
    std::vector<std::uint8_t> hit(block.pool.size());
    for (std::size_t code = 0; code < hit.size(); ++code)
        hit[code] = static_cast<std::uint8_t>(matches(block.pool.at(code)));
    uniteHits(mask, block.codes, hit);
}

void orBlock(const Node& node, const ColumnBlock& block, Mask& mask) {
    switch (block.type) {
        case ColumnType::Number:
            orNumbers(node, block.numbers, mask);
            break;
        case ColumnType::Time:
            orTimes(node, block.times, mask);
            break;
        case ColumnType::Text:
            if (!node.substring.empty()) {
                std::vector<std::uint8_t> hit(block.pool.size());
                markSubstring(block.pool, node.substring, hit);
                uniteHits(mask, block.codes, hit);
            } else if (node.query.op == QueryOp::Contains) {
                std::vector<std::uint8_t> hit(block.pool.size());
                markWords(block.pool, node.folded, hit);
                uniteHits(mask, block.codes, hit);
            } else if (node.query.op == QueryOp::Exists) {
                orRows(mask, [&](std::size_t i) { return block.codes[i] != ports::Column::kMissingCode; });
            } else {
                orTexts(block, mask, [&](std::string_view text) { return textMatches(node, text); });
            }
            break;
    }
}

bool isJoined(const std::string& field) { return field == ports::field::outcome || field == ports::field::outcomeTime; }

}  // namespace

Status QueryPlan::select(BlockView& view, Mask& mask) const {
    mask.assign(view.rows(), 0);
    return evaluate(m_root, view, mask);
}

// Contract of the functions below: the mask comes all zero and of the block's length.

Status QueryPlan::evaluate(const Node& node, BlockView& view, Mask& mask) const {
    switch (node.query.op) {
        case QueryOp::All:
            std::ranges::fill(mask, 1);
            return {};
        case QueryOp::And: {
            if (node.children.empty()) std::ranges::fill(mask, 1);
            Mask part;
            for (const Node& child : node.children) {
                if (&child == &node.children.front()) {
                    PH_TRY(evaluate(child, view, mask));
                    if (!anySelected(mask)) return {};
                    continue;
                }
                part.assign(mask.size(), 0);
                PH_TRY(evaluate(child, view, part));
                intersect(mask, part);
                if (!anySelected(mask)) return {};
            }
            return {};
        }
        case QueryOp::Or: {
            Mask part;
            for (const Node& child : node.children) {
                part.assign(mask.size(), 0);
                PH_TRY(evaluate(child, view, part));
                unite(mask, part);
            }
            return {};
        }
        case QueryOp::Not:
            PH_TRY(evaluate(node.children.front(), view, mask));
            invert(mask);
            return {};
        case QueryOp::Missing: {
            Node exists = node;
            exists.query.op = QueryOp::Exists;
            PH_TRY(leaf(exists, view, mask));
            invert(mask);
            return {};
        }
        case QueryOp::Labelled: {
            PH_ASSIGN(const ColumnBlock* outcome, view.field(std::string(ports::field::outcome), ColumnType::Number));
            if (outcome) orRows(mask, [&](std::size_t i) { return !std::isnan(outcome->numbers[i]); });
            return {};
        }
        case QueryOp::Wrong:
        case QueryOp::Confident:
            return judged(node, view, mask);
        case QueryOp::Outside:
        case QueryOp::Unseen:
            return againstProfile(node, view, mask);
        case QueryOp::Disagree:
            return node.disagreement->select(view, mask);
        default:
            break;
    }
    if (node.query.field.empty()) return containsAnywhere(node, view, mask);
    if (node.query.op == QueryOp::Equals && node.query.field == ports::field::requestId && view.part().segment)
        return requestIdLeaf(node, view, mask);
    return leaf(node, view, mask);
}

Status QueryPlan::leaf(const Node& node, BlockView& view, Mask& mask) const {
    const std::string& name = node.query.field;
    if (isJoined(name)) {
        PH_ASSIGN(const TypedBlocks* blocks, view.field(name));
        for (const auto& block : *blocks)
            orBlock(node, *block, mask);
        return {};
    }
    PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
    const auto [first, last] = directory->range(name);
    for (std::size_t c = first; c < last; ++c) {
        const ColumnHeader& header = directory->columns[c].header;
        switch (foreseeColumn(node, header.blocks[view.block()], view.rows(), header.type)) {
            case Outlook::None:
                continue;
            case Outlook::Every:
                std::ranges::fill(mask, 1);
                return {};
            case Outlook::Open:
                break;
        }
        PH_ASSIGN(const ColumnBlock* block, view.field(name, header.type));
        orBlock(node, *block, mask);
    }
    return {};
}

Status QueryPlan::requestIdLeaf(const Node& node, BlockView& view, Mask& mask) const {
    PH_ASSIGN(const auto ids, view.reader().ids(view.part()));
    std::vector<std::size_t> rows;
    const std::size_t from = view.block() * kBlockRows, to = from + view.rows();
    ids->find(requestHash(node.query.text), [&](std::uint32_t row) {
        if (row >= from && row < to) rows.push_back(row - from);
    });
    if (rows.empty()) return {};
    PH_ASSIGN(const ColumnBlock* block, view.field(node.query.field, ColumnType::Text));
    if (!block) return {};
    for (const std::size_t row : rows)
        mask[row] = static_cast<std::uint8_t>(!block->missing(row) && block->text(row) == node.query.text);
    return {};
}

Status QueryPlan::containsAnywhere(const Node& node, BlockView& view, Mask& mask) const {
    PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
    for (const PartColumn& column : directory->columns) {
        if (column.header.type != ColumnType::Text) continue;
        PH_ASSIGN(const auto outlook, foreseeTexts(node, view.reader(), view.part(), column, view.block()));
        if (outlook == Outlook::None) continue;
        PH_ASSIGN(const ColumnBlock* block, view.field(column.name, ColumnType::Text));
        orBlock(node, *block, mask);
    }
    return {};
}

Result<std::vector<const QueryPlan::Version*>> QueryPlan::versionsOf(BlockView& view) const {
    std::vector<const Version*> result(view.rows(), nullptr);
    PH_ASSIGN(const ColumnBlock* models, view.field(std::string(ports::field::model), ColumnType::Text));
    PH_ASSIGN(const ColumnBlock* versions, view.field(std::string(ports::field::version), ColumnType::Text));
    if (!models || !versions) return result;
    std::pair<std::uint32_t, std::uint32_t> last{ports::Column::kMissingCode, ports::Column::kMissingCode};
    const Version* lastVersion = nullptr;
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (models->missing(i) || versions->missing(i)) continue;
        const std::pair codes(models->codes[i], versions->codes[i]);
        if (codes != last) {  // rows of a version come in long runs
            const auto place = m_versions->find({std::string(models->text(i)), std::string(versions->text(i))});
            last = codes;
            lastVersion = place == m_versions->end() ? nullptr : &place->second;
        }
        result[i] = lastVersion;
    }
    return result;
}

Status QueryPlan::judged(const Node& node, BlockView& view, Mask& mask) const {
    constexpr double kConfidentDistance = 0.4;
    PH_ASSIGN(const ColumnBlock* score, view.field(std::string(ports::field::score), ColumnType::Number));
    if (!score) return {};
    PH_ASSIGN(const auto versions, versionsOf(view));
    const auto threshold = [&](std::size_t i) { return versions[i] ? versions[i]->threshold : 0.5; };
    if (node.query.op == QueryOp::Confident) {
        orRows(mask, [&](std::size_t i) { return std::abs(score->numbers[i] - threshold(i)) >= kConfidentDistance; });
        return {};
    }
    PH_ASSIGN(const ColumnBlock* outcome, view.field(std::string(ports::field::outcome), ColumnType::Number));
    if (!outcome) return {};
    orRows(mask, [&](std::size_t i) {
        const double s = score->numbers[i], o = outcome->numbers[i];
        return !std::isnan(s) && !std::isnan(o) && (s >= threshold(i)) != (o > 0.5);
    });
    return {};
}

Status QueryPlan::againstProfile(const Node& node, BlockView& view, Mask& mask) const {
    const bool outside = node.query.op == QueryOp::Outside;
    PH_ASSIGN(const ColumnBlock* block, view.field(node.query.field, outside ? ColumnType::Number : ColumnType::Text));
    if (!block) return {};
    PH_ASSIGN(const auto versions, versionsOf(view));
    const Version* last = nullptr;
    const statistics::ColumnProfile* profile = nullptr;
    std::vector<std::int8_t> unseen;  // by code: -1 not asked yet
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!versions[i] || block->missing(i)) continue;
        if (versions[i] != last) {
            last = versions[i];
            profile = last->profile ? last->profile->find(node.query.field) : nullptr;
            unseen.assign(block->pool.size(), -1);
        }
        if (!profile) continue;
        if (outside) {
            const bool numeric = profile->kind == statistics::ColumnKind::Numeric && profile->n > profile->missing;
            mask[i] = static_cast<std::uint8_t>(numeric &&
                                                (block->numbers[i] < profile->min || block->numbers[i] > profile->max));
        } else if (profile->kind == statistics::ColumnKind::Categorical) {
            std::int8_t& known = unseen[block->codes[i]];
            if (known < 0) {
                const std::string_view text = block->text(i);
                known = static_cast<std::int8_t>(std::ranges::find(profile->categories, text) ==
                                                     profile->categories.end() &&
                                                 std::ranges::find(profile->rest, text) == profile->rest.end());
            }
            mask[i] = static_cast<std::uint8_t>(known);
        }
    }
    return {};
}

}  // namespace pilothouse::predictions
