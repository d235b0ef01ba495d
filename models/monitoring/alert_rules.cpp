// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/alert_rules.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

#include "models/monitoring/suppression.h"

namespace pilothouse::monitoring {

using ports::Alert;
using ports::AlertState;
using statistics::State;
using workspace::Database;

namespace {

std::string toJson(const std::map<std::string, std::string>& map) {
    QJsonObject object;
    for (const auto& [key, value] : map)
        object[QString::fromStdString(key)] = QString::fromStdString(value);
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

std::map<std::string, std::string> mapFrom(std::string_view json) {
    const auto object = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size()))).object();
    std::map<std::string, std::string> out;
    for (auto it = object.begin(); it != object.end(); ++it)
        out[it.key().toStdString()] = it.value().toString().toStdString();
    return out;
}

Status appendEvent(Database& database, std::int64_t alert, Timestamp at, AlertState state,
                   std::optional<std::int64_t> evaluation, const std::string& text) {
    return database.run("INSERT INTO alert_event (alert, at, state, evaluation, text) VALUES (?, ?, ?, ?, ?)", alert,
                        at, ports::toString(state), evaluation, text);
}

struct Open {
    std::int64_t id = 0;
    AlertState state = AlertState::Pending;
};

/// A spell keeps the labels, and with them the fingerprint, that it began with, also when the monitor's severity or
/// labels are edited meanwhile; so it is found by its monitor.
Result<std::optional<Open>> openAlert(Database& database, const MonitorDefinition& monitor) {
    PH_ASSIGN(auto statement, database.prepare("SELECT id, state FROM alert WHERE monitor = ? AND model = ? AND "
                                               "state <> 'resolved' ORDER BY id DESC LIMIT 1"));
    statement.bindAll(monitor.name, monitor.model);
    PH_ASSIGN(const bool row, statement.step());
    if (!row) return std::optional<Open>{};
    return std::optional<Open>(
        {statement.integer(0), ports::alertStateFrom(statement.view(1)).value_or(AlertState::Pending)});
}

/// States of the last m windows up to this one, newest first, by the latest revision of each.
Result<std::vector<State>> lastStates(Database& database, const MonitorDefinition& monitor, Timestamp windowStart,
                                      Timestamp countFrom) {
    PH_ASSIGN(auto statement,
              database.prepare(
                  "SELECT state FROM evaluation e WHERE monitor = ? AND window_start <= ? AND window_end > ? AND "
                  "revision = (SELECT max(revision) FROM evaluation l WHERE l.monitor = e.monitor AND "
                  "l.window_start = e.window_start) ORDER BY window_start DESC LIMIT ?"));
    statement.bindAll(monitor.name, windowStart, countFrom, monitor.of);
    std::vector<State> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out.push_back(statistics::stateFrom(statement.view(0)));
    }
}

Result<std::int64_t> insertAlert(Database& database, const MonitorDefinition& monitor, const ports::Evaluation& e,
                                 const std::map<std::string, std::string>& labels) {
    std::map<std::string, std::string> annotations = monitor.annotations;
    annotations["summary"] = e.summary;
    if (!monitor.description.empty()) annotations.try_emplace("description", monitor.description);
    if (!e.version.empty()) annotations["version"] = e.version;
    PH_TRY(database.run(
        "INSERT INTO alert (fingerprint, name, model, monitor, severity, state, labels, annotations, "
        "pending_since, window_start, window_end) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
        fingerprintOf(labels), monitor.alert, monitor.model, monitor.name, ports::toString(monitor.severity),
        toJson(labels), toJson(annotations), e.evaluatedAt, e.window.start, e.window.end));
    const std::int64_t id = database.lastInsertId();
    PH_TRY(appendEvent(database, id, e.evaluatedAt, AlertState::Pending, e.id, e.summary));
    return id;
}

Status touch(Database& database, std::int64_t id, const ports::Evaluation& e) {
    PH_ASSIGN(const auto stored, database.text("SELECT annotations FROM alert WHERE id = ?", id));
    auto annotations = mapFrom(stored.value_or("{}"));
    annotations["summary"] = e.summary;
    return database.run("UPDATE alert SET annotations = ?, window_start = ?, window_end = ? WHERE id = ?",
                        toJson(annotations), e.window.start, e.window.end, id);
}

Status resolve(Database& database, std::int64_t id, Timestamp at, std::optional<std::int64_t> evaluation,
               const std::string& why) {
    PH_TRY(database.run("UPDATE alert SET state = 'resolved', resolved_at = ? WHERE id = ?", at, id));
    return appendEvent(database, id, at, AlertState::Resolved, evaluation, why);
}

Status fire(Database& database, std::int64_t id, const MonitorDefinition& monitor, const ports::Evaluation& e,
            std::span<const State> states) {
    const auto drifting = std::count(states.begin(), states.end(), State::Drift);
    PH_TRY(database.run("UPDATE alert SET state = 'firing', firing_since = ? WHERE id = ?", e.evaluatedAt, id));
    return appendEvent(
        database, id, e.evaluatedAt, AlertState::Firing, e.id,
        std::to_string(drifting) + " of the last " + std::to_string(monitor.of) + " windows: " + e.summary);
}

}  // namespace

AlertMove decide(std::optional<AlertState> open, std::span<const State> states, int k, int m) {
    if (states.empty()) return AlertMove::None;
    if (states.front() == State::Ok) return open ? AlertMove::Resolve : AlertMove::None;
    if (states.front() != State::Drift) return AlertMove::None;
    const auto last = states.first(std::min(states.size(), static_cast<std::size_t>(m)));
    const bool enough = std::count(last.begin(), last.end(), State::Drift) >= k;
    if (!open) return enough ? AlertMove::OpenFiring : AlertMove::Open;
    return *open == AlertState::Pending && enough ? AlertMove::Fire : AlertMove::None;
}

Labels alertLabels(const MonitorDefinition& monitor) {
    Labels labels = monitor.labels;
    labels["alertname"] = monitor.alert;
    labels["model"] = monitor.model;
    labels["monitor"] = monitor.name;
    labels["severity"] = ports::toString(monitor.severity);
    return labels;
}

Status advanceAlert(Database& database, const MonitorDefinition& monitor, const ports::Evaluation& evaluation,
                    Timestamp countFrom) {
    const auto labels = alertLabels(monitor);
    PH_ASSIGN(const auto open, openAlert(database, monitor));
    PH_ASSIGN(const auto states, lastStates(database, monitor, evaluation.window.start, countFrom));
    const auto state = open ? std::optional(open->state) : std::nullopt;
    switch (decide(state, states, monitor.persistence, monitor.of)) {
        case AlertMove::None:
            if (open && evaluation.state == State::Drift) return touch(database, open->id, evaluation);
            return {};
        case AlertMove::Open: {
            PH_ASSIGN([[maybe_unused]] const auto id, insertAlert(database, monitor, evaluation, labels));
            return {};
        }
        case AlertMove::OpenFiring: {
            PH_ASSIGN(const auto id, insertAlert(database, monitor, evaluation, labels));
            return fire(database, id, monitor, evaluation, states);
        }
        case AlertMove::Fire:
            PH_TRY(touch(database, open->id, evaluation));
            return fire(database, open->id, monitor, evaluation, states);
        case AlertMove::Resolve:
            return resolve(database, open->id, evaluation.evaluatedAt, evaluation.id,
                           "window ok: " + evaluation.summary);
    }
    return {};
}

Status annotateRevision(Database& database, const MonitorDefinition& monitor, const ports::Evaluation& evaluation,
                        Timestamp at) {
    std::vector<std::pair<std::int64_t, AlertState>> alerts;
    {
        PH_ASSIGN(auto rows,
                  database.prepare("SELECT DISTINCT a.id, a.state FROM alert a JOIN alert_event v ON v.alert = "
                                   "a.id JOIN evaluation e ON e.id = v.evaluation WHERE e.monitor = ? AND "
                                   "e.window_start = ? ORDER BY a.id"));
        rows.bindAll(monitor.name, evaluation.window.start);
        for (;;) {
            PH_ASSIGN(const bool row, rows.step());
            if (!row) break;
            alerts.emplace_back(rows.integer(0), ports::alertStateFrom(rows.view(1)).value_or(AlertState::Pending));
        }
    }
    for (const auto& [id, state] : alerts)
        PH_TRY(appendEvent(database, id, at, state, evaluation.id,
                           "its window was judged again, with rows or labels that came late: " + evaluation.summary));
    return {};
}

Status resolveForNewVersion(Database& database, std::span<const MonitorDefinition> monitors, const std::string& model,
                            const std::string& version, Timestamp at) {
    for (const MonitorDefinition& monitor : monitors) {
        const bool byVersion = needsReference(monitor.kind);
        if (monitor.model != model || !byVersion) continue;
        PH_ASSIGN(const auto open, openAlert(database, monitor));
        if (open) PH_TRY(resolve(database, open->id, at, {}, version + " replaced the reference"));
    }
    return {};
}

Result<std::vector<ports::Silence>> readSilences(Database& database) {
    PH_ASSIGN(auto statement,
              database.prepare("SELECT id, matchers, starts, ends, author, comment FROM silence ORDER BY starts, id"));
    std::vector<ports::Silence> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out.push_back({statement.text(0),
                       matchersFrom(statement.view(1)),
                       {statement.timestamp(2), statement.timestamp(3)},
                       statement.text(4),
                       statement.text(5)});
    }
}

namespace {

constexpr const char* kAlertColumns =
    "SELECT id, fingerprint, name, model, monitor, severity, state, labels, annotations, pending_since, firing_since, "
    "resolved_at, window_start, window_end FROM alert";

Alert alertOf(const workspace::Statement& row) {
    Alert a;
    a.id = row.integer(0);
    a.fingerprint = row.text(1);
    a.name = row.text(2);
    a.model = row.text(3);
    a.monitor = row.text(4);
    a.severity = ports::severityFrom(row.view(5)).value_or(ports::Severity::Warning);
    a.state = ports::alertStateFrom(row.view(6)).value_or(AlertState::Pending);
    a.labels = mapFrom(row.view(7));
    a.annotations = mapFrom(row.view(8));
    a.pendingSince = row.timestamp(9);
    a.firingSince = row.optionalTimestamp(10);
    a.resolvedAt = row.optionalTimestamp(11);
    a.window = {row.timestamp(12), row.timestamp(13)};
    return a;
}

}  // namespace

Result<std::vector<Alert>> readAlerts(Database& database, bool open, Timestamp now) {
    PH_ASSIGN(const auto silences, readSilences(database));
    PH_ASSIGN(const auto rules, readInhibitRules(database));
    PH_ASSIGN(auto statement, database.prepare(std::string(kAlertColumns) + (open ? " WHERE state <> 'resolved'" : "") +
                                               " ORDER BY pending_since DESC, id DESC"));
    std::vector<Alert> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) break;
        out.push_back(alertOf(statement));
    }
    suppress(out, silences, rules, now);
    return out;
}

Result<std::optional<Alert>> readAlert(Database& database, std::int64_t id) {
    PH_ASSIGN(auto statement, database.prepare(std::string(kAlertColumns) + " WHERE id = ?"));
    statement.bindAll(id);
    PH_ASSIGN(const bool row, statement.step());
    return row ? std::optional(alertOf(statement)) : std::nullopt;
}

Result<std::vector<AlertEvent>> readAlertEvents(Database& database, std::optional<std::int64_t> alert) {
    PH_ASSIGN(auto statement,
              database.prepare(std::string("SELECT alert, at, state, evaluation, text FROM alert_event") +
                               (alert ? " WHERE alert = ?" : "") + " ORDER BY id"));
    if (alert) statement.bind(1, *alert);
    std::vector<AlertEvent> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        AlertEvent event;
        event.alert = statement.integer(0);
        event.at = statement.timestamp(1);
        event.state = ports::alertStateFrom(statement.view(2)).value_or(AlertState::Pending);
        if (!statement.isNull(3)) event.evaluation = statement.integer(3);
        event.text = statement.text(4);
        out.push_back(std::move(event));
    }
}

}  // namespace pilothouse::monitoring
