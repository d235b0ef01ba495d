// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/dataset.h"

#include <QCryptographicHash>
#include <algorithm>
#include <bit>
#include <cstdio>
#include <numeric>
#include <set>
#include <unordered_map>

#include "models/pipelines/csv_reader.h"
#include "models/predictions/prediction_store.h"

namespace pilothouse::pipelines {

using ports::Column;
using ports::ColumnType;

namespace {

std::vector<std::string> wanted(const PipelineDefinition& definition, bool log) {
    std::set<std::string> names;
    for (const ColumnDeclaration& column : definition.columns)
        names.insert(column.name);
    for (const FeatureUse& feature : definition.features)
        names.insert(feature.name);
    names.insert(definition.label.column);
    if (!definition.timeColumn.empty()) names.insert(definition.timeColumn);
    if (log) names.insert(std::string(ports::field::requestId));
    return {names.begin(), names.end()};
}

Result<std::set<std::string>> loggedFields(workspace::Database& database) {
    PH_ASSIGN(auto statement, database.prepare("SELECT name FROM prediction_field"));
    std::set<std::string> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out.insert(statement.text(0));
    }
}

Result<ports::RowSet> fromLog(StepContext& context, const DataSource& source) {
    predictions::ScanRequest request;
    ports::QueryNode node;
    node.op = ports::QueryOp::Equals;
    node.field = std::string(ports::field::model);
    node.text = context.definition->model;
    node.number = std::numeric_limits<double>::quiet_NaN();
    request.query.root = node;
    request.query.text = "model:" + context.definition->model;
    request.range = source.range;
    request.columns = wanted(*context.definition, true);
    // What is known only afterwards is declared, and need not be in the log; validate names a feature that is not
    // there.
    PH_ASSIGN(const auto known, loggedFields(*context.database));
    std::erase_if(request.columns,
                  [&](const std::string& name) { return !ports::isReservedField(name) && !known.contains(name); });
    request.truthKnownBefore = source.knownBefore;
    return predictions::collect(*context.database, request, context.token);
}

Result<ports::RowSet> fromCsv(StepContext& context, const DataSource& source) {
    CsvOptions options;
    for (const ColumnDeclaration& column : context.definition->columns)
        options.types[column.name] = column.type;
    const std::string& label = context.definition->label.column;
    const std::string& time = context.definition->timeColumn;
    options.types.try_emplace(label, ColumnType::Number);
    if (!time.empty()) options.types[time] = ColumnType::Time;
    PH_ASSIGN(ports::RowSet rows, readCsv(source.file, options, context.token));
    const std::vector<std::string> names = wanted(*context.definition, false);
    std::erase_if(rows.columns,
                  [&](const Column& c) { return !std::binary_search(names.begin(), names.end(), c.name); });
    return rows;
}

template <class T>
void permute(std::vector<T>& values, const std::vector<std::size_t>& order) {
    std::vector<T> out;
    out.reserve(order.size());
    for (const std::size_t i : order)
        out.push_back(values[i]);
    values = std::move(out);
}

/// Keeps the rows of `order`, in that order, and puts the dictionary in alphabetical order without what is not used.
void arrange(Column& column, const std::vector<std::size_t>& order) {
    if (column.type == ColumnType::Number) return permute(column.numbers, order);
    if (column.type == ColumnType::Time) return permute(column.times, order);
    permute(column.codes, order);
    std::map<std::string, std::uint32_t> used;
    for (const std::uint32_t code : column.codes)
        if (code != Column::kMissingCode) used.emplace(column.dictionary[code], 0);
    std::vector<std::string> dictionary;
    for (auto& [text, code] : used) {
        code = static_cast<std::uint32_t>(dictionary.size());
        dictionary.push_back(text);
    }
    std::vector<std::uint32_t> moved(column.dictionary.size(), Column::kMissingCode);
    for (std::size_t i = 0; i < moved.size(); ++i)
        if (const auto it = used.find(column.dictionary[i]); it != used.end()) moved[i] = it->second;
    for (std::uint32_t& code : column.codes)
        if (code != Column::kMissingCode) code = moved[code];
    column.dictionary = std::move(dictionary);
}

/// Labelled rows in order; of a request that more versions scored, the first.
std::vector<std::size_t> orderOf(Dataset& data, const Column& label, const Column* time, const Column* id) {
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < data.rows.rows; ++r) {
        if (label.missing(r) || (time && time->missing(r)))
            ++data.unlabelled;
        else
            order.push_back(r);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (time && time->times[a] != time->times[b]) return time->times[a] < time->times[b];
        return id && id->text(a) < id->text(b);
    });
    if (!id) return order;
    const auto last = std::unique(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return (!time || time->times[a] == time->times[b]) && !id->missing(a) && id->text(a) == id->text(b);
    });
    data.repeated = static_cast<std::size_t>(order.end() - last);
    order.erase(last, order.end());
    return order;
}

std::string digestOf(const Dataset& data) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&](const void* bytes, std::size_t size) {
        hash.addData(QByteArray::fromRawData(static_cast<const char*>(bytes), static_cast<qsizetype>(size)));
    };
    std::vector<const Column*> columns;
    for (const Column& column : data.rows.columns)
        columns.push_back(&column);
    std::sort(columns.begin(), columns.end(), [](const Column* a, const Column* b) { return a->name < b->name; });
    for (const Column* column : columns) {
        add(column->name.c_str(), column->name.size() + 1);
        add(column->numbers.data(), column->numbers.size() * sizeof(double));
        add(column->codes.data(), column->codes.size() * sizeof(std::uint32_t));
        add(column->times.data(), column->times.size() * sizeof(std::int64_t));
        for (const std::string& text : column->dictionary)
            add(text.c_str(), text.size() + 1);
    }
    add(data.outcomes.data(), data.outcomes.size());
    return hash.result().toHex().toStdString();
}

}  // namespace

Result<std::shared_ptr<const Dataset>> readDataset(StepContext& context, const DataSource& source) {
    auto data = std::make_shared<Dataset>();
    if (source.file.empty()) {
        PH_ASSIGN(data->rows, fromLog(context, source));
    } else {
        PH_ASSIGN(data->rows, fromCsv(context, source));
    }
    PH_TRY(context.check());
    const PipelineDefinition& definition = *context.definition;
    const Column* label = data->rows.find(definition.label.column);
    const std::string place = definition.place(definition.label.line ? definition.label.line : 1);
    if (!label) {
        if (source.file.empty() && data->rows.rows > 0)
            return fail(Error::invalid("label: no row has the column \"" + definition.label.column + "\"", place));
        if (data->rows.rows == 0) return std::shared_ptr<const Dataset>(std::move(data));
    }
    if (label->type != ColumnType::Number)
        return fail(Error::invalid("label: the column \"" + definition.label.column + "\" is not a number", place));
    const Column* time = definition.timeColumn.empty() ? nullptr : data->rows.find(definition.timeColumn);
    if (!definition.timeColumn.empty() && (!time || time->type != ColumnType::Time))
        return fail(
            Error::invalid("time: the column \"" + definition.timeColumn + "\" is " + (time ? "not a time" : "missing"),
                           definition.place(1)));
    const std::vector<std::size_t> order = orderOf(*data, *label, time, data->rows.find(ports::field::requestId));
    for (Column& column : data->rows.columns)
        arrange(column, order);
    data->rows.rows = order.size();
    for (const double value : label->numbers)
        data->outcomes.push_back(value > definition.label.above);
    if (time) data->times = time->times;
    data->digest = digestOf(*data);
    return std::shared_ptr<const Dataset>(std::move(data));
}

Result<std::shared_ptr<const Dataset>> dataset(StepContext& context) {
    using Held = std::shared_ptr<const Dataset>;
    std::any& held = context.scratch("dataset");
    PH_ASSIGN(const std::string digest, context.input("digest"));
    if (const auto* there = std::any_cast<Held>(&held)) return *there;
    PH_ASSIGN(const std::string from, context.input("source"));
    DataSource source;
    source.knownBefore = context.runStart;
    if (context.hasInput("range_start")) {
        PH_ASSIGN(const std::string start, context.input("range_start"));
        PH_ASSIGN(const std::string end, context.input("range_end"));
        source.range = {Timestamp::parseIso(start).value_or(kTimestampMin),
                        Timestamp::parseIso(end).value_or(kTimestampMax)};
    } else {
        source.file = from;
    }
    PH_ASSIGN(Held again, readDataset(context, source));
    if (again->digest != digest)
        return fail(ErrorKind::Conflict, "the rows of " + from + " are not those that ingest read; start a new run");
    held = again;
    return again;
}

std::vector<std::size_t> SplitRows::trainingIndices() const {
    std::vector<std::size_t> out(training);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

std::vector<std::size_t> SplitRows::heldOutIndices() const {
    std::vector<std::size_t> out(all - training);
    std::iota(out.begin(), out.end(), training);
    return out;
}

Result<SplitRows> splitOf(StepContext& context, const Dataset& data) {
    PH_ASSIGN(std::string text, context.input("training_rows"));
    std::erase(text, ',');
    SplitRows split;
    split.all = data.rows.rows;
    split.training = static_cast<std::size_t>(std::strtoull(text.c_str(), nullptr, 10));
    if (split.training > split.all) return fail(ErrorKind::Corrupt, "the split names more rows than there are");
    return split;
}

Result<RowKey> RowKey::of(const Dataset& data, const Zone& zone, const std::vector<std::string>& columns) {
    RowKey key;
    for (const std::string& name : columns) {
        if (const Column* column = data.rows.find(name)) {
            key.m_columns.push_back(column);
        } else if (name == "date" && !data.times.empty()) {
            // Rows are in order of time, so a date is looked up once a day and not once a row.
            Timestamp next = kTimestampMin;
            std::int64_t day = 0;
            for (const std::int64_t ns : data.times) {
                if (Timestamp{ns} >= next) {
                    day = daysFromCivil(zone.date({ns}));
                    next = zone.nextMidnight({ns});
                }
                key.m_days.push_back(day);
            }
        } else {
            return fail(Error::invalid("the rows have no column \"" + name + "\""));
        }
    }
    return key;
}

std::uint64_t RowKey::operator()(std::size_t row) const {
    std::uint64_t hash = 0x9E3779B97F4A7C15ull;
    const auto mix = [&hash](std::uint64_t value) {  // SplitMix64's finaliser
        hash += value + 0x9E3779B97F4A7C15ull;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
        hash ^= hash >> 31;
    };
    if (!m_days.empty()) mix(static_cast<std::uint64_t>(m_days[row]));
    for (const Column* column : m_columns) {
        if (column->type == ColumnType::Number)
            mix(column->missing(row) ? 0x7FF8ull << 48 : std::bit_cast<std::uint64_t>(column->numbers[row] + 0.0));
        else if (column->type == ColumnType::Text)
            mix(column->codes[row]);
        else
            mix(static_cast<std::uint64_t>(column->times[row]));
    }
    return hash;
}

Result<std::vector<std::uint32_t>> clusterIds(const Dataset& data, const Zone& zone,
                                              const std::vector<std::string>& columns, std::size_t first,
                                              std::size_t last) {
    std::vector<std::uint32_t> out;
    if (columns.empty()) return out;
    PH_ASSIGN(const RowKey key, RowKey::of(data, zone, columns));
    std::unordered_map<std::uint64_t, std::uint32_t> ids;
    out.reserve(last - first);
    for (std::size_t r = first; r < last; ++r)
        out.push_back(ids.emplace(key(r), static_cast<std::uint32_t>(ids.size())).first->second);
    return out;
}

std::string grouped(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string shown(double value, int decimals) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, std::abs(value));
    const bool zero = std::string_view(buffer).find_first_not_of("0.") == std::string_view::npos;
    return (value < 0 && !zero ? "\u2212" : "") + std::string(buffer);
}

std::string percent(double share) { return shown(100 * share, 1) + " %"; }

}  // namespace pilothouse::pipelines
