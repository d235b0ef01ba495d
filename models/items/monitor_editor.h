// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>
#include <string>
#include <vector>

#include "models/base/latest.h"
#include "models/monitoring/backtest.h"
#include "models/monitoring/monitor_runner.h"
#include "models/monitoring/profile_store.h"
#include "models/workspace/workspace.h"

namespace pilothouse::items {

/// What a form for monitors and reference profiles asks of a workspace, and does to it. GUI thread; the file is read
/// and written off it. Each question replaces an older one of its kind.
class MonitorEditor : public QObject {
    Q_OBJECT
public:
    explicit MonitorEditor(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);
    ~MonitorEditor() override;

    /// What there is to choose from.
    struct Choices {
        std::vector<std::string> models;  ///< known, or in the log
        std::vector<monitoring::MonitorDefinition> monitors;
        std::vector<monitoring::StoredProfile> profiles;  ///< newest first
        std::vector<std::string> columns;                 ///< the log's features, and the score
        std::optional<TimeRange> log;                     ///< event time of its rows
        bool demo = false;                                ///< the demo's own replay runs its monitors
    };
    void load();  ///< loaded() or failed()

    /// backtestProgress(), then backtested() or failed().
    void backtest(const monitoring::MonitorDefinition& monitor);
    void cancelBacktest();
    [[nodiscard]] bool backtesting() const { return m_backtest.running(); }

    /// Declares the monitor, and judges what is due unless another program's engine does: saved(), then judged() or
    /// failed(). `former`: the name of the one it was; another name takes that one away.
    void save(const monitoring::MonitorDefinition& monitor, const std::string& former);
    void remove(const std::string& name);  ///< removed() or failed(); declaring it again brings it back
    /// A reference profile of the rows that match: profileMade() or failed().
    void makeProfile(const std::string& model, const std::string& version, const std::string& query, TimeRange range);
    void cancelProfile();
    [[nodiscard]] bool profiling() const { return m_profile.running(); }
    /// Nothing is under way.
    [[nodiscard]] bool settled() const;

Q_SIGNALS:
    void loaded(const pilothouse::items::MonitorEditor::Choices& choices);
    void backtestProgress(int done, int of);
    void backtested(const std::shared_ptr<const pilothouse::monitoring::Backtest>& backtest);
    void saved(const QString& name);
    void judged(int evaluations, const QString& problem);
    void removed(const QString& name);
    void profileMade(const pilothouse::monitoring::StoredProfile& profile);
    void failed(const QString& message);

private:
    void judge(const std::string& name);
    template <class T, class Ask, class Take>
    void ask(Latest& latest, const char* thread, Ask ask, Take take);

    std::shared_ptr<workspace::Workspace> m_workspace;
    Latest m_choices, m_backtest, m_write, m_judge, m_profile;
};

}  // namespace pilothouse::items
