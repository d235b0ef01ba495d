// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/report.h"

#include <QJsonArray>
#include <QString>

#include "models/engine/report_parts.h"
#include "models/engine/settings.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/monitor_reader.h"
#include "models/pipelines/executor.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/performance.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::engine {

using workspace::Database;

namespace {

constexpr std::size_t kAllRuns = 1'000'000;

QJsonValue time(Timestamp t) { return jsonText(t.toIso()); }
QJsonValue time(const std::optional<Timestamp>& t) { return t ? time(*t) : QJsonValue(); }
QJsonObject range(TimeRange r) {
    return {{QStringLiteral("from"), time(r.start)}, {QStringLiteral("to"), time(r.end)}};
}

/// One line of the table of dates.
struct Date {
    Timestamp at;
    std::string what;
};

struct Month {
    std::uint64_t rows = 0, scored = 0, labelled = 0, late = 0;
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
};

struct Rows {
    std::uint64_t all = 0, history = 0, predicted = 0, unscored = 0, withOutcome = 0, allWithOutcome = 0;
    std::map<std::pair<int, int>, Month> months;
};

/// Month and year of consecutive times, which mostly lie in the same month.
class MonthOf {
public:
    explicit MonthOf(const Zone& zone) : m_zone(zone) {}
    std::pair<int, int> operator()(Timestamp t) {
        if (!m_range.contains(t)) {
            const CivilDate d = m_zone.date(t);
            m_range.start = m_zone.midnight({d.year, d.month, 1});
            m_range.end = m_zone.addMonths(m_range.start, 1);
            m_month = {d.year, d.month};
        }
        return m_month;
    }

private:
    const Zone& m_zone;
    TimeRange m_range;
    std::pair<int, int> m_month;
};

void countRow(Rows& out, Month& month, Timestamp t, Timestamp historyEnd, bool scored, double score, double outcome) {
    const bool labelled = !std::isnan(outcome);
    ++out.all;
    ++month.rows;
    out.allWithOutcome += labelled;
    month.labelled += labelled;
    month.late += labelled && outcome > 0.5;
    if (!scored) {
        ++(t < historyEnd ? out.history : out.unscored);
        return;
    }
    ++out.predicted;
    ++month.scored;
    out.withOutcome += labelled;
    if (!labelled) return;
    month.scores.push_back(score);
    month.outcomes.push_back(outcome > 0.5);
}

Result<Rows> countRows(Database& database, const Zone& zone, const ReplaySettings& settings) {
    Rows out;
    MonthOf monthOf(zone);
    predictions::ScanRequest request;
    for (const std::string_view name :
         {ports::field::time, ports::field::version, ports::field::score, ports::field::outcome})
        request.columns.emplace_back(name);
    PH_TRY(predictions::scan(database, request, {}, [&](const ports::RowSet& rows) -> Status {
        const auto* times = rows.find(ports::field::time);
        const auto* version = rows.find(ports::field::version);
        const auto* score = rows.find(ports::field::score);
        const auto* outcome = rows.find(ports::field::outcome);
        for (std::size_t row = 0; row < rows.rows; ++row) {
            const Timestamp t{times->times[row]};
            countRow(out, out.months[monthOf(t)], t, settings.historyEnd, version && !version->missing(row),
                     score ? score->numbers[row] : statistics::kNaN,
                     outcome ? outcome->numbers[row] : statistics::kNaN);
        }
        return {};
    }));
    return out;
}

QJsonObject rowsJson(const Rows& rows) {
    return {{QStringLiteral("flights"), jsonCount(rows.all)},
            {QStringLiteral("history"), jsonCount(rows.history)},
            {QStringLiteral("predicted"), jsonCount(rows.predicted)},
            {QStringLiteral("unscored"), jsonCount(rows.unscored)},
            {QStringLiteral("with_outcome"), jsonCount(rows.withOutcome)},
            {QStringLiteral("with_outcome_and_history"), jsonCount(rows.allWithOutcome)}};
}

QJsonArray monthsJson(const Rows& rows) {
    QJsonArray out;
    for (const auto& [key, m] : rows.months) {
        const double late =
            m.labelled ? static_cast<double>(m.late) / static_cast<double>(m.labelled) : statistics::kNaN;
        const double auc = m.scores.empty() ? statistics::kNaN : statistics::rocAuc(m.scores, m.outcomes);
        out.append(QJsonObject{
            {QStringLiteral("month"), QStringLiteral("%1-%2").arg(key.first).arg(key.second, 2, 10, QLatin1Char('0'))},
            {QStringLiteral("rows"), jsonCount(m.rows)},
            {QStringLiteral("predicted"), jsonCount(m.scored)},
            {QStringLiteral("with_outcome"), jsonCount(m.labelled)},
            {QStringLiteral("late_share"), jsonReal(late)},
            {QStringLiteral("auc"), jsonReal(auc)}});
    }
    return out;
}

Result<QJsonArray> versionsJson(Database& database, const std::string& model, std::vector<Date>& dates) {
    PH_ASSIGN(auto versions, workspace::registry::versions(database, model));
    PH_ASSIGN(const auto periods, workspace::registry::aliasHistory(database, model));
    std::reverse(versions.begin(), versions.end());
    QJsonArray out;
    for (const auto& v : versions) {
        QJsonObject metrics;
        for (const auto& m : v.metrics)
            metrics[jsonText(m.name)] = QJsonObject{{QStringLiteral("value"), jsonReal(m.value)},
                                                    {QStringLiteral("low"), jsonReal(m.low)},
                                                    {QStringLiteral("high"), jsonReal(m.high)},
                                                    {QStringLiteral("n"), jsonCount(m.n)}};
        QJsonArray held;
        for (const auto& p : periods)
            if (p.version == v.version)
                held.append(QJsonObject{{QStringLiteral("alias"), jsonText(p.alias)},
                                        {QStringLiteral("from"), time(p.from)},
                                        {QStringLiteral("to"), time(p.to)},
                                        {QStringLiteral("actor"), jsonText(p.actor)}});
        dates.push_back({v.created, v.version + " registered"});
        out.append(QJsonObject{{QStringLiteral("version"), jsonText(v.version)},
                               {QStringLiteral("created"), time(v.created)},
                               {QStringLiteral("run"), jsonText(v.runId)},
                               {QStringLiteral("trained_on"), range(v.trainedOn)},
                               {QStringLiteral("evaluated_on"), range(v.evaluatedOn)},
                               {QStringLiteral("training_rows"), jsonCount(v.trainingRows)},
                               {QStringLiteral("artifact"), jsonText(v.artifactDigest)},
                               {QStringLiteral("aliases"), held},
                               {QStringLiteral("metrics"), metrics}});
    }
    for (const auto& p : periods)
        dates.push_back({p.from, p.version + " is " + p.alias + " (" + p.actor + ")"});
    return out;
}

Result<QJsonArray> alertsJson(Database& database, Timestamp now, std::vector<Date>& dates) {
    PH_ASSIGN(auto alerts, monitoring::readAlerts(database, false, now));
    PH_ASSIGN(const auto events, monitoring::readAlertEvents(database));
    std::reverse(alerts.begin(), alerts.end());
    QJsonArray out;
    std::map<std::int64_t, std::string> names;
    for (const auto& a : alerts) {
        names[a.id] = a.name;
        const auto summary = a.annotations.find("summary");
        out.append(QJsonObject{
            {QStringLiteral("id"), static_cast<qint64>(a.id)},
            {QStringLiteral("alert"), jsonText(a.name)},
            {QStringLiteral("monitor"), jsonText(a.monitor)},
            {QStringLiteral("severity"), QLatin1String(ports::toString(a.severity))},
            {QStringLiteral("state"), QLatin1String(ports::toString(a.state))},
            {QStringLiteral("pending_since"), time(a.pendingSince)},
            {QStringLiteral("firing_since"), time(a.firingSince)},
            {QStringLiteral("resolved_at"), time(a.resolvedAt)},
            {QStringLiteral("summary"), summary == a.annotations.end() ? QString() : jsonText(summary->second)}});
    }
    for (const auto& e : events)
        if (e.state != ports::AlertState::Pending)
            dates.push_back({e.at, "alert " + names[e.alert] + " " + ports::toString(e.state) + ": " + e.text});
    return out;
}

Result<QJsonArray> runsJson(Database& database, std::vector<Date>& dates) {
    PH_ASSIGN(auto runs, pipelines::listRuns(database, kAllRuns));
    std::reverse(runs.begin(), runs.end());
    QJsonArray out;
    for (const auto& r : runs) {
        out.append(QJsonObject{{QStringLiteral("id"), jsonText(r.id)},
                               {QStringLiteral("pipeline"), jsonText(r.pipeline)},
                               {QStringLiteral("state"), QLatin1String(ports::toString(r.state))},
                               {QStringLiteral("trigger"), jsonText(r.trigger)},
                               {QStringLiteral("trigger_ref"), jsonText(r.triggerRef)},
                               {QStringLiteral("cause"), jsonText(r.cause)},
                               {QStringLiteral("started"), time(r.started)},
                               {QStringLiteral("finished"), time(r.finished)},
                               {QStringLiteral("result"), jsonText(r.result)},
                               {QStringLiteral("version"), jsonText(r.producedVersion)},
                               {QStringLiteral("wall_ms"), r.wallMs}});
        if (r.started) dates.push_back({*r.started, "run " + r.id + " of " + r.pipeline + " begins: " + r.cause});
        if (r.finished)
            dates.push_back({*r.finished, "run " + r.id + " " + ports::toString(r.state) + ": " + r.result});
    }
    return out;
}

QJsonObject verdictsJson(const std::vector<ports::Evaluation>& evaluations) {
    QJsonObject out;
    for (const auto& e : evaluations) {
        QJsonObject kind = out[jsonText(e.kind)].toObject();
        const QString state = QLatin1String(statistics::toString(e.state));
        kind[state] = kind[state].toInt() + 1;
        out[jsonText(e.kind)] = kind;
    }
    return out;
}

QJsonArray datesJson(std::vector<Date> dates, const Zone& zone) {
    std::stable_sort(dates.begin(), dates.end(), [](const Date& a, const Date& b) { return a.at < b.at; });
    QJsonArray out;
    for (const Date& d : dates) {
        const std::string local = (d.at + zone.offsetAt(d.at)).toIso();  // "2013-04-01T00:30:00Z", but of the calendar
        out.append(QJsonObject{{QStringLiteral("at"), time(d.at)},
                               {QStringLiteral("local"), jsonText(local.substr(0, 10) + " " + local.substr(11, 5))},
                               {QStringLiteral("what"), jsonText(d.what)}});
    }
    return out;
}

}  // namespace

Result<QJsonObject> makeReport(Database& database, const workspace::Workspace& workspace, double wallSeconds) {
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(const ReplaySettings settings, readSettings(database));
    const Zone& zone = workspace.zone();
    std::vector<Date> dates;
    PH_ASSIGN(const Rows rows, countRows(database, zone, settings));
    PH_ASSIGN(const QJsonArray versions, versionsJson(database, settings.model, dates));
    PH_ASSIGN(const QJsonArray runs, runsJson(database, dates));
    PH_ASSIGN(const QJsonArray alerts, alertsJson(database, workspace.now(), dates));
    monitoring::EvaluationsRequest request;
    request.model = settings.model;
    PH_ASSIGN(const auto evaluations, monitoring::MonitorReader::read(database, request));
    PH_ASSIGN(const QJsonArray categories, categoriesJson(database, zone, settings));
    PH_ASSIGN(const QJsonArray explained, explainedJson(database, workspace, settings));
    PH_ASSIGN(const std::string digest, digestOf(database, settings.model));
    return QJsonObject{{QStringLiteral("format"), 1},
                       {QStringLiteral("model"), jsonText(settings.model)},
                       {QStringLiteral("zone"), jsonText(zone.name())},
                       {QStringLiteral("seed"), QString::number(settings.options.seed)},
                       {QStringLiteral("now"), time(workspace.now())},
                       {QStringLiteral("finished"), workspace.now() >= settings.end},
                       {QStringLiteral("span"), range({settings.span.start, settings.end})},
                       {QStringLiteral("rows"), rowsJson(rows)},
                       {QStringLiteral("versions"), versions},
                       {QStringLiteral("runs"), runs},
                       {QStringLiteral("alerts"), alerts},
                       {QStringLiteral("verdicts"), verdictsJson(evaluations)},
                       {QStringLiteral("drift"), driftJson(evaluations, zone)},
                       {QStringLiteral("categories"), categories},
                       {QStringLiteral("days"), daysJson(evaluations, zone)},
                       {QStringLiteral("explained"), explained},
                       {QStringLiteral("months"), monthsJson(rows)},
                       {QStringLiteral("dates"), datesJson(std::move(dates), zone)},
                       {QStringLiteral("digest"), jsonText(digest)},
                       {QStringLiteral("wall_seconds"), wallSeconds}};
}

}  // namespace pilothouse::engine
