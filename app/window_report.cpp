// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_report.h"

#include <QFileInfo>
#include <QSaveFile>
#include <algorithm>

#include "models/items/drift_comparison.h"
#include "models/items/performance_report.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/monitor_reader.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/query_parser.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::app {

namespace {

constexpr Duration kLookedAt = std::chrono::hours(24 * 7);  ///< where nothing was judged and no range was given

class Gathering {
public:
    Gathering(workspace::Workspace& workspace, workspace::Database& database, const ReportQuestion& question,
              const CancellationToken& token)
        : m_workspace(workspace), m_database(database), m_question(question), m_token(token) {}

    Result<ReportData> run() {
        m_data.workspace = QFileInfo(QString::fromStdString(m_workspace.path())).fileName().toStdString();
        m_data.zone = m_workspace.zone();
        m_data.made = m_workspace.now();
        m_data.filters = m_question.filters;
        PH_TRY(chooseModel());
        PH_TRY(readMonitor());
        PH_TRY(readDrift());
        PH_TRY(readQuality());
        PH_TRY(readAlerts());
        PH_TRY(m_token.check());
        PH_TRY(readPerformance());
        return std::move(m_data);
    }

private:
    Status chooseModel() {
        PH_ASSIGN(const auto logged,
                  predictions::topValuesOfLog(m_database, {{}, TimeRange::all(), "model", 50}, m_token));
        if (!m_question.model.empty()) {
            m_data.model = m_question.model;
            PH_ASSIGN(const auto versions, workspace::registry::versions(m_database, m_data.model));
            const bool known =
                !versions.empty() || std::any_of(logged.values.begin(), logged.values.end(),
                                                 [&](const ports::ValueCount& v) { return v.value == m_data.model; });
            if (!known) return fail(ErrorKind::NotFound, "there is no model \"" + m_data.model + "\"");
            return {};
        }
        if (logged.values.empty()) return fail(ErrorKind::NotFound, "no prediction is logged yet");
        if (logged.values.size() > 1) {
            std::string names;
            for (const auto& v : logged.values)
                names += (names.empty() ? "" : ", ") + v.value;
            return fail(Error::invalid("the log holds several models; name one: " + names));
        }
        m_data.model = logged.values.front().value;
        return {};
    }
    Status readMonitor() {
        PH_ASSIGN(
            const auto text,
            m_database.text("SELECT definition FROM monitor WHERE removed IS NULL AND kind = 'drift' AND model = ?1 "
                            "ORDER BY name LIMIT 1",
                            m_data.model));
        if (!text) return {};
        auto monitors = monitoring::parseMonitors(*text, "monitor");
        if (monitors && !monitors->empty()) m_data.monitor = std::move(monitors->front());
        return {};
    }
    /// The judged window that was asked for; nothing: none was judged.
    Result<std::optional<ports::Evaluation>> chooseWindow() {
        monitoring::EvaluationsRequest request;
        request.model = m_data.model;
        request.kinds = {"drift"};
        request.counts = true;
        PH_ASSIGN(auto all, monitoring::MonitorReader::read(m_database, request));
        std::optional<ports::Evaluation> within, over;
        for (ports::Evaluation& e : all) {
            if (m_question.moment ? !e.window.contains(*m_question.moment)
                                  : m_question.range && !e.window.overlaps(*m_question.range))
                continue;
            const bool inside =
                m_question.range && e.window.start >= m_question.range->start && e.window.end <= m_question.range->end;
            (inside ? within : over) = std::move(e);
        }
        return within ? within : over;
    }
    Status readDrift() {
        PH_ASSIGN(auto chosen, chooseWindow());
        if (!chosen) return compareWithBefore();
        m_data.judged = true;
        m_data.window = chosen->window;
        m_data.drift.evaluation = std::move(*chosen);
        const ports::Evaluation& e = m_data.drift.evaluation;
        PH_ASSIGN(const auto version, workspace::registry::version(m_database, m_data.model, e.version));
        auto profile = version ? monitoring::MonitorReader::profileOf(m_workspace, *version)
                               : Result<statistics::Profile>(fail(ErrorKind::NotFound, "no profile"));
        if (!profile) {
            m_data.drift.problem = profile.error().text();
            return {};
        }
        m_data.drift.profile = std::move(*profile);
        for (const ports::Finding& f : e.findings) {
            if (f.check != "drift" || f.counts.empty()) continue;
            const auto* column = m_data.drift.profile.find(f.feature);
            if (!column) continue;
            if (auto histogram = items::frozenHistogram(*column, f.counts))
                m_data.drift.histograms.push_back(std::move(*histogram));
        }
        return {};
    }
    /// No monitor has judged the window: it is compared with the one before.
    Status compareWithBefore() {
        PH_ASSIGN(const auto extent, predictions::extentOfLog(m_database));
        const Timestamp end = extent.rows == 0 ? m_data.made : extent.range.end + Duration(1);
        m_data.window = m_question.range.value_or(TimeRange{end - kLookedAt, end});
        if (m_question.moment && !m_question.range)
            m_data.window = {*m_question.moment, *m_question.moment + kLookedAt};
        items::DriftComparison c;
        c.model = m_data.model;
        PH_ASSIGN(const ports::Query rows, predictions::parseQuery(predictions::equalsClause("model", m_data.model)));
        const Timestamp start = m_data.window.start - m_data.window.duration();
        c.current = {"the window", rows, m_data.window};
        c.reference = {"the window before", rows, {start, m_data.window.start}};
        auto compared = items::compareRows(m_database, m_data.zone, c, m_token);
        if (compared) {
            m_data.drift = std::move(*compared);
        } else if (isCancelled(compared)) {
            return fail(compared.error());
        } else {
            m_data.driftProblem = "No monitor has judged this window, and it cannot be compared with the one before: " +
                                  compared.error().message;
        }
        return {};
    }
    Status readQuality() {
        monitoring::EvaluationsRequest request;
        request.model = m_data.model;
        request.kinds = {"quality", "traffic"};
        request.range = m_data.window;
        PH_ASSIGN(m_data.quality, monitoring::MonitorReader::read(m_database, request));
        return {};
    }
    /// Those that were open at some time within the window.
    Status readAlerts() {
        PH_ASSIGN(auto all, monitoring::readAlerts(m_database, false, m_data.made));
        for (ports::Alert& a : all)
            if (a.model == m_data.model && a.pendingSince < m_data.window.end + std::chrono::hours(48) &&
                a.resolvedAt.value_or(kTimestampMax) >= m_data.window.start)
                m_data.alerts.push_back(std::move(a));
        return {};
    }
    Status readPerformance() {
        PH_ASSIGN(const auto context, items::performanceContext(m_database, m_data.model));
        items::PerformanceQuestion q;
        q.model = m_data.model;
        q.version = m_question.version;
        q.compareWith = m_question.compareWith;
        q.range = m_data.window;
        q.zone = m_data.zone;
        q.now = m_data.made;
        PH_ASSIGN(q.rows, predictions::parseQuery(predictions::equalsClause("model", m_data.model)));
        for (const std::string& filter : m_question.filters)
            if (const auto parsed = predictions::parseQuery(filter); parsed && parsed->root.op != ports::QueryOp::All)
                q.rows = predictions::conjunction(q.rows, *parsed);
        q.rows.now = m_data.made;
        auto report = items::measurePerformance(m_database, q, context, m_token);
        if (isCancelled(report)) return fail(report.error());
        if (report)
            m_data.performance = std::move(*report);
        else
            m_data.performanceProblem = report.error().text();
        return {};
    }

    workspace::Workspace& m_workspace;
    workspace::Database& m_database;
    const ReportQuestion& m_question;
    const CancellationToken& m_token;
    ReportData m_data;
};

}  // namespace

Result<ReportData> gatherReport(workspace::Workspace& workspace, const ReportQuestion& question,
                                const CancellationToken& token) {
    PH_ASSIGN(const auto database, workspace.connect(true));
    database->setCancellation(token);
    PH_ASSIGN(ReportData data, Gathering(workspace, *database, question, token).run());
    return data;
}

Status saveReport(const ReportData& data, const std::string& path) {
    const QByteArray page = renderReport(data);
    QSaveFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::WriteOnly) || file.write(page) != page.size() || !file.commit())
        return fail(ErrorKind::PermissionDenied, "the report could not be written", path,
                    file.errorString().toStdString());
    return {};
}

}  // namespace pilothouse::app
