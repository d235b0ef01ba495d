// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/query_plan.h"

#include <algorithm>
#include <utility>

#include "models/predictions/disagreement.h"
#include "models/predictions/text_coding.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::QueryNode;
using ports::QueryOp;

Result<const TypedBlocks*> BlockView::field(const std::string& name) {
    if (const auto known = m_fields.find(name); known != m_fields.end()) return &known->second;
    if (name == ports::field::outcome || name == ports::field::outcomeTime) {
        PH_ASSIGN(OutcomeBlock joined, m_chosen ? m_reader->outcome(*m_part, m_block, m_knownBefore, *m_chosen)
                                                : m_reader->outcome(*m_part, m_block, m_knownBefore));
        m_fields[std::string(ports::field::outcome)] = {std::move(joined.value)};
        m_fields[std::string(ports::field::outcomeTime)] = {std::move(joined.known)};
        return &m_fields[name];
    }
    PH_ASSIGN(TypedBlocks blocks, m_chosen ? m_reader->rowsOf(*m_part, m_block, name, *m_chosen)
                                           : m_reader->blocks(*m_part, m_block, name));
    return &m_fields.emplace(name, std::move(blocks)).first->second;
}

Result<const ColumnBlock*> BlockView::field(const std::string& name, ColumnType type) {
    PH_ASSIGN(const TypedBlocks* blocks, field(name));
    for (const auto& block : *blocks)
        if (block->type == type) return block.get();
    return nullptr;
}

namespace {

bool usesField(QueryOp op) {
    switch (op) {
        case QueryOp::All:
        case QueryOp::And:
        case QueryOp::Or:
        case QueryOp::Not:
        case QueryOp::Wrong:
        case QueryOp::Confident:
        case QueryOp::Labelled:
        case QueryOp::Disagree:
            return false;
        default:
            return true;
    }
}

bool uses(const QueryNode& node, std::initializer_list<QueryOp> ops) {
    return std::ranges::find(ops, node.op) != ops.end() ||
           std::ranges::any_of(node.children, [&](const QueryNode& child) { return uses(child, ops); });
}

/// Least first: what is decided by an index or by numbers, then texts, joins, and words in every text.
int costOf(const QueryNode& node) {
    switch (node.op) {
        case QueryOp::Equals:
            return node.field == ports::field::requestId ? 0 : 2;
        case QueryOp::Exists:
        case QueryOp::Missing:
            return 1;
        case QueryOp::Wildcard:
            return 4;
        case QueryOp::Wrong:
        case QueryOp::Confident:
        case QueryOp::Labelled:
            return 3;
        case QueryOp::Outside:
        case QueryOp::Unseen:
            return 4;
        case QueryOp::Regex:
        case QueryOp::Disagree:
            return 5;
        case QueryOp::Contains:
            return 6;
        default:
            return 2;
    }
}

/// The characters of a wildcard that stand for themselves; use(run) for each run of them.
template <class Use>
std::string literals(std::string_view pattern, Use&& use) {
    std::string out;
    std::size_t start = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '*' || pattern[i] == '?') {
            use(std::string_view(out).substr(std::exchange(start, out.size())));
            continue;
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        out += pattern[i];
    }
    use(std::string_view(out).substr(start));
    return out;
}

/// What a text must have for the node to match it: see WordFilter and charactersOf().
void needOf(QueryPlan::Node& node) {
    switch (node.query.op) {
        case QueryOp::Contains:
            node.characters = charactersOf(node.folded);
            appendWordHashes(node.folded, node.words);
            break;
        case QueryOp::Equals:
            node.characters = charactersOf(foldCase(node.query.text));
            appendWordHashes(node.query.text, node.words);
            node.value = valueHash(node.query.text);
            break;
        case QueryOp::Wildcard:
            node.characters = charactersOf(
                literals(node.query.text, [&](std::string_view run) { appendTrigrams(run, node.trigrams); }));
            node.substring = soughtSubstring(node.query.text);
            break;
        default:
            break;
    }
}

bool bareDate(std::string_view text) { return text.size() == 10; }

std::optional<TimeRange> instantOf(const QueryNode& node, std::optional<Timestamp> now) {
    if (const auto offset = relativeTime(node.text)) {
        std::int64_t ns = 0;
        if (!now || __builtin_add_overflow(now->ns, offset->count(), &ns) || ns == kTimestampMin.ns) return {};
        return TimeRange{{ns}, {ns + (ns < kTimestampMax.ns ? 1 : 0)}};
    }
    const auto t = Timestamp::parseIso(node.text);
    if (!t) return {};
    // Equality with a date means that day in UTC; an order compares with its first instant.
    constexpr Duration kDay = std::chrono::hours(24);
    return TimeRange{*t, node.op == QueryOp::Equals && bareDate(node.text) ? *t + kDay : Timestamp{t->ns + 1}};
}

Error atPosition(const std::string& what, std::size_t position) {
    return Error::invalid(what + " (byte " + std::to_string(position) + " of the query)");
}

bool comparesNumber(QueryOp op) {
    return op == QueryOp::Equals || op == QueryOp::Less || op == QueryOp::LessEqual || op == QueryOp::Greater ||
           op == QueryOp::GreaterEqual || op == QueryOp::Near;
}

/// What the field's type cannot be compared with. A field of several types takes every operand.
Status checkOperand(const LogField& field, const QueryPlan::Node& node) {
    const QueryNode& q = node.query;
    const std::string subject = "\"" + field.info.name + "\"";
    const unsigned only = field.types == 0 ? 1u << static_cast<unsigned>(field.info.type) : field.types;
    const bool number = only == 1u << static_cast<unsigned>(ColumnType::Number);
    const bool text = only == 1u << static_cast<unsigned>(ColumnType::Text);
    const bool time = only == 1u << static_cast<unsigned>(ColumnType::Time);
    if (number && comparesNumber(q.op) && std::isnan(q.number))
        return fail(
            atPosition(subject + " holds numbers, and \"" + q.text.substr(0, 100) + "\" is not one", q.position));
    if (time && q.op != QueryOp::Near && comparesNumber(q.op) && !node.instant)
        return fail(atPosition(
            subject + " holds times, and \"" + q.text.substr(0, 100) +
                (relativeTime(q.text) ? "\" counts from a clock that is not there; an absolute time is needed"
                                      : "\" is not one such as 2013-04-01T12:00:00Z, 2013-04-01 or now-2h"),
            q.position));
    if (q.op == QueryOp::Near && (text || time))
        return fail(atPosition(subject + " does not hold numbers; ± needs them", q.position));
    if (q.op == QueryOp::Contains && (number || time))
        return fail(atPosition(subject + " does not hold texts; for a number write " + field.info.name + "~0.5±0.05",
                               q.position));
    if (q.op == QueryOp::Outside && (text || time))
        return fail(atPosition(
            subject + " does not hold numbers, so it has no training range; for texts write unseen:" + field.info.name,
            q.position));
    if (q.op == QueryOp::Unseen && (number || time))
        return fail(
            atPosition(subject + " does not hold texts; for numbers write outside:" + field.info.name, q.position));
    return {};
}

}  // namespace

Status checkField(const LogReader& reader, const std::string& name, std::optional<std::size_t> position) {
    if (reader.parts().empty() || reader.field(name) || reservedType(name)) return {};
    std::vector<std::string> names;
    for (const LogField& f : reader.fields())
        names.push_back(f.info.name);
    const std::string near = nearestNames(name, names);
    const std::string what =
        "no field \"" + name.substr(0, 100) + "\"" + (near.empty() ? "" : "; the nearest: " + near);
    return fail(position ? atPosition(what, *position) : Error::invalid(what));
}

Result<QueryPlan::Node> QueryPlan::compileNode(const QueryNode& source, std::optional<Timestamp> now,
                                               LogReader& reader) {
    Node node;
    node.query = source;
    node.query.children.clear();
    node.cost = costOf(source);
    for (const QueryNode& child : source.children) {
        PH_ASSIGN(Node compiled, compileNode(child, now, reader));
        node.children.push_back(std::move(compiled));
    }
    for (const Node& child : node.children)
        node.cost = std::max(node.cost, child.cost);
    if (source.op == QueryOp::Not && node.children.size() != 1)
        return fail(Error::internal("a query's NOT without its one child"));
    std::ranges::stable_sort(node.children, {}, &Node::cost);
    if (source.op == QueryOp::Contains) node.folded = foldCase(source.text);
    needOf(node);
    if (source.op == QueryOp::Regex) {
        auto regex = makeRegex(source.text);
        if (!regex) return fail(atPosition(regex.error().message, source.position));
        node.regex = std::move(*regex);
    }
    if (!usesField(source.op)) return node;
    const bool everywhere = source.field.empty() && (source.op == QueryOp::Contains || source.op == QueryOp::Wildcard ||
                                                     source.op == QueryOp::Regex);
    if (everywhere) return node;
    PH_TRY(checkField(reader, source.field, source.position));
    node.instant = instantOf(source, now);
    if (const LogField* field = reader.field(source.field)) PH_TRY(checkOperand(*field, node));
    return node;
}

Result<QueryPlan> QueryPlan::compile(const ports::Query& query, LogReader& reader, const CancellationToken& token) {
    QueryPlan plan;
    PH_ASSIGN(plan.m_root, compileNode(query.root, query.now, reader));
    const bool profiles = uses(query.root, {QueryOp::Outside, QueryOp::Unseen});
    const bool versus = uses(query.root, {QueryOp::Disagree});
    if (profiles || versus || uses(query.root, {QueryOp::Wrong, QueryOp::Confident}))
        PH_TRY(plan.loadVersions(reader, profiles));
    if (versus) PH_TRY(plan.findDisagreements(plan.m_root, reader, token));
    return plan;
}

Status QueryPlan::findDisagreements(Node& node, LogReader& reader, const CancellationToken& token) const {
    for (Node& child : node.children)
        PH_TRY(findDisagreements(child, reader, token));
    if (node.query.op != QueryOp::Disagree) return {};
    const auto threshold = [this](const std::string& model, const std::string& version) {
        const auto place = m_versions->find({model, version});
        return place == m_versions->end() ? Version{}.threshold : place->second.threshold;
    };
    PH_ASSIGN(node.disagreement, Disagreement::find(reader, node.query.text, node.query.other, threshold, token));
    return {};
}

Status QueryPlan::loadVersions(LogReader& reader, bool profiles) {
    auto versions = std::make_shared<Versions>();
    PH_ASSIGN(auto rows,
              reader.database().prepare("SELECT m.name, v.version, v.threshold, v.profile FROM model_version v "
                                        "JOIN model m ON m.id = v.model"));
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        Version version;
        version.threshold = rows.real(2);
        const std::string digest = rows.text(3);
        if (profiles && !digest.empty()) {
            PH_ASSIGN(version.profile, reader.state().profile(reader.database().path(), digest));
        }
        versions->emplace(std::pair(rows.text(0), rows.text(1)), std::move(version));
    }
    m_versions = std::move(versions);
    return {};
}

}  // namespace pilothouse::predictions
