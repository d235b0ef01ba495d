// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/workspace_metrics.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QFile>
#include <cmath>

#include "models/monitoring/alert_rules.h"
#include "models/workspace/workspace.h"

namespace pilothouse::engine {

using Type = MetricsText::Type;
using Labels = MetricsText::Labels;
using workspace::Database;

namespace {

constexpr int kMaxFindings = 2'000;  // of one monitor; MetricsText bounds all of them

struct Newest {
    Labels labels;  ///< monitor, model, kind
    std::int64_t id = 0, rows = 0, labelled = 0, evaluations = 0;
    std::string state;
    Timestamp start, end, evaluated;
};

Result<std::vector<Newest>> newestEvaluations(Database& database) {
    // By the index (monitor, window_start, revision) from its end: a step a monitor, however long the history.
    PH_ASSIGN(auto rows,
              database.prepare(
                  "SELECT m.name, m.model, m.kind, e.id, e.state, e.window_start, e.window_end, e.evaluated, e.rows, "
                  "e.labelled, (SELECT count(*) FROM evaluation c WHERE c.monitor = m.name) FROM monitor m "
                  "LEFT JOIN evaluation e ON e.id = (SELECT id FROM evaluation l WHERE l.monitor = m.name "
                  "ORDER BY l.window_start DESC, l.revision DESC LIMIT 1) WHERE m.removed IS NULL ORDER BY m.name"));
    std::vector<Newest> out;
    for (;;) {
        PH_ASSIGN(const bool row, rows.step());
        if (!row) return out;
        Newest n;
        n.labels = {{"monitor", rows.text(0)}, {"model", rows.text(1)}, {"kind", rows.text(2)}};
        n.id = rows.integer(3);
        n.state = rows.text(4);
        n.start = rows.timestamp(5);
        n.end = rows.timestamp(6);
        n.evaluated = rows.timestamp(7);
        n.rows = rows.integer(8);
        n.labelled = rows.integer(9);
        n.evaluations = rows.integer(10);
        out.push_back(std::move(n));
    }
}

void addMonitors(MetricsText& out, const std::vector<Newest>& all) {
    out.family("pilothouse_monitor_evaluations", Type::Counter, "Windows that a monitor judged, revisions included");
    for (const Newest& n : all)
        out.add(n.labels, static_cast<double>(n.evaluations));
    out.family("pilothouse_monitor_state", Type::Gauge,
               "1 for the state of the newest window that was judged, 0 for the others");
    for (const Newest& n : all)
        for (const char* state : {"ok", "drift", "insufficient", "unavailable"}) {
            if (n.id == 0) continue;
            Labels labels = n.labels;
            labels["state"] = state;
            out.add(labels, n.state == state ? 1 : 0);
        }
    const auto gauge = [&](const char* name, const char* help, auto value) {
        out.family(name, Type::Gauge, help);
        for (const Newest& n : all)
            if (n.id != 0) out.add(n.labels, value(n));
    };
    gauge("pilothouse_monitor_last_evaluation_timestamp_seconds", "When the newest window was judged",
          [](const Newest& n) { return n.evaluated.seconds(); });
    gauge("pilothouse_monitor_window_start_timestamp_seconds", "Start of the newest window that was judged",
          [](const Newest& n) { return n.start.seconds(); });
    gauge("pilothouse_monitor_window_end_timestamp_seconds", "End of the newest window that was judged",
          [](const Newest& n) { return n.end.seconds(); });
    gauge("pilothouse_monitor_window_rows", "Rows in the newest window that was judged",
          [](const Newest& n) { return static_cast<double>(n.rows); });
    gauge("pilothouse_monitor_window_labelled_rows", "Rows with ground truth in the newest window that was judged",
          [](const Newest& n) { return static_cast<double>(n.labelled); });
}

struct FindingRow {
    Labels labels;
    bool drift = false, judged = false;
    double effect = 0, low = 0, high = 0, q = 0, missing = 0;
};

Status readFindings(Database& database, const Newest& n, std::vector<FindingRow>& out) {
    PH_ASSIGN(auto rows, database.prepare("SELECT feature, check_name, method, state, effect, effect_low, effect_high, "
                                          "q_value, missing_share FROM finding WHERE evaluation = ? ORDER BY position "
                                          "LIMIT ?"));
    rows.bindAll(n.id, kMaxFindings);
    for (;;) {
        PH_ASSIGN(const bool row, rows.step());
        if (!row) return {};
        FindingRow f;
        f.labels = n.labels;
        f.labels["feature"] = rows.text(0);
        f.labels["check"] = rows.text(1);
        f.labels["method"] = rows.text(2);
        f.drift = rows.view(3) == "drift";
        f.judged = f.drift || rows.view(3) == "ok";
        f.effect = rows.real(4);
        f.low = rows.real(5);
        f.high = rows.real(6);
        f.q = rows.real(7);
        f.missing = rows.real(8);
        out.push_back(std::move(f));
    }
}

Status addFindings(MetricsText& out, Database& database, const std::vector<Newest>& all) {
    std::vector<FindingRow> findings;
    for (const Newest& n : all)
        if (n.id != 0 && findings.size() < MetricsText::kMaxSeries) PH_TRY(readFindings(database, n, findings));
    const auto gauge = [&](const char* name, const char* help, auto value) {
        out.family(name, Type::Gauge, help);
        for (const FindingRow& f : findings)
            if (const double v = value(f); !std::isnan(v)) out.add(f.labels, v);
    };
    gauge("pilothouse_finding_drift", "Whether what was checked drifts; absent where it could not be told",
          [](const FindingRow& f) { return f.judged ? (f.drift ? 1.0 : 0.0) : NAN; });
    gauge("pilothouse_finding_effect", "Effect size, in the unit of its method",
          [](const FindingRow& f) { return f.effect; });
    gauge("pilothouse_finding_effect_low", "Lower end of the effect's interval",
          [](const FindingRow& f) { return f.low; });
    gauge("pilothouse_finding_effect_high", "Upper end of the effect's interval",
          [](const FindingRow& f) { return f.high; });
    gauge("pilothouse_finding_q_value", "p-value adjusted for all that was tested together (Benjamini-Hochberg)",
          [](const FindingRow& f) { return f.q; });
    gauge("pilothouse_finding_missing_ratio", "Share of missing values in the window",
          [](const FindingRow& f) { return f.missing; });
    return {};
}

Status addAlerts(MetricsText& out, Database& database, Timestamp now) {
    PH_ASSIGN(const auto alerts, monitoring::readAlerts(database, true, now));
    out.family("pilothouse_alerts", Type::Gauge, "1 for each alert that is pending or firing, as Prometheus' ALERTS");
    const auto labelsOf = [](const ports::Alert& a) {
        Labels labels = a.labels;
        labels["alertstate"] = ports::toString(a.state);
        return labels;
    };
    for (const ports::Alert& a : alerts)
        out.add(labelsOf(a), 1);
    out.family("pilothouse_alert_suppressed", Type::Gauge, "Whether an alert is silenced or inhibited");
    for (const ports::Alert& a : alerts)
        out.add(labelsOf(a), a.suppressed() ? 1 : 0);
    out.family("pilothouse_alert_since_timestamp_seconds", Type::Gauge, "Since when an alert has had its state");
    for (const ports::Alert& a : alerts)
        out.add(labelsOf(a), a.firingSince.value_or(a.pendingSince).seconds());
    return {};
}

Status addLog(MetricsText& out, Database& database) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT sum(rows), max(last_time) FROM (SELECT rows, last_time FROM "
                               "prediction_segment UNION ALL SELECT rows, last_time FROM prediction_batch)"));
    PH_ASSIGN([[maybe_unused]] const bool row, rows.step());
    out.family("pilothouse_prediction_log_rows", Type::Gauge, "Rows in the prediction log");
    out.add(static_cast<double>(rows.integer(0)));
    if (!rows.isNull(1)) {
        out.family("pilothouse_prediction_log_newest_row_timestamp_seconds", Type::Gauge,
                   "Time of the newest prediction");
        out.add(rows.timestamp(1).seconds());
    }
    PH_ASSIGN(const auto set, database.integer("SELECT count(*) FROM quarantine"));
    out.family("pilothouse_quarantined_rows", Type::Gauge, "Rows that could not be used and are kept aside");
    out.add(static_cast<double>(set.value_or(0)));
    PH_ASSIGN(const auto pages, database.integer("PRAGMA page_count"));
    PH_ASSIGN(const auto page, database.integer("PRAGMA page_size"));
    out.family("pilothouse_workspace_size_bytes", Type::Gauge, "Size of the workspace file");
    out.add(static_cast<double>(pages.value_or(0)) * static_cast<double>(page.value_or(0)));
    return {};
}

Status addRuns(MetricsText& out, Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT pipeline, state, count(*) FROM run GROUP BY pipeline, state"));
    out.family("pilothouse_pipeline_runs", Type::Gauge, "Runs of a pipeline by their state");
    for (;;) {
        PH_ASSIGN(const bool row, rows.step());
        if (!row) return {};
        out.add({{"pipeline", rows.text(0)}, {"state", rows.text(1)}}, static_cast<double>(rows.integer(2)));
    }
}

}  // namespace

Status addWorkspaceMetrics(MetricsText& out, Database& database, Timestamp now) {
    out.family("pilothouse_build_info", Type::Gauge, "1, with the version of the program");
    out.add({{"version", QCoreApplication::applicationVersion().toStdString()}}, 1);
    PH_ASSIGN(const auto newest, newestEvaluations(database));
    addMonitors(out, newest);
    PH_TRY(addAlerts(out, database, now));
    PH_TRY(addLog(out, database));
    PH_TRY(addRuns(out, database));
    return addFindings(out, database, newest);  // last: what is most of all is left out first
}

void addProcessMetrics(MetricsText& out) {
    QFile stat(QStringLiteral("/proc/self/stat")), boot(QStringLiteral("/proc/stat"));
    if (!stat.open(QIODevice::ReadOnly) || !boot.open(QIODevice::ReadOnly)) return;
    // The fields after the name, which is in brackets and may hold anything (proc(5)): utime is the 12th of them.
    const QByteArray line = stat.readAll();
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    if (fields.size() < 22) return;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    out.family("process_cpu_seconds", Type::Counter, "CPU time of the process, user and system");
    out.add((fields[11].toDouble() + fields[12].toDouble()) / ticks);
    out.family("process_resident_memory_bytes", Type::Gauge, "Resident memory of the process");
    out.add(fields[21].toDouble() * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    const QByteArray all = boot.readAll();
    const auto at = all.indexOf("\nbtime ");
    if (at < 0) return;
    out.family("process_start_time_seconds", Type::Gauge, "Start of the process, since 1970");
    out.add(all.mid(at + 7, all.indexOf('\n', at + 7) - at - 7).toDouble() + fields[19].toDouble() / ticks);
}

}  // namespace pilothouse::engine
