// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "models/base/latest.h"
#include "models/items/run_list_model.h"
#include "models/items/session.h"
#include "widgets/theme/view.h"

class QLabel;
class QTableView;

namespace pilothouse::runs {

class RunGantt;
class RunGraph;
class RunGrid;
class TaskDetails;

/// What ran, why, what failed: list of runs, graph of the chosen one, grid of tasks × runs, time of each task.
class RunsView : public theme::View {
    Q_OBJECT
public:
    explicit RunsView(items::Session& session, QWidget* parent = nullptr);
    ~RunsView() override;
    [[nodiscard]] QString viewId() const override { return QStringLiteral("runs"); }
    [[nodiscard]] QString viewTitle() const override { return tr("Runs"); }
    [[nodiscard]] QString iconName() const override { return QStringLiteral("runs"); }
    [[nodiscard]] bool settled() const override;
    [[nodiscard]] QWidget* details() override;
    [[nodiscard]] QByteArray exportCsv() const override;
    [[nodiscard]] QStringList keys() const override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void build();
    void refresh();
    void showList(std::vector<ports::Run> runs);
    void askRun(const QString& id);
    void showRun(const ports::Run& run);
    void chooseTask(const QString& name);
    void askGrid();
    void followSelection();

    items::Session& m_session;
    items::RunListModel m_model;
    QTableView* m_list = nullptr;
    QLabel *m_summary = nullptr, *m_empty = nullptr, *m_title = nullptr, *m_result = nullptr;
    RunGraph* m_graph = nullptr;
    RunGrid* m_grid = nullptr;
    RunGantt* m_gantt = nullptr;
    TaskDetails* m_details = nullptr;
    std::optional<ports::Run> m_run;
    QString m_wantedRun, m_task;
    std::map<std::string, ports::Run> m_known;  ///< finished runs with their tasks, for the grid
    Latest m_listAsking, m_runAsking, m_gridAsking;
    bool m_stale = true;
    bool m_loaded = false;
};

}  // namespace pilothouse::runs
