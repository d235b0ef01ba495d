// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_differences.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/items/join.h"
#include "models/predictions/query_parser.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::items {

namespace {

using ports::ColumnType;

constexpr std::size_t kSample = 4'000, kCategories = 40, kListed = 60;
/// An interval of fewer rows promises more than it holds: one row is different from all others in its rarest value.
constexpr std::uint64_t kLeast = 5;

void namesIn(const ports::QueryNode& node, std::set<std::string>& names) {
    if (!node.field.empty()) names.insert(node.field);
    if (node.op == ports::QueryOp::Labelled || node.op == ports::QueryOp::Wrong)
        names.insert(std::string(ports::field::outcome));
    for (const ports::QueryNode& child : node.children)
        namesIn(child, names);
}

/// Distinct quintiles of both samples together.
std::vector<double> quintiles(const ports::Column* a, const ports::Column* b) {
    std::vector<double> values;
    for (const ports::Column* column : {a, b})
        if (column && column->type == ColumnType::Number)
            for (const double v : column->numbers)
                if (std::isfinite(v)) values.push_back(v);
    std::vector<double> edges;
    if (values.empty()) return edges;
    std::ranges::sort(values);
    for (std::size_t i = 1; i < 5; ++i) {
        const double edge = values[i * (values.size() - 1) / 5];
        if (edge > values.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
    }
    // One value only: that it is there may be what differs.
    if (edges.empty()) edges.push_back(values.front());
    return edges;
}

std::vector<std::string> frequent(const ports::Column* a, const ports::Column* b) {
    std::vector<std::string> result;
    // As many from either side: what is common here may be rare there.
    for (const ports::Column* column : {a, b}) {
        if (!column || column->type != ColumnType::Text) continue;
        std::vector<std::pair<std::size_t, std::size_t>> counts(column->dictionary.size());
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i].second = i;
        for (std::size_t row = 0; row < column->codes.size(); ++row)
            if (!column->missing(row)) ++counts[column->codes[row]].first;
        std::ranges::sort(counts, std::ranges::greater{}, &std::pair<std::size_t, std::size_t>::first);
        if (counts.size() > kCategories) counts.resize(kCategories);
        for (const auto& [n, code] : counts)
            if (n > 0 && std::ranges::find(result, column->dictionary[code]) == result.end())
                result.push_back(column->dictionary[code]);
    }
    return result;
}

std::string spanText(const std::vector<double>& edges, std::size_t bin) {
    using predictions::numberText;
    if (bin == 0) return "below " + numberText(edges.front());
    if (bin == edges.size()) return "from " + numberText(edges.back());
    return numberText(edges[bin - 1]) + " to " + numberText(edges[bin]);
}

std::string spanClause(const std::string& name, const std::vector<double>& edges, std::size_t bin) {
    using predictions::numberText;
    // The field is written as in any other clause.
    std::string field = predictions::equalsClause(name, "x");
    field.resize(field.size() - 2);
    if (bin == 0) return field + "<" + numberText(edges.front());
    if (bin == edges.size()) return field + ">=" + numberText(edges.back());
    return field + ":[" + numberText(edges[bin - 1]) + " TO " + numberText(edges[bin]) + "}";
}

}  // namespace

PredictionDifferences::PredictionDifferences(std::shared_ptr<ports::PredictionLog> log, QObject* parent)
    : QAbstractListModel(parent), m_log(std::move(log)) {}

std::vector<ports::FieldInfo> PredictionDifferences::comparedFields(const std::vector<ports::FieldInfo>& fields,
                                                                    const ports::Query& query) {
    std::set<std::string> settled;
    namesIn(query.root, settled);
    std::vector<ports::FieldInfo> result;
    for (const ports::FieldInfo& field : fields) {
        const bool wanted = field.feature || field.name == ports::field::version ||
                            field.name == ports::field::status || field.name == ports::field::latencyMs ||
                            field.name == ports::field::score || field.name == ports::field::outcome;
        if (wanted && field.type != ColumnType::Time && !settled.contains(field.name)) result.push_back(field);
    }
    return result;
}

std::vector<ports::FeatureBins> PredictionDifferences::binsOf(const std::vector<ports::FieldInfo>& fields,
                                                              const ports::RowSet& some, const ports::RowSet& all) {
    std::vector<ports::FeatureBins> bins;
    for (const ports::FieldInfo& field : fields) {
        ports::FeatureBins b{field.name, {}, {}};
        if (field.name == ports::field::outcome) {
            b.categories = {"0", "1"};
        } else if (field.type == ColumnType::Text) {
            b.categories = frequent(some.find(field.name), all.find(field.name));
        } else {
            b.edges = quintiles(some.find(field.name), all.find(field.name));
        }
        if (!b.categories.empty() || !b.edges.empty()) bins.push_back(std::move(b));
    }
    return bins;
}

void PredictionDifferences::clear() {
    m_latest.cancel();
    beginResetModel();
    m_differences.clear();
    m_rows = m_restRows = 0;
    m_comparisons = 0;
    endResetModel();
}

void PredictionDifferences::ask(Question question) {
    m_question = std::move(question);
    m_question.fields = comparedFields(m_question.fields, m_question.query);
    if (m_question.fields.empty()) {
        clear();
        return Q_EMIT ready();
    }
    ports::SearchRequest some;
    some.limit = kSample;
    for (const ports::FieldInfo& field : m_question.fields)
        some.columns.push_back(field.name);
    ports::SearchRequest all = some;
    some.query = m_question.query;
    some.range = m_question.range;
    all.query = m_question.all;
    all.range = m_question.allRange;
    m_latest.start(
        this,
        [&](const CancellationToken& token) {
            Join<Samples> join;
            join.need(m_log->search(some, token), [](Samples& s, ports::SearchPage p) { s.some = std::move(p.rows); });
            join.need(m_log->search(all, token), [](Samples& s, ports::SearchPage p) { s.all = std::move(p.rows); });
            return join.answer();
        },
        [this](Result<Samples> samples) {
            if (!samples) return Q_EMIT failed(QString::fromStdString(samples.error().text()));
            askCounts(*samples);
        });
}

void PredictionDifferences::askCounts(const Samples& samples) {
    auto bins = binsOf(m_question.fields, samples.some, samples.all);
    m_latest.start(
        this,
        [&](const CancellationToken& token) {
            using Answer = std::vector<ports::FeatureCounts>;
            Join<Counts> join;
            join.need(m_log->featureCounts({m_question.query, m_question.range, bins}, token),
                      [](Counts& c, Answer a) { c.some = std::move(a); });
            join.need(m_log->featureCounts({m_question.all, m_question.allRange, bins}, token),
                      [](Counts& c, Answer a) { c.all = std::move(a); });
            return join.answer();
        },
        [this, bins](Result<Counts> counts) {
            if (!counts) return Q_EMIT failed(QString::fromStdString(counts.error().text()));
            compare(bins, *counts);
        });
}

void PredictionDifferences::compare(const std::vector<ports::FeatureBins>& bins, const Counts& counts) {
    std::vector<PredictionDifference> candidates;
    std::uint64_t rows = 0, rest = 0;
    for (std::size_t f = 0; f < bins.size() && f < counts.some.size() && f < counts.all.size(); ++f) {
        const ports::FeatureCounts &some = counts.some[f], &all = counts.all[f];
        const ports::FeatureBins& b = bins[f];
        // While rows stream in, the second count may be of a later moment.
        const auto less = [&](std::uint64_t whole, std::uint64_t part) {
            return m_question.within ? whole - std::min(whole, part) : whole;
        };
        rows = some.rows;
        rest = less(all.rows, some.rows);
        const auto add = [&](std::string value, std::string clause, std::uint64_t n, std::uint64_t nAll) {
            candidates.push_back({b.field, std::move(value), std::move(clause), n, less(nAll, n), {}});
        };
        const std::size_t named = b.categories.empty() ? some.counts.size() : b.categories.size();
        for (std::size_t i = 0; i < named; ++i) {
            if (b.categories.empty())
                add(spanText(b.edges, i), spanClause(b.field, b.edges, i), some.counts[i], all.counts[i]);
            else
                add(b.categories[i], predictions::equalsClause(b.field, b.categories[i]), some.counts[i],
                    all.counts[i]);
        }
        if (all.missing > 0) {
            std::string field = predictions::equalsClause(b.field, "x");
            field.resize(field.size() - 2);
            add("no value", "missing:" + field, some.missing, all.missing);
        }
    }
    for (PredictionDifference& d : candidates)
        d.contrast = statistics::contrastShares(d.count, rows, d.countRest, rest, candidates.size());
    const std::size_t comparisons = candidates.size();
    std::erase_if(candidates, [&](const PredictionDifference& d) {
        const bool enough = std::min(rows, rest) >= kLeast && std::max(d.count, d.countRest) >= kLeast &&
                            (d.contrast.share < d.contrast.rest || d.count >= kLeast);
        return !d.contrast.clear || !enough;
    });
    const auto strength = [](const PredictionDifference& d) { return std::abs(std::log(d.contrast.safeLift)); };
    std::ranges::stable_sort(candidates, [&](const PredictionDifference& a, const PredictionDifference& b) {
        // What these rows have comes before what they lack.
        const bool more = a.contrast.safeLift > 1;
        return more != (b.contrast.safeLift > 1) ? more : strength(a) > strength(b);
    });
    if (candidates.size() > kListed) candidates.resize(kListed);
    beginResetModel();
    m_differences = std::move(candidates);
    m_rows = rows;
    m_restRows = rest;
    m_comparisons = comparisons;
    endResetModel();
    Q_EMIT ready();
}

int PredictionDifferences::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_differences.size());
}

QVariant PredictionDifferences::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const PredictionDifference& d = m_differences[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return QString::fromStdString(d.field + " " + d.value);
        case FieldRole:
            return QString::fromStdString(d.field);
        case ValueRole:
            return QString::fromStdString(d.value);
        case ClauseRole:
            return QString::fromStdString(d.clause);
        case ShareRole:
            return d.contrast.share;
        case RestRole:
            return d.contrast.rest;
        case LiftRole:
            return d.contrast.lift;
        case SafeLiftRole:
            return d.contrast.safeLift;
        case LowRole:
            return d.contrast.low;
        case HighRole:
            return d.contrast.high;
        case CountRole:
            return static_cast<qulonglong>(d.count);
        case CountRestRole:
            return static_cast<qulonglong>(d.countRest);
        default:
            return {};
    }
}

}  // namespace pilothouse::items
