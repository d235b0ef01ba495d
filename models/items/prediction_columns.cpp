// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_columns.h"

#include <algorithm>
#include <array>

namespace pilothouse::items {
namespace {

using ports::ColumnType;
using ports::FieldInfo;

/// Fields that people read as one.
struct Pair {
    const char *first, *second;
    const char16_t *title, *joiner;
};
constexpr std::array<Pair, 2> kPairs{{{"carrier", "flight", u"flight", u" "}, {"origin", "dest", u"route", u" → "}}};

const FieldInfo* find(const std::vector<FieldInfo>& fields, std::string_view name) {
    const auto it = std::find_if(fields.begin(), fields.end(), [&](const FieldInfo& f) { return f.name == name; });
    return it == fields.end() ? nullptr : &*it;
}

PredictionColumn single(const FieldInfo& field, bool shown, const QString& title = {}) {
    const QString name = QString::fromStdString(field.name);
    return {name, title.isEmpty() ? name : title, {field.name}, {}, field.type, shown};
}

}  // namespace

std::vector<PredictionColumn> predictionColumns(const std::vector<FieldInfo>& fields) {
    std::vector<PredictionColumn> result;
    std::vector<std::string> used;
    const auto add = [&](std::string_view name, bool shown, const QString& title = {}) {
        if (std::find(used.begin(), used.end(), name) != used.end()) return;
        if (const FieldInfo* f = find(fields, name)) {
            result.push_back(single(*f, shown, title));
            used.emplace_back(name);
        }
    };
    add(ports::field::time, true);
    for (const Pair& p : kPairs) {
        if (!find(fields, p.first) || !find(fields, p.second)) continue;
        PredictionColumn column;
        column.id = QString::fromLatin1(p.first) + u'+' + QString::fromLatin1(p.second);
        column.title = QString::fromUtf16(p.title);
        column.fields = {p.first, p.second};
        column.joiner = QString::fromUtf16(p.joiner);
        result.push_back(std::move(column));
    }
    const auto paired = [](std::string_view name) {
        return std::any_of(kPairs.begin(), kPairs.end(),
                           [&](const Pair& p) { return name == p.first || name == p.second; });
    };
    add(ports::field::score, true);
    add(ports::field::outcome, true);
    add(ports::field::latencyMs, true, QStringLiteral("latency"));
    add(ports::field::version, true);
    for (const FieldInfo& f : fields)
        if (f.feature && f.type == ColumnType::Number) add(f.name, true);
    for (const FieldInfo& f : fields)
        if (f.feature) add(f.name, !paired(f.name));
    for (const FieldInfo& f : fields) {
        const bool identity = !f.feature && !ports::isReservedField(f.name) && !paired(f.name);
        add(f.name, identity);
    }
    return result;
}

std::vector<std::string> facetFields(const std::vector<FieldInfo>& fields) {
    std::vector<std::string> result;
    for (const std::string_view name : {ports::field::outcome, ports::field::version})
        if (find(fields, name)) result.emplace_back(name);
    for (const FieldInfo& f : fields)
        if (f.feature && f.type == ColumnType::Text) result.push_back(f.name);
    if (find(fields, ports::field::status)) result.emplace_back(ports::field::status);
    return result;
}

}  // namespace pilothouse::items
