// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "models/base/latest.h"
#include "models/items/performance_report.h"
#include "models/items/session.h"

namespace pilothouse::items {

/// Asks for what the performance view shows, through the lens, on a thread of its own. A newer question cancels the
/// older one. GUI thread.
class PerformanceLoader : public QObject {
    Q_OBJECT
public:
    struct Answer {
        PerformanceReport report;
        PerformanceContext context;
        std::vector<ports::FieldInfo> columns;  ///< features that a segment can be made of
        bool anyRows = false;                   ///< the log holds something, whatever the lens looks at
    };
    explicit PerformanceLoader(Session& session, QObject* parent = nullptr);

    void load(std::optional<WindowUnit> unit);
    /// Of the answer that is shown: its shown version by a column.
    void loadSegments(const std::string& column, const std::string& metric);
    [[nodiscard]] bool busy() const { return m_question.running() || m_segments.running(); }
    [[nodiscard]] bool loading() const { return m_question.running(); }
    [[nodiscard]] const std::shared_ptr<const Answer>& answer() const { return m_answer; }

    /// What the lens asks for.
    [[nodiscard]] static PerformanceQuestion questionOf(Session& session, std::optional<WindowUnit> unit);

Q_SIGNALS:
    void ready();
    void segmentsReady(std::shared_ptr<const pilothouse::items::SegmentReport> report);
    void failed(const QString& message);
    void segmentsFailed(const QString& message);

private:
    Session& m_session;
    std::shared_ptr<const Answer> m_answer;
    Latest m_question, m_segments;
};

}  // namespace pilothouse::items
