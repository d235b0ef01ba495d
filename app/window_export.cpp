// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_export.h"

#include "app/window_report.h"
#include "models/items/on_thread.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/status_area.h"

namespace pilothouse::app {

ReportSaving::ReportSaving(shell::MainWindow& window) : QObject(&window), m_window(window) {
    connect(&window, &shell::MainWindow::reportRequested, this, &ReportSaving::save);
}

void ReportSaving::save(const QString& path) {
    items::Session* session = m_window.session();
    if (!session) return;
    const items::LensState& lens = session->lens().state();
    ReportQuestion question;
    question.model = lens.model;
    question.version = lens.version;
    question.compareWith = lens.compareWith;
    question.range = session->lens().range();
    question.filters = lens.filters;
    const auto say = [this](const QString& text) {
        if (m_window.frame()) m_window.frame()->status().say(text);
    };
    say(QStringLiteral("Making the report …"));
    m_question.start(
        this,
        [&](CancellationToken token) {
            return items::onThread("report",
                                   [workspace = session->sharedWorkspace(), question, token]() -> Result<ReportData> {
                                       return gatherReport(*workspace, question, token);
                                   });
        },
        [say, path](Result<ReportData> data) {
            const Status saved = data ? saveReport(*data, path.toStdString()) : Status(fail(data.error()));
            say(saved ? QStringLiteral("Saved the report to %1").arg(path)
                      : QStringLiteral("No report was made: %1").arg(QString::fromStdString(saved.error().text())));
        });
}

}  // namespace pilothouse::app
