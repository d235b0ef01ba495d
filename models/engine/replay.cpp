// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/replay.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <numeric>

#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_store.h"
#include "models/predictions/prediction_store.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::engine {

using ports::Column;
using ports::ColumnType;
using workspace::Transaction;
using workspace::Workspace;

namespace {

constexpr const char* kJudged = "engine.judged";  ///< the boundary judged last, ns

Column numbers(std::string_view name, std::size_t rows) {
    Column out;
    out.name = name;
    out.numbers.assign(rows, statistics::kNaN);
    return out;
}

Column texts(std::string_view name, std::size_t rows) {
    Column out;
    out.name = name;
    out.type = ColumnType::Text;
    out.codes.assign(rows, Column::kMissingCode);
    return out;
}

}  // namespace

Result<std::unique_ptr<Replay>> Replay::open(std::shared_ptr<Workspace> workspace, Parts parts,
                                             CancellationToken token) {
    std::unique_ptr<Replay> replay(new Replay);
    replay->m_workspace = std::move(workspace);
    replay->m_parts = std::move(parts);
    replay->m_token = std::move(token);
    PH_ASSIGN(replay->m_database, replay->m_workspace->connect());
    PH_ASSIGN(replay->m_settings, readSettings(*replay->m_database));
    PH_TRY(replay->loadMonitors());
    PH_TRY(replay->loadState());
    PH_ASSIGN(replay->m_flights, Flights::load(replay->m_settings, replay->m_token));
    return replay;
}

Replay::~Replay() {
    if (m_parts.runs) m_parts.runs->stop();
}

void Replay::setWake(std::function<void()> wake) {
    m_wake = std::move(wake);
    m_parts.runs->setObserver(m_wake);
}

Result<Transaction> Replay::write() {
    PH_ASSIGN(auto transaction, Transaction::begin(*m_database));
    if (m_fence) PH_TRY(m_fence(*m_database));
    return transaction;
}

Status Replay::loadMonitors() {
    PH_ASSIGN(m_monitors, monitoring::monitorsOf(*m_database, m_settings.model));
    return {};
}

Status Replay::loadState() {
    PH_TRY(m_workspace->refreshClock(*m_database));
    m_now = m_workspace->now();
    PH_ASSIGN(const auto judged, Workspace::integerSetting(*m_database, kJudged));
    m_judged = judged ? Timestamp{*judged} : m_settings.span.start;
    // The engine marks the run that it began with its start, in the transaction that began it.
    PH_ASSIGN(const auto last, m_database->integer("SELECT max(started) FROM run"));
    if (last) m_lastRunEnd = Timestamp{*last} + m_settings.runDuration;
    return findBoundary();
}

/// The first moment after the last one judged at which something is to be judged.
Status Replay::findBoundary() {
    const Zone& zone = m_workspace->zone();
    Timestamp next = kTimestampMax;
    const auto consider = [&](Timestamp t) {
        if (t > m_judged) next = std::min(next, t);
    };
    consider(m_settings.end);
    consider(m_lastRunEnd);
    if (m_judged < m_settings.end) {
        consider(zone.nextMidnight(m_judged));
        for (const auto& monitor : m_monitors)
            consider(monitoring::nextDue(monitor, zone, m_judged));
    }
    m_boundary = next == kTimestampMax ? m_judged : next;
    return {};
}

bool Replay::finished() const {
    return m_now >= m_settings.end && m_judged >= std::max(m_settings.end, m_lastRunEnd) && !m_run;
}

/// Periods of the champion, oldest first.
Result<std::vector<Replay::ChampionPeriod>> Replay::championPeriods() {
    PH_ASSIGN(const auto history, workspace::registry::aliasHistory(*m_database, m_settings.model));
    std::vector<ChampionPeriod> out;
    for (const auto& period : history)
        if (period.alias == ports::kChampion) out.push_back({period.version, period.from});
    return out;
}

Result<const monitoring::Champion*> Replay::champion(const std::string& version) {
    if (m_champion && m_champion->version.version == version) return &*m_champion;
    PH_ASSIGN(const auto found, workspace::registry::version(*m_database, m_settings.model, version));
    if (!found) return fail(ErrorKind::NotFound, "version " + version + " is in production and not in the registry");
    PH_ASSIGN(auto profile, monitoring::MonitorReader::profileOf(*m_workspace, *found));
    m_champion = monitoring::Champion{*found, std::move(profile)};
    return &*m_champion;
}

Status Replay::score(ports::RowSet& rows, std::size_t firstRow, const std::vector<ChampionPeriod>& periods) {
    Column version = texts(ports::field::version, rows.rows), status = texts(ports::field::status, rows.rows);
    Column scores = numbers(ports::field::score, rows.rows), latency = numbers(ports::field::latencyMs, rows.rows);
    status.dictionary = {"ok"};
    for (std::size_t p = 0; p < periods.size(); ++p) {
        const Timestamp end = p + 1 < periods.size() ? periods[p + 1].from : kTimestampMax;
        std::vector<std::size_t> indices;
        for (std::size_t row = 0; row < rows.rows; ++row) {
            const Timestamp t = m_flights.time(firstRow + row);
            if (t >= periods[p].from && t < end) indices.push_back(row);
        }
        if (indices.empty()) continue;
        if (m_scorerVersion != periods[p].version || !m_scorer) {
            PH_ASSIGN(const auto* champion, this->champion(periods[p].version));
            PH_ASSIGN(m_scorer, m_parts.loadScorer(champion->version));
            m_scorerVersion = periods[p].version;
        }
        std::vector<double> latencies(indices.size());
        PH_ASSIGN(const auto answers, m_scorer->score(rows, indices, latencies));
        const auto code = static_cast<std::uint32_t>(version.dictionary.size());
        version.dictionary.push_back(periods[p].version);
        for (std::size_t i = 0; i < indices.size(); ++i) {
            version.codes[indices[i]] = code;
            status.codes[indices[i]] = 0;
            scores.numbers[indices[i]] = answers[i];
            latency.numbers[indices[i]] = latencies[i];
        }
    }
    for (Column* column : {&version, &scores, &latency, &status})
        rows.columns.push_back(std::move(*column));
    return {};
}

Status Replay::advance(Timestamp to) {
    const std::size_t first = m_flights.rowAt(m_now), last = m_flights.rowAt(to);
    ports::RowSet rows = m_flights.rows(first, last);
    const auto truths = m_flights.outcomes(m_flights.outcomeAt(m_now), m_flights.outcomeAt(to));
    for (;;) {
        PH_TRY(m_token.check());
        PH_ASSIGN(const auto periods, championPeriods());
        ports::RowSet scored = rows;
        PH_TRY(score(scored, first, periods));  // outside of the transaction, so that others can write meanwhile
        PH_ASSIGN(auto transaction, write());
        PH_ASSIGN(const auto still, championPeriods());
        if (still != periods) continue;  // somebody promoted a version while this one was asked
        if (scored.rows > 0) PH_TRY(predictions::append(*m_database, scored));
        if (!truths.empty()) PH_TRY(predictions::appendTruth(*m_database, m_settings.model, truths));
        PH_TRY(m_workspace->storeSimulatedNow(*m_database, to));
        PH_TRY(transaction.commit());
        break;
    }
    m_now = to;
    m_workspace->setSimulatedNow(to);
    return {};
}

Result<bool> Replay::takeCommands() {
    PH_TRY(settleRun());
    PH_TRY(startWaiting());
    struct Command {
        std::int64_t id = 0, run = 0;
        std::string kind;
    };
    std::vector<Command> commands;
    {
        PH_ASSIGN(auto statement, m_database->prepare("SELECT id, kind, body FROM command WHERE state = 'queued' AND "
                                                      "kind IN ('trigger', 'cancel') ORDER BY id"));
        for (;;) {
            PH_ASSIGN(const bool row, statement.step());
            if (!row) break;
            const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(statement.text(2))).object();
            const QJsonValue run = body[QLatin1String("run")];
            commands.push_back({statement.integer(0), run.isString() ? run.toString().toLongLong() : run.toInteger(),
                                statement.text(1)});
        }
    }
    bool taken = false;
    for (const Command& command : commands) {
        std::string state = "done", answer;
        PH_ASSIGN(auto transaction, write());
        if (command.kind == "trigger") {
            if (m_run) continue;  // one at a time: it waits for its turn
            PH_TRY(m_database->run("UPDATE run SET started = ? WHERE id = ? AND state = 'queued'", m_now, command.run));
            if (m_database->changes() == 0) answer = "the run is not waiting";
        } else if (m_run && m_run->id == command.run) {
            m_run->cancellation.cancel();
        } else {
            answer = "the run is not in progress";
        }
        PH_TRY(m_database->run("UPDATE command SET state = ?, answer = ? WHERE id = ?", state, answer, command.id));
        PH_TRY(transaction.commit());
        taken = true;
        PH_TRY(startWaiting());
    }
    return taken;
}

/// Starts the run that was begun (its start is stored) and does not run here: a new one, or one that an ended process
/// left.
Status Replay::startWaiting() {
    if (m_run) return {};
    PH_ASSIGN(auto statement,
              m_database->prepare("SELECT id, started FROM run WHERE state IN ('queued', 'running') AND "
                                  "started IS NOT NULL ORDER BY id LIMIT 1"));
    PH_ASSIGN(const bool row, statement.step());
    if (!row) return {};
    const Timestamp start = statement.timestamp(1);
    m_run.emplace();
    m_run->id = statement.integer(0);
    m_run->time = {start, start + m_settings.runDuration};
    m_lastRunEnd = std::max(m_lastRunEnd, m_run->time.end);
    PH_TRY(findBoundary());
    m_run->future = m_parts.runs->start(m_run->id, {start, m_settings.runDuration}, m_run->cancellation.token());
    if (m_wake) m_run->future.then(QtFuture::Launch::Sync, [wake = m_wake](const Result<ports::Run>&) { wake(); });
    return {};
}

/// Lets go of a run that is done once the simulated clock has reached its end.
Status Replay::settleRun() {
    if (!m_run || m_now < m_run->time.end || !m_run->future.isFinished()) return {};
    const auto result = m_run->future.result();
    const std::int64_t id = m_run->id;
    m_run.reset();
    if (result) return {};
    // What ended the run is in its record, unless the run could not even write that.
    PH_ASSIGN(const auto state, m_database->text("SELECT state FROM run WHERE id = ?", id));
    if (state && *state != "queued" && *state != "running") return {};
    if (result.error().retryable) return {};  // startWaiting() goes on with it
    return fail(result.error());
}

std::pair<std::string, double> Replay::runProgress() {
    if (!m_run) return {};
    const auto read = [&]() -> Result<std::pair<std::string, double>> {
        PH_ASSIGN(auto statement,
                  m_database->prepare("SELECT name, state, progress FROM task WHERE run = ? ORDER BY position"));
        statement.bindAll(m_run->id);
        std::pair<std::string, double> out;
        double tasks = 0;
        for (;;) {
            PH_ASSIGN(const bool row, statement.step());
            if (!row) break;
            tasks += 1;
            const std::string_view state = statement.view(1);
            if (state == "running") out.first = statement.text(0);
            out.second += state == "waiting" ? 0 : state == "running" ? statement.real(2) : 1;
        }
        if (tasks > 0) out.second /= tasks;
        return out;
    };
    return read().value_or(std::pair<std::string, double>{});
}

}  // namespace pilothouse::engine
