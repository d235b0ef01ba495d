// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/monitor_service.h"

#include <QLoggingCategory>
#include <algorithm>

namespace pilothouse::engine {

using workspace::Database;
using Steady = std::chrono::steady_clock;

namespace {
Q_LOGGING_CATEGORY(lcEngine, "pilothouse.engine")
}

Result<std::unique_ptr<MonitorService>> MonitorService::open(std::shared_ptr<workspace::Workspace> workspace,
                                                             std::vector<AlertDelivery::Target> targets,
                                                             MonitorServiceOptions options) {
    if (workspace->clockKind() == ClockKind::Simulated)
        return fail(ErrorKind::Unsupported,
                    "this workspace has a simulated clock, which its window or pilothouse demo moves",
                    workspace->path());
    std::unique_ptr<MonitorService> out(new MonitorService);
    out->m_options = std::move(options);
    out->m_workspace = std::move(workspace);
    PH_ASSIGN(out->m_database, out->m_workspace->connect());
    PH_ASSIGN(out->m_lease, workspace::Lease::take(*out->m_workspace));
    out->m_delivery = std::make_unique<AlertDelivery>(std::move(targets), out->m_options.delivery,
                                                      [service = out.get()] { service->wake(); });
    out->m_figures.delivery = out->m_delivery->figures();
    out->m_beat = std::thread([service = out.get()] { service->beatUntilStopped(); });
    return out;
}

MonitorService::~MonitorService() {
    m_delivery.reset();  // first: an answer that comes late would wake what is going
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_changed.notify_all();
    if (m_beat.joinable()) m_beat.join();
}

/// On a thread of its own: an evaluation may take longer than a lease lives without a sign of life.
void MonitorService::beatUntilStopped() {
    std::unique_lock lock(m_mutex);
    while (!m_stopping) {
        const auto until = Steady::now() + m_options.beat;
        if (m_changed.wait_until(lock, until, [this] { return m_stopping; })) return;
        lock.unlock();
        const Status beaten = m_lease->beat();
        lock.lock();
        if (beaten) continue;
        // A file that is locked for a while loses nobody the lease; another holder does.
        if (beaten.error().kind != ErrorKind::Conflict || beaten.error().retryable) {
            qCWarning(lcEngine, "%s", beaten.error().text().c_str());
            continue;
        }
        m_lost = beaten.error();
        m_woken = true;
        m_changed.notify_all();
        return;
    }
}

std::function<Status(Database&)> MonitorService::fence() const {
    return [this](Database& database) { return m_lease->check(database); };
}

void MonitorService::wake() {
    {
        const std::lock_guard lock(m_mutex);
        m_woken = true;
    }
    m_changed.notify_all();
}

Status MonitorService::run(const Evaluate& evaluate, const CancellationToken& token,
                           const std::function<void(const EvaluationStep&)>& report) {
    while (!token.cancelled()) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_lost) return fail(*m_lost);
            m_woken = false;
        }
        PH_TRY(look(evaluate, token, report));
        if (token.cancelled()) break;
        PH_TRY(deliver());
        waitUntil(std::min(m_nextLook, m_nextDelivery));
    }
    return {};
}

/// Whether anything was committed since, other than by this connection.
Result<bool> MonitorService::othersCommitted() {
    PH_ASSIGN(const auto version, m_database->integer("PRAGMA data_version"));
    return std::exchange(m_dataVersion, version.value_or(0)) != version.value_or(0);
}

/// The lease's heartbeat and the service's own writes are commits as well; rows, labels, monitors and versions are what
/// verdicts depend on.
Result<std::string> MonitorService::whatCanChangeVerdicts() {
    PH_ASSIGN(auto row, m_database->prepare(
                            "SELECT (SELECT max(id) FROM prediction_batch), (SELECT max(id) FROM prediction_segment), "
                            "(SELECT max(id) FROM truth_batch), (SELECT count(*) FROM monitor WHERE removed IS NULL), "
                            "(SELECT count(*) FROM monitor_definition), (SELECT max(id) FROM alias_period), "
                            "(SELECT max(id) FROM profile)"));
    PH_ASSIGN([[maybe_unused]] const bool there, row.step());
    std::string out;
    for (int i = 0; i < 7; ++i)
        out += row.text(i) + ' ';
    return out;
}

Status MonitorService::look(const Evaluate& evaluate, const CancellationToken& token,
                            const std::function<void(const EvaluationStep&)>& report) {
    Timestamp now = m_workspace->now();
    PH_ASSIGN(const bool committed, othersCommitted());
    if (committed) m_nextDelivery = now;  // a silence, a rule
    bool asked = m_nextLook <= now;
    if (!asked && committed && Steady::now() - m_lastLook >= m_options.evaluateGap) {
        PH_ASSIGN(const std::string seen, whatCanChangeVerdicts());
        asked = seen != m_seen;
    } else if (!asked && committed) {
        m_dataVersion = -1;  // too early: looked at again
    }
    if (!asked) return {};
    // Before the work: what is committed meanwhile is looked at once more.
    PH_ASSIGN(m_seen, whatCanChangeVerdicts());
    const auto begun = Steady::now();
    const auto step = evaluate(now, token, [this] { (void)deliver(); });
    m_lastLook = Steady::now();
    now = m_workspace->now();
    m_nextLook = now + m_options.retry;
    if (step) m_nextLook = step->next ? std::max(*step->next, now + m_options.look) : kTimestampMax;
    EvaluationStep told;
    if (step)
        told = *step;
    else if (!isCancelled(step))
        told.problems = {step.error().text()};
    {
        const std::lock_guard lock(m_mutex);
        if (m_lost) return fail(*m_lost);
        ++m_figures.looks;
        m_figures.lastSeconds = std::chrono::duration<double>(m_lastLook - begun).count();
        m_figures.seconds += m_figures.lastSeconds;
        m_figures.lastLook = now;
        m_figures.evaluations += static_cast<std::int64_t>(told.evaluations);
        if (!step && !isCancelled(step)) ++m_figures.failed;
    }
    const bool news = told.evaluations > 0 || told.problems != m_problems;
    m_problems = told.problems;
    if (news && report) report(told);
    return {};
}

Status MonitorService::deliver() {
    PH_ASSIGN(m_nextDelivery, m_delivery->advance(*m_database, m_workspace->now(), fence()));
    const std::lock_guard lock(m_mutex);
    m_figures.delivery = m_delivery->figures();
    return {};
}

/// The clock may be set, and other processes commit, so it never sleeps longer than `look`.
void MonitorService::waitUntil(Timestamp next) {
    const Duration left = next <= m_workspace->now() ? Duration(0) : next - m_workspace->now();
    const auto wait = next == kTimestampMax ? Duration(m_options.look) : std::min<Duration>(left, m_options.look);
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, wait, [this] { return m_woken; });
}

void MonitorService::addMetrics(MetricsText& out) const {
    using Type = MetricsText::Type;
    const std::lock_guard lock(m_mutex);
    const Figures& f = m_figures;
    const auto add = [&out](const char* name, Type type, const char* help, double value) {
        out.family(name, type, help);
        out.add(value);
    };
    add("pilothouse_engine_evaluations", Type::Counter, "Windows that this engine judged",
        static_cast<double>(f.evaluations));
    add("pilothouse_engine_looks", Type::Counter, "Times that this engine looked what is due",
        static_cast<double>(f.looks));
    add("pilothouse_engine_failed_looks", Type::Counter, "Of them, those that failed", static_cast<double>(f.failed));
    add("pilothouse_engine_evaluation_seconds", Type::Counter, "Time spent on looking and judging", f.seconds);
    add("pilothouse_engine_last_evaluation_duration_seconds", Type::Gauge, "How long the last look took",
        f.lastSeconds);
    if (f.lastLook)
        add("pilothouse_engine_last_look_timestamp_seconds", Type::Gauge, "When this engine looked last",
            f.lastLook->seconds());
    const auto perReceiver = [&](const char* name, Type type, const char* help, auto value) {
        out.family(name, type, help);
        for (const auto& r : f.delivery)
            out.add({{"receiver", r.receiver}}, value(r));
    };
    using R = AlertDelivery::Figures;
    perReceiver("pilothouse_delivery_alerts", Type::Counter, "Alerts that a receiver acknowledged",
                [](const R& r) { return static_cast<double>(r.sent); });
    perReceiver("pilothouse_delivery_failed_requests", Type::Counter, "Requests to a receiver that failed",
                [](const R& r) { return static_cast<double>(r.failed); });
    perReceiver("pilothouse_delivery_refused_alerts", Type::Counter, "Alerts that a receiver refused as they are",
                [](const R& r) { return static_cast<double>(r.refused); });
    perReceiver("pilothouse_delivery_failures_in_a_row", Type::Gauge, "Failed requests since the last that went well",
                [](const R& r) { return static_cast<double>(r.failuresInARow); });
    perReceiver("pilothouse_delivery_last_success_timestamp_seconds", Type::Gauge,
                "When a receiver acknowledged last; 0: never",
                [](const R& r) { return r.lastSuccess.value_or(Timestamp{}).seconds(); });
}

}  // namespace pilothouse::engine
