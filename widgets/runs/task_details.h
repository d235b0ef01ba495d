// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/base/latest.h"
#include "models/ports/orchestrator.h"

class QLabel;
class QPlainTextEdit;
class QTableWidget;

namespace pilothouse::items {
class Session;
}

namespace pilothouse::runs {

/// A task of a run: its state, why the run took place, inputs and outputs, and its log, followed while it runs.
class TaskDetails : public QWidget {
    Q_OBJECT
public:
    explicit TaskDetails(items::Session& session, QWidget* parent = nullptr);
    void show(const ports::Run& run, const QString& task);
    [[nodiscard]] bool settled() const { return !m_asking.running(); }

private:
    void followLog();
    void fillValues(const ports::Task& task);

    items::Session& m_session;
    QLabel *m_title, *m_state, *m_cause;
    QTableWidget* m_values;
    QPlainTextEdit* m_log;
    QString m_runId, m_task;
    std::int64_t m_lastLine = 0;
    Latest m_asking;
};

}  // namespace pilothouse::runs
