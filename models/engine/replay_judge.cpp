// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDate>
#include <QLocale>

#include "models/engine/replay.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/monitor_reader.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/retention.h"

namespace pilothouse::engine {

using monitoring::EvaluationResult;
using monitoring::MonitorDefinition;
using workspace::Transaction;
using workspace::Workspace;

namespace {

constexpr const char* kJudged = "engine.judged";
constexpr const char* kChampionSeen = "engine.champion";

/// "15 Apr", the calendar's day.
std::string dayText(const Zone& zone, Timestamp t) {
    const CivilDate date = zone.date(t);
    return QLocale::c().toString(QDate(date.year, date.month, date.day), QStringLiteral("d MMM")).toStdString();
}

}  // namespace

Status Replay::judge() {
    PH_TRY(settleRun());
    PH_TRY(startWaiting());
    if (mustWait()) return {};  // a run that could not be stored is gone on with first
    {
        // By itself: it rewrites what is there and changes no answer.
        PH_ASSIGN(auto transaction, write());
        PH_ASSIGN([[maybe_unused]] const auto sealed, predictions::seal(*m_database));
        PH_TRY(transaction.commit());
    }
    PH_TRY(predictions::maintain(*m_database, m_boundary, m_token));
    PH_ASSIGN(auto periods, championPeriods());
    std::erase_if(periods, [&](const ChampionPeriod& p) { return p.from > m_boundary; });
    PH_ASSIGN(auto results, evaluateDue(periods));

    PH_ASSIGN(auto transaction, write());
    PH_TRY(noticeNewVersion(periods));
    PH_TRY(storeEvaluations(results, periods.empty() ? kTimestampMin : periods.back().from));
    PH_ASSIGN(const auto trigger, whatTriggers(!periods.empty()));
    if (trigger) {
        PH_ASSIGN(const auto id, m_parts.runs->create(*m_database, m_settings.pipeline, *trigger, m_boundary));
        PH_TRY(m_database->run("UPDATE run SET started = ? WHERE id = ?", m_boundary, id));
    }
    PH_TRY(Workspace::setSetting(*m_database, kJudged, std::to_string(m_boundary.ns)));
    PH_TRY(transaction.commit());
    m_judged = m_boundary;
    PH_TRY(findBoundary());
    return startWaiting();
}

/// Reads only, outside of the write transaction: resampling takes its time.
Result<std::vector<EvaluationResult>> Replay::evaluateDue(const std::vector<ChampionPeriod>& periods) {
    std::vector<EvaluationResult> out;
    PH_ASSIGN(auto snapshot, Transaction::begin(*m_database, Transaction::Kind::Read));
    for (const MonitorDefinition& monitor : m_monitors) {
        for (const TimeRange window : monitoring::dueWindows(monitor, m_workspace->zone(), m_judged, m_boundary)) {
            // A window that the data does not cover whole would only show where the data begins and ends.
            if (window.start < m_settings.span.start || window.end > m_settings.span.end) continue;
            // A window belongs to the version that was in production at its end, also when another came before its
            // labels.
            const monitoring::Champion* inProduction = nullptr;
            const auto later = std::find_if(periods.begin(), periods.end(),
                                            [&](const ChampionPeriod& p) { return p.from > window.end; });
            if (later != periods.begin()) {
                PH_ASSIGN(inProduction, champion(std::prev(later)->version));
            }
            const monitoring::EvaluationContext context{.database = *m_database,
                                                        .zone = m_workspace->zone(),
                                                        .now = m_boundary,
                                                        .champion = inProduction,
                                                        .seed = monitoring::seedOf(m_settings.options.seed, window),
                                                        .token = m_token};
            PH_ASSIGN(auto result, monitoring::evaluate(context, monitor, window));
            out.push_back(std::move(result));
        }
    }
    PH_TRY(snapshot.commit());
    return out;
}

/// A new version brings a new reference: alerts about the old one end.
Status Replay::noticeNewVersion(const std::vector<ChampionPeriod>& periods) {
    if (periods.empty()) return {};
    const std::string key = periods.back().version + "@" + std::to_string(periods.back().from.ns);
    PH_ASSIGN(const auto seen, Workspace::setting(*m_database, kChampionSeen));
    if (seen == key) return {};
    PH_TRY(monitoring::resolveForNewVersion(*m_database, m_monitors, m_settings.model, periods.back().version,
                                            m_boundary));
    return Workspace::setSetting(*m_database, kChampionSeen, key);
}

Status Replay::storeEvaluations(std::vector<EvaluationResult>& results, Timestamp countFrom) {
    for (EvaluationResult& result : results) {
        PH_ASSIGN(result.evaluation.id, monitoring::store(*m_database, result));
        const auto monitor = std::find_if(m_monitors.begin(), m_monitors.end(), [&](const MonitorDefinition& m) {
            return m.name == result.evaluation.monitor;
        });
        const bool byVersion = monitoring::needsReference(monitor->kind);
        // Alerts about a version that was replaced meanwhile are resolved and stay so.
        if (byVersion && result.evaluation.window.end <= countFrom) continue;
        PH_TRY(
            monitoring::advanceAlert(*m_database, *monitor, result.evaluation, byVersion ? countFrom : kTimestampMin));
    }
    return {};
}

Result<bool> Replay::coolDownOver(Duration coolDown) {
    PH_ASSIGN(const auto last,
              m_database->integer("SELECT max(started) FROM run WHERE pipeline = ?", m_settings.pipeline));
    return !last || Timestamp{*last} + coolDown <= m_boundary;
}

/// The run that is called for at this boundary, if one is.
Result<std::optional<pipelines::Trigger>> Replay::whatTriggers(bool inProduction) {
    const std::optional<pipelines::Trigger> nothing;
    if (m_run || m_boundary < m_settings.historyEnd || m_boundary >= m_settings.span.end) return nothing;
    pipelines::Trigger trigger;
    trigger.parameters["seed"] = std::to_string(m_settings.options.seed);
    if (!inProduction) {
        PH_ASSIGN(const bool over, coolDownOver(m_settings.coolDown));
        if (!over) return nothing;
        trigger.kind = "start";
        trigger.cause = "no version is in production";
        return std::optional(trigger);
    }
    for (const MonitorDefinition& monitor : m_monitors) {
        if (monitor.triggers != m_settings.pipeline) continue;
        PH_ASSIGN(auto statement,
                  m_database->prepare("SELECT id, firing_since FROM alert WHERE monitor = ? AND model = ? AND "
                                      "state = 'firing' AND NOT EXISTS (SELECT 1 FROM run WHERE pipeline = ? "
                                      "AND run.state = 'succeeded' AND run.started >= alert.firing_since)"));
        statement.bindAll(monitor.name, m_settings.model, m_settings.pipeline);
        PH_ASSIGN(const bool firing, statement.step());
        PH_ASSIGN(const bool over, coolDownOver(monitor.coolDown));
        if (!firing || !over) continue;
        trigger.kind = "alert";
        trigger.ref = std::to_string(statement.integer(0));
        trigger.cause = monitor.alert + " firing since " + dayText(m_workspace->zone(), statement.timestamp(1));
        return std::optional(trigger);
    }
    return nothing;
}

}  // namespace pilothouse::engine
