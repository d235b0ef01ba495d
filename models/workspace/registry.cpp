// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "models/workspace/registry_store.h"

namespace pilothouse::workspace::registry {

namespace {

QString qt(const std::string& text) { return QString::fromStdString(text); }

std::string compact(const QJsonDocument& document) { return document.toJson(QJsonDocument::Compact).toStdString(); }

/// JSON has no NaN and no infinity; both come back as NaN.
QJsonValue number(double value) { return std::isfinite(value) ? QJsonValue(value) : QJsonValue(QJsonValue::Null); }
double number(const QJsonValue& value) { return value.isDouble() ? value.toDouble() : std::nan(""); }

std::string toJson(const std::vector<std::string>& texts) {
    QJsonArray array;
    for (const std::string& text : texts)
        array.append(qt(text));
    return compact(QJsonDocument(array));
}

std::string toJson(const std::map<std::string, std::string>& texts) {
    QJsonObject object;
    for (const auto& [key, value] : texts)
        object.insert(qt(key), qt(value));
    return compact(QJsonDocument(object));
}

std::string toJson(const std::vector<ports::Metric>& metrics) {
    QJsonArray array;
    for (const ports::Metric& metric : metrics)
        array.append(QJsonObject{{QStringLiteral("name"), qt(metric.name)},
                                 {QStringLiteral("value"), number(metric.value)},
                                 {QStringLiteral("low"), number(metric.low)},
                                 {QStringLiteral("high"), number(metric.high)},
                                 {QStringLiteral("n"), static_cast<qint64>(metric.n)}});
    return compact(QJsonDocument(array));
}

Result<QJsonDocument> parse(const std::string& text, const Database& database) {
    QJsonParseError error{};
    QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &error);
    if (error.error != QJsonParseError::NoError)
        return fail(ErrorKind::Corrupt, "the workspace is damaged", database.path(),
                    "a stored model version is no JSON: " + error.errorString().toStdString());
    return document;
}

Result<std::vector<ports::Metric>> parseMetrics(const std::string& text, const Database& database) {
    PH_ASSIGN(const QJsonDocument document, parse(text, database));
    std::vector<ports::Metric> out;
    for (const QJsonValue& value : document.array()) {
        const QJsonObject object = value.toObject();
        out.push_back({object.value(QLatin1String("name")).toString().toStdString(),
                       number(object.value(QLatin1String("value"))), number(object.value(QLatin1String("low"))),
                       number(object.value(QLatin1String("high"))),
                       static_cast<std::uint64_t>(std::max<qint64>(0, object.value(QLatin1String("n")).toInteger()))});
    }
    return out;
}

Result<std::map<std::string, std::string>> parseTexts(const std::string& text, const Database& database) {
    PH_ASSIGN(const QJsonDocument document, parse(text, database));
    std::map<std::string, std::string> out;
    const QJsonObject object = document.object();
    for (auto it = object.begin(); it != object.end(); ++it)
        out[it.key().toStdString()] = it.value().toString().toStdString();
    return out;
}

constexpr std::string_view kSelectVersion =
    "SELECT m.name, v.version, v.created, v.run, v.artifact, v.profile, v.task, v.positive_class, v.threshold,"
    " v.trained_from, v.trained_to, v.evaluated_from, v.evaluated_to, v.training_rows, v.features, v.metrics,"
    " v.parameters, v.tags FROM model_version v JOIN model m ON m.id = v.model WHERE m.name = ?";

Result<ports::ModelVersion> readVersion(Statement& row, const Database& database) {
    ports::ModelVersion out;
    out.model = row.text(0);
    out.version = row.text(1);
    out.created = row.timestamp(2);
    out.runId = row.text(3);
    out.artifactDigest = row.text(4);
    out.profileDigest = row.text(5);
    out.task = row.text(6);
    out.positiveClass = row.text(7);
    out.threshold = row.real(8);
    out.trainedOn = {row.timestamp(9), row.timestamp(10)};
    out.evaluatedOn = {row.timestamp(11), row.timestamp(12)};
    out.trainingRows = static_cast<std::uint64_t>(row.integer(13));
    PH_ASSIGN(const QJsonDocument features, parse(row.text(14), database));
    for (const QJsonValue& feature : features.array())
        out.features.push_back(feature.toString().toStdString());
    PH_ASSIGN(out.metrics, parseMetrics(row.text(15), database));
    PH_ASSIGN(out.parameters, parseTexts(row.text(16), database));
    PH_ASSIGN(out.tags, parseTexts(row.text(17), database));
    return out;
}

}  // namespace

Result<std::int64_t> modelId(Database& database, const std::string& name, Timestamp now) {
    if (name.empty()) return fail(Error::invalid("a model needs a name"));
    PH_TRY(database.run("INSERT INTO model (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, now));
    PH_ASSIGN(const auto id, database.integer("SELECT id FROM model WHERE name = ?", name));
    return id.value_or(0);
}

Status addVersion(Database& database, const ports::ModelVersion& version) {
    if (version.version.empty())
        return fail(Error::invalid("a version of model \"" + version.model + "\" needs a name"));
    PH_ASSIGN(const std::int64_t model, modelId(database, version.model, version.created));
    PH_ASSIGN(const auto known,
              database.integer("SELECT 1 FROM model_version WHERE model = ? AND version = ?", model, version.version));
    if (known)
        return fail(ErrorKind::AlreadyExists,
                    "model \"" + version.model + "\" has a version \"" + version.version + "\" already");
    return database.run(
        "INSERT INTO model_version (model, version, created, run, artifact, profile, task, positive_class, threshold,"
        " trained_from, trained_to, evaluated_from, evaluated_to, training_rows, features, metrics, parameters, tags)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        model, version.version, version.created, version.runId, version.artifactDigest, version.profileDigest,
        version.task, version.positiveClass, version.threshold, version.trainedOn.start, version.trainedOn.end,
        version.evaluatedOn.start, version.evaluatedOn.end, version.trainingRows, toJson(version.features),
        toJson(version.metrics), toJson(version.parameters), toJson(version.tags));
}

Result<std::vector<ports::ModelVersion>> versions(Database& database, const std::string& model) {
    PH_ASSIGN(auto rows, database.prepare(std::string(kSelectVersion) + " ORDER BY v.created DESC, v.id DESC"));
    rows.bindAll(model);
    std::vector<ports::ModelVersion> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        PH_ASSIGN(auto version, readVersion(rows, database));
        out.push_back(std::move(version));
    }
}

Result<std::optional<ports::ModelVersion>> version(Database& database, const std::string& model,
                                                   const std::string& version) {
    PH_ASSIGN(auto rows, database.prepare(std::string(kSelectVersion) + " AND v.version = ?"));
    rows.bindAll(model, version);
    PH_ASSIGN(const bool found, rows.step());
    if (!found) return std::nullopt;
    PH_ASSIGN(auto value, readVersion(rows, database));
    return std::optional(std::move(value));
}

Result<std::string> nextVersion(Database& database, const std::string& model) {
    PH_ASSIGN(auto rows, database.prepare("SELECT v.version FROM model_version v JOIN model m ON m.id = v.model"
                                          " WHERE m.name = ? AND v.version GLOB 'v[0-9]*'"));
    rows.bindAll(model);
    std::uint32_t highest = 0;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return "v" + std::to_string(highest + std::uint64_t{1});
        const std::string_view name = rows.view(0);
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
        if (error == std::errc{} && end == name.data() + name.size()) highest = std::max(highest, number);
    }
}

Status setAlias(Database& database, const std::string& model, const std::string& alias, const std::string& version,
                Timestamp at, const std::string& actor, const std::string& reason) {
    if (alias.empty()) return fail(Error::invalid("an alias of model \"" + model + "\" needs a name"));
    PH_ASSIGN(const auto id, database.integer("SELECT m.id FROM model m JOIN model_version v ON v.model = m.id"
                                              " WHERE m.name = ? AND v.version = ?",
                                              model, version));
    if (!id) return fail(ErrorKind::NotFound, "model \"" + model + "\" has no version \"" + version + "\"");
    PH_ASSIGN(const auto same,
              database.integer("SELECT 1 FROM alias_period WHERE model = ? AND alias = ? AND version = ?"
                               " AND held_to IS NULL AND held_from <= ?",
                               *id, alias, version, at));
    if (same) return {};
    PH_ASSIGN(const auto before, aliasAt(database, model, alias, at));
    PH_TRY(
        database.run("UPDATE alias_period SET held_to = max(held_from, ?)"
                     " WHERE model = ? AND alias = ? AND (held_to IS NULL OR held_to > ?)",
                     at, *id, alias, at));
    PH_TRY(database.run(
        "INSERT INTO alias_period (model, alias, version, held_from, actor, reason) VALUES (?, ?, ?, ?, ?, ?)", *id,
        alias, version, at, actor, reason));
    const QJsonObject detail{{QStringLiteral("alias"), qt(alias)},
                             {QStringLiteral("from"), before ? QJsonValue(qt(*before)) : QJsonValue(QJsonValue::Null)},
                             {QStringLiteral("to"), qt(version)},
                             {QStringLiteral("reason"), qt(reason)}};
    return audit(database, at, actor, "alias.set", "model:" + model, compact(QJsonDocument(detail)));
}

Status removeAlias(Database& database, const std::string& model, const std::string& alias, Timestamp at,
                   const std::string& actor, const std::string& reason) {
    PH_ASSIGN(const auto id, database.integer("SELECT id FROM model WHERE name = ?", model));
    if (!id) return fail(ErrorKind::NotFound, "no model \"" + model + "\"");
    // A period to come ends before it began; one that did so already counts for nothing.
    PH_ASSIGN(const auto held, database.integer("SELECT 1 FROM alias_period WHERE model = ? AND alias = ?"
                                                " AND (held_to IS NULL OR (held_to > ? AND held_to > held_from))",
                                                *id, alias, at));
    if (!held) return {};
    PH_ASSIGN(const auto before, aliasAt(database, model, alias, at));
    PH_TRY(
        database.run("UPDATE alias_period SET held_to = max(held_from, ?)"
                     " WHERE model = ? AND alias = ? AND (held_to IS NULL OR held_to > ?)",
                     at, *id, alias, at));
    const QJsonObject detail{{QStringLiteral("alias"), qt(alias)},
                             {QStringLiteral("from"), before ? QJsonValue(qt(*before)) : QJsonValue(QJsonValue::Null)},
                             {QStringLiteral("reason"), qt(reason)}};
    return audit(database, at, actor, "alias.remove", "model:" + model, compact(QJsonDocument(detail)));
}

Status setTag(Database& database, const std::string& model, const std::string& version, const std::string& key,
              const std::optional<std::string>& value, Timestamp at, const std::string& actor) {
    if (key.empty()) return fail(Error::invalid("a tag of model \"" + model + "\" needs a name"));
    const bool ofModel = version.empty();
    const std::string_view table = ofModel ? "model" : "model_version";
    PH_ASSIGN(const auto id, ofModel
                                 ? database.integer("SELECT id FROM model WHERE name = ?", model)
                                 : database.integer("SELECT v.id FROM model_version v JOIN model m ON m.id = v.model"
                                                    " WHERE m.name = ? AND v.version = ?",
                                                    model, version));
    if (!id)
        return fail(ErrorKind::NotFound, ofModel ? "no model \"" + model + "\""
                                                 : "model \"" + model + "\" has no version \"" + version + "\"");
    PH_ASSIGN(const auto text, database.text("SELECT tags FROM " + std::string(table) + " WHERE id = ?", *id));
    PH_ASSIGN(auto tags, parseTexts(text.value_or("{}"), database));
    const auto known = tags.find(key);
    const std::optional<std::string> before = known == tags.end() ? std::nullopt : std::optional(known->second);
    if (before == value) return {};
    if (value)
        tags[key] = *value;
    else
        tags.erase(key);
    PH_TRY(database.run("UPDATE " + std::string(table) + " SET tags = ? WHERE id = ?", toJson(tags), *id));
    const auto orNull = [](const std::optional<std::string>& t) {
        return t ? QJsonValue(qt(*t)) : QJsonValue(QJsonValue::Null);
    };
    const QJsonObject detail{{QStringLiteral("version"), qt(version)},
                             {QStringLiteral("key"), qt(key)},
                             {QStringLiteral("from"), orNull(before)},
                             {QStringLiteral("to"), orNull(value)}};
    return audit(database, at, actor, value ? "tag.set" : "tag.remove", "model:" + model,
                 compact(QJsonDocument(detail)));
}

Result<std::optional<std::string>> aliasAt(Database& database, const std::string& model, const std::string& alias,
                                           Timestamp at) {
    return database.text(
        "SELECT p.version FROM alias_period p JOIN model m ON m.id = p.model WHERE m.name = ?"
        " AND p.alias = ? AND p.held_from <= ? AND (p.held_to IS NULL OR p.held_to > ?)",
        model, alias, at, at);
}

Result<std::vector<ports::AliasPeriod>> aliasHistory(Database& database, const std::string& model) {
    PH_ASSIGN(auto rows, database.prepare("SELECT m.name, p.alias, p.version, p.held_from, p.held_to, p.actor, p.reason"
                                          " FROM alias_period p JOIN model m ON m.id = p.model WHERE m.name = ?"
                                          " AND (p.held_to IS NULL OR p.held_to > p.held_from)"
                                          " ORDER BY p.held_from, p.id"));
    rows.bindAll(model);
    std::vector<ports::AliasPeriod> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back({rows.text(0), rows.text(1), rows.text(2), rows.timestamp(3), rows.optionalTimestamp(4),
                       rows.text(5), rows.text(6)});
    }
}

Result<std::vector<ports::ModelSummary>> models(Database& database, Timestamp asOf) {
    std::vector<ports::ModelSummary> out;
    PH_ASSIGN(auto rows,
              database.prepare("SELECT m.name, count(v.id), max(m.created, ifnull(max(v.created), m.created)), m.tags"
                               " FROM model m LEFT JOIN model_version v ON v.model = m.id"
                               " GROUP BY m.id ORDER BY m.name"));
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        PH_ASSIGN(auto tags, parseTexts(rows.text(3), database));
        out.push_back(
            {rows.text(0), static_cast<std::size_t>(rows.integer(1)), {}, rows.timestamp(2), std::move(tags)});
    }
    PH_ASSIGN(auto held, database.prepare("SELECT p.alias, p.version, p.held_from FROM alias_period p"
                                          " JOIN model m ON m.id = p.model WHERE m.name = ? AND p.held_from <= ?"
                                          " AND (p.held_to IS NULL OR p.held_to > ?)"));
    for (ports::ModelSummary& summary : out) {
        held.bindAll(summary.name, asOf, asOf);
        for (;;) {
            PH_ASSIGN(const bool more, held.step());
            if (!more) break;
            summary.aliases[held.text(0)] = held.text(1);
            summary.updated = std::max(summary.updated, held.timestamp(2));
        }
        held.reset();
    }
    return out;
}

}  // namespace pilothouse::workspace::registry

namespace pilothouse::workspace {

Result<std::vector<Problem>> checkRegistry(Database& database) {
    std::vector<Problem> problems;
    PH_ASSIGN(auto overlapping,
              database.prepare("SELECT m.name, p.alias FROM alias_period p"
                               " JOIN alias_period q ON q.model = p.model AND q.alias = p.alias AND q.id <> p.id"
                               " JOIN model m ON m.id = p.model WHERE p.held_from >= q.held_from"
                               " AND (p.held_to IS NULL OR p.held_to > p.held_from)"
                               " AND (q.held_to IS NULL OR q.held_to > p.held_from) GROUP BY p.model, p.alias"));
    for (;;) {
        PH_ASSIGN(const bool more, overlapping.step());
        if (!more) break;
        problems.push_back({"two versions hold the alias at the same time",
                            "alias " + overlapping.text(1) + " of model " + overlapping.text(0)});
    }
    PH_ASSIGN(auto names, database.prepare("SELECT name FROM model ORDER BY name"));
    for (;;) {
        PH_ASSIGN(const bool more, names.step());
        if (!more) return problems;
        const std::string model = names.text(0);
        const auto readable = registry::versions(database, model);
        if (!readable && readable.error().kind != ErrorKind::Corrupt) return fail(readable.error());
        if (!readable) problems.push_back({readable.error().detail, "model " + model});
    }
}

}  // namespace pilothouse::workspace
