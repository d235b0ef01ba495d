// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/import_job.h"

#include <QFileInfo>
#include <QLocale>
#include <algorithm>
#include <mutex>

#include "models/items/on_thread.h"
#include "models/items/session.h"

namespace pilothouse::items {

namespace {

constexpr int kBeatMs = 100;

QString counted(std::uint64_t count) {
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(static_cast<qulonglong>(count));
}

}  // namespace

/// What the job's thread tells; read a few times a second, so that no row costs an event.
struct ImportJob::Shared {
    std::mutex mutex;
    predictions::IngestProgress progress;
    bool changed = false;
};

ImportJob::ImportJob(std::shared_ptr<workspace::Workspace> workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)) {
    m_beat.setInterval(kBeatMs);
    connect(&m_beat, &QTimer::timeout, this, &ImportJob::look);
}

ImportJob::~ImportJob() { m_source.cancel(); }

bool ImportJob::start(predictions::IngestOptions options) {
    if (m_running) return false;
    m_running = true;
    m_cancelling = false;
    m_follow = options.follow;
    m_report.reset();
    m_progress = {};
    m_files = options.files;
    m_bytesBefore = {0};
    for (const std::string& file : m_files)
        m_bytesBefore.push_back(m_bytesBefore.back() +
                                static_cast<double>(QFileInfo(QString::fromStdString(file)).size()));
    m_shared = std::make_shared<Shared>();
    options.onProgress = [shared = m_shared](const predictions::IngestProgress& progress) {
        const std::lock_guard lock(shared->mutex);
        shared->progress = progress;
        shared->changed = true;
    };
    m_source = CancellationSource();
    using Answer = Result<predictions::IngestReport>;
    m_answer.start(
        this,
        [&](const CancellationToken&) {
            return onThread("import",
                            [options = std::move(options), workspace = m_workspace, token = m_source.token()] {
                                Answer answer = predictions::ingest(*workspace, options, token);
                                if (isCancelled(answer)) {  // an end like any other here
                                    answer.emplace();
                                    answer->cancelled = true;
                                }
                                return answer;
                            });
        },
        [this](Answer answer) {
            look();
            m_beat.stop();
            m_running = false;
            m_report.emplace(std::move(answer));
            Q_EMIT finished();
        });
    m_beat.start();
    Q_EMIT started();
    return true;
}

void ImportJob::cancel() {
    if (!m_running) return;
    m_cancelling = true;
    m_source.cancel();
    Q_EMIT progressed();
}

void ImportJob::look() {
    {
        const std::lock_guard lock(m_shared->mutex);
        if (!m_shared->changed) return;
        m_shared->changed = false;
        m_progress.of = m_shared->progress;
    }
    const predictions::IngestProgress& p = m_progress.of;
    const std::size_t at = std::min(p.file, m_files.size() - 1);
    m_progress.file = QString::fromStdString(m_files[at]);
    m_progress.rowsPerSecond = p.seconds > 0 ? static_cast<double>(p.rows) / p.seconds : 0;
    m_progress.bytesPerSecond = p.seconds > 0 ? static_cast<double>(p.bytes) / p.seconds : 0;
    const double done = m_bytesBefore[at] + static_cast<double>(p.fileBytes), all = m_bytesBefore.back();
    const bool known = !m_follow && all > 0;
    m_progress.share = known ? std::min(1.0, done / all) : -1;
    m_progress.secondsLeft = known && done > 0 && p.seconds > 1 ? p.seconds * std::max(0.0, all / done - 1) : -1;
    Q_EMIT progressed();
}

ImportJob& importJob(Session& session) {
    auto* job = session.findChild<ImportJob*>(QString(), Qt::FindDirectChildrenOnly);
    return job ? *job : *new ImportJob(session.sharedWorkspace(), &session);
}

QString importSummary(const predictions::IngestReport& report) {
    std::uint64_t added = 0, known = 0, outcomes = 0, aside = 0;
    for (const auto& file : report.files) {
        added += file.rows;
        known += file.repeated + file.knownRows;
        outcomes += file.truths;
        aside += file.quarantined;
    }
    QStringList out;
    if (added == 0 && known > 0)
        out << QStringLiteral("Nothing new");
    else
        out << (added == 1 ? QStringLiteral("1 row added") : QStringLiteral("%1 rows added").arg(counted(added)));
    if (known > 0)
        out << (known == 1 ? QStringLiteral("1 was there already")
                           : QStringLiteral("%1 were there already").arg(counted(known)));
    if (outcomes > 0)
        out << (outcomes == 1 ? QStringLiteral("1 outcome") : QStringLiteral("%1 outcomes").arg(counted(outcomes)));
    if (aside > 0) out << QStringLiteral("%1 set aside").arg(counted(aside));
    return out.join(QStringLiteral(" · "));
}

}  // namespace pilothouse::items
