// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/saved_searches.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "models/predictions/query_parser.h"
#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

namespace {

constexpr const char* kSetting = "predictions.searches";

QString text(const std::string& s) { return QString::fromStdString(s); }

QJsonObject toJson(const SavedSearch& search) {
    QJsonArray filters;
    for (const std::string& filter : search.filters)
        filters.append(text(filter));
    QJsonObject object{{QStringLiteral("name"), text(search.name)},
                       {QStringLiteral("model"), text(search.model)},
                       {QStringLiteral("filters"), filters}};
    // 64 bits do not fit a JSON number.
    if (search.fixed) {
        object[QStringLiteral("from")] = QString::number(search.fixed->start.ns);
        object[QStringLiteral("to")] = QString::number(search.fixed->end.ns);
    }
    if (search.order)
        object[QStringLiteral("order")] = QJsonObject{{QStringLiteral("field"), text(search.order->field)},
                                                      {QStringLiteral("ascending"), search.order->ascending}};
    QJsonArray columns;
    for (const std::string& column : search.columns)
        columns.append(text(column));
    if (!columns.isEmpty()) object[QStringLiteral("columns")] = columns;
    if (search.last) object[QStringLiteral("last")] = text(formatDuration(*search.last));
    return object;
}

SavedSearch fromJson(const QJsonObject& object) {
    SavedSearch search;
    search.name = object[QStringLiteral("name")].toString().toStdString();
    search.model = object[QStringLiteral("model")].toString().toStdString();
    for (const QJsonValue& filter : object[QStringLiteral("filters")].toArray())
        search.filters.push_back(filter.toString().toStdString());
    bool from = false, to = false;
    const TimeRange fixed{{object[QStringLiteral("from")].toString().toLongLong(&from)},
                          {object[QStringLiteral("to")].toString().toLongLong(&to)}};
    if (from && to) search.fixed = fixed;
    if (const QJsonValue order = object[QStringLiteral("order")]; order.isObject())
        search.order = {order[QStringLiteral("field")].toString().toStdString(),
                        order[QStringLiteral("ascending")].toBool()};
    for (const QJsonValue& column : object[QStringLiteral("columns")].toArray())
        search.columns.push_back(column.toString().toStdString());
    search.last = parseDuration(object[QStringLiteral("last")].toString().toStdString());
    return search;
}

Status write(workspace::Database& database, const std::vector<SavedSearch>& searches) {
    QJsonArray array;
    for (const SavedSearch& search : searches)
        array.append(toJson(search));
    return workspace::Workspace::setSetting(database, kSetting,
                                            QJsonDocument(array).toJson(QJsonDocument::Compact).toStdString());
}

}  // namespace

Result<std::vector<SavedSearch>> listSearches(workspace::Database& database) {
    PH_ASSIGN(const auto setting, workspace::Workspace::setting(database, kSetting));
    std::vector<SavedSearch> searches;
    if (!setting) return searches;
    QJsonParseError error{};
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(*setting), &error);
    if (!document.isArray())
        return fail(ErrorKind::Corrupt, "the saved searches cannot be read", database.path(),
                    error.errorString().toStdString());
    for (const QJsonValue& value : document.array())
        searches.push_back(fromJson(value.toObject()));
    std::ranges::sort(searches, {}, &SavedSearch::name);
    return searches;
}

Status saveSearch(workspace::Database& database, const SavedSearch& search) {
    if (search.name.empty() || search.name.size() > kMaxNameBytes)
        return fail(Error::invalid("a saved search needs a name of at most 200 bytes"));
    for (const std::string& filter : search.filters)
        PH_TRY(parseQuery(filter));
    PH_ASSIGN(auto searches, listSearches(database));
    std::erase_if(searches, [&](const SavedSearch& s) { return s.name == search.name; });
    if (searches.size() >= kMaxSavedSearches)
        return fail(Error::invalid("500 searches are saved already; remove one first"));
    searches.push_back(search);
    return write(database, searches);
}

Status removeSearch(workspace::Database& database, const std::string& name) {
    PH_ASSIGN(auto searches, listSearches(database));
    if (std::erase_if(searches, [&](const SavedSearch& s) { return s.name == name; }) == 0)
        return fail(ErrorKind::NotFound, "there is no saved search \"" + name + "\"");
    return write(database, searches);
}

}  // namespace pilothouse::predictions
