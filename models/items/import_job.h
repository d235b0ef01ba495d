// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>

#include "models/base/latest.h"
#include "models/predictions/ingest.h"
#include "models/workspace/workspace.h"

namespace pilothouse::items {

class Session;

/// Loads files into the workspace on a thread of its own, one job at a time, with progress and an end that is kept
/// until the next one. What was written stays when it is cancelled, or when this object goes. GUI thread.
class ImportJob : public QObject {
    Q_OBJECT
public:
    struct Progress {
        predictions::IngestProgress of;
        QString file;       ///< that is being read
        double share = -1;  ///< of all files' bytes, 0 to 1; negative: not known
        double rowsPerSecond = 0, bytesPerSecond = 0;
        double secondsLeft = -1;  ///< an estimate; negative: not known
    };

    explicit ImportJob(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);
    ~ImportJob() override;

    /// False: one is running already.
    bool start(predictions::IngestOptions options);
    /// Takes effect within a tenth of a second or at the end of the transaction in hand.
    void cancel();
    [[nodiscard]] bool running() const { return m_running; }
    [[nodiscard]] bool cancelling() const { return m_running && m_cancelling; }
    [[nodiscard]] bool following() const { return m_running && m_follow; }
    [[nodiscard]] const Progress& progress() const { return m_progress; }
    /// Of the last job that came to its end.
    [[nodiscard]] const std::optional<Result<predictions::IngestReport>>& report() const { return m_report; }

Q_SIGNALS:
    void started();
    void progressed();  ///< some ten times a second
    void finished();

private:
    struct Shared;
    void look();

    std::shared_ptr<workspace::Workspace> m_workspace;
    std::shared_ptr<Shared> m_shared;
    QTimer m_beat;
    bool m_running = false, m_cancelling = false, m_follow = false;
    std::vector<std::string> m_files;
    std::vector<double> m_bytesBefore;  ///< of the files before each, and of all
    Progress m_progress;
    std::optional<Result<predictions::IngestReport>> m_report;
    CancellationSource m_source;
    Latest m_answer;
};

/// The job of a session: files that are loaded into its workspace from the window. Made when it is first asked for;
/// ends with the session. GUI thread.
[[nodiscard]] ImportJob& importJob(Session& session);

/// "1,204 rows added · 88 were there already · 3 set aside".
[[nodiscard]] QString importSummary(const predictions::IngestReport& report);

}  // namespace pilothouse::items
