// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/performance_loader.h"

#include <algorithm>

#include "models/items/on_thread.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {

namespace {

using Answer = PerformanceLoader::Answer;

Result<Answer> ask(workspace::Workspace& workspace, const PerformanceQuestion& question,
                   const CancellationToken& token) {
    PH_ASSIGN(const auto database, workspace.connect(true));
    database->setCancellation(token);
    Answer out;
    PH_ASSIGN(out.context, performanceContext(*database, question.model));
    PH_ASSIGN(out.columns, predictions::fieldsOfLog(*database));
    out.anyRows = !out.columns.empty();
    std::erase_if(out.columns,
                  [](const ports::FieldInfo& f) { return !f.feature || f.type == ports::ColumnType::Time; });
    PH_ASSIGN(out.report, measurePerformance(*database, question, out.context, token));
    return out;
}

}  // namespace

PerformanceLoader::PerformanceLoader(Session& session, QObject* parent) : QObject(parent), m_session(session) {}

PerformanceQuestion PerformanceLoader::questionOf(Session& session, std::optional<WindowUnit> unit) {
    const LensState& lens = session.lens().state();
    PerformanceQuestion q;
    q.model = lens.model;
    q.version = lens.version;
    q.compareWith = lens.compareWith;
    q.range = session.lens().range();
    q.unit = unit;
    q.zone = session.zone();
    q.now = session.now();
    const auto join = [&q](const std::string& text) {
        const auto parsed = predictions::parseQuery(text);
        if (!parsed) return;  // the lens bar shows its error
        q.rows = q.rows.root.op == ports::QueryOp::All ? *parsed : predictions::conjunction(q.rows, *parsed);
    };
    if (!lens.model.empty()) join(predictions::equalsClause("model", lens.model));
    for (const std::string& filter : lens.filters)
        join(filter);
    q.rows.now = q.now;
    return q;
}

void PerformanceLoader::load(std::optional<WindowUnit> unit) {
    m_segments.cancel();
    m_question.start(
        this,
        [&](CancellationToken token) {
            return onThread("performance",
                            [workspace = m_session.sharedWorkspace(), question = questionOf(m_session, unit),
                             token]() -> Result<Answer> { return ask(*workspace, question, token); });
        },
        [this](Result<Answer> got) {
            if (!got) return Q_EMIT failed(QString::fromStdString(got.error().text()));
            m_answer = std::make_shared<const Answer>(std::move(*got));
            Q_EMIT ready();
        });
}

void PerformanceLoader::loadSegments(const std::string& column, const std::string& metric) {
    const VersionPerformance* version = m_answer ? m_answer->report.main() : nullptr;
    if (!version || column.empty()) return m_segments.cancel();
    m_segments.start(
        this,
        [&](CancellationToken token) {
            return onThread("segments",
                            [workspace = m_session.sharedWorkspace(), answer = m_answer, column, metric,
                             token]() -> Result<SegmentReport> {
                                PH_ASSIGN(const auto database, workspace->connect(true));
                                database->setCancellation(token);
                                return measureSegments(*database, answer->report.question, answer->context,
                                                       *answer->report.main(), column, metric, token);
                            });
        },
        [this](Result<SegmentReport> got) {
            if (!got) return Q_EMIT segmentsFailed(QString::fromStdString(got.error().text()));
            Q_EMIT segmentsReady(std::make_shared<const SegmentReport>(std::move(*got)));
        });
}

}  // namespace pilothouse::items
