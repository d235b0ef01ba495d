// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/import_status.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QProgressBar>

#include "widgets/shell/bar_button.h"
#include "widgets/theme/format.h"

namespace pilothouse::shell {

namespace {
constexpr int kSteps = 1'000;
}

ImportStatus::ImportStatus(items::Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("importStatus"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    const auto button = [&](const char* name, const QString& accessible) {
        auto* b = new BarButton(this);
        b->setObjectName(QString::fromLatin1(name));
        b->setAccessibleName(accessible);
        b->setFilled(false);
        row->addWidget(b);
        return b;
    };
    m_words = button("importWork", QStringLiteral("Files being imported"));
    m_words->setBold(false);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("importShare"));
    m_progress->setAccessibleName(QStringLiteral("Progress of the import"));
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(90, 4);
    row->addWidget(m_progress);
    m_cancel = button("cancelImportWork", QStringLiteral("Cancel the import"));
    m_cancel->setIcon(theme::icon(QStringLiteral("close")));
    m_cancel->setIconSize({12, 12});
    m_cancel->setToolTip(QStringLiteral("Cancel the import: rows that are written stay"));
    auto& job = items::importJob(session);
    connect(m_words, &QAbstractButton::clicked, this, [this] { m_session.showView(QStringLiteral("file.import")); });
    connect(m_cancel, &QAbstractButton::clicked, &job, &items::ImportJob::cancel);
    connect(&job, &items::ImportJob::started, this, &ImportStatus::refresh);
    connect(&job, &items::ImportJob::progressed, this, &ImportStatus::refresh);
    connect(&job, &items::ImportJob::finished, this, &ImportStatus::finish);
    refresh();
}

void ImportStatus::refresh() {
    const items::ImportJob& job = items::importJob(m_session);
    setVisible(job.running());
    if (!job.running()) return;
    const auto& p = job.progress();
    const QString rate = QStringLiteral("%1 rows/s").arg(theme::count(static_cast<std::uint64_t>(p.rowsPerSecond)));
    m_words->setWords(
        QStringLiteral("▸ ") + (p.file.isEmpty() ? QStringLiteral("import") : QFileInfo(p.file).fileName()),
        job.cancelling() ? QStringLiteral("stopping")
        : p.share < 0    ? rate
                         : QStringLiteral("%1 · %2").arg(theme::percent(p.share, 0), rate));
    m_words->setToolTip(QStringLiteral("%1 rows so far: show the import").arg(theme::count(p.of.rows)));
    m_progress->setRange(0, p.share < 0 ? 0 : kSteps);
    if (p.share >= 0) m_progress->setValue(static_cast<int>(p.share * kSteps));
    m_cancel->setEnabled(!job.cancelling());
}

void ImportStatus::finish() {
    refresh();
    const auto& report = items::importJob(m_session).report();
    if (!report) return;
    Q_EMIT ended(*report
                     ? items::importSummary(**report)
                     : QStringLiteral("The import stopped: %1").arg(QString::fromStdString(report->error().text())));
}

}  // namespace pilothouse::shell
