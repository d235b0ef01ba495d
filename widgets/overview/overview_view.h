// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "models/base/latest.h"
#include "models/items/event_list_model.h"
#include "widgets/chart/time_axis.h"
#include "widgets/theme/view.h"

class QLabel;
class QTableView;

namespace pilothouse::chart {
class TimeSeriesChart;
}

namespace pilothouse::overview {

class OverviewSide;

/// Is anything wrong, and where: a row a model, worst first; below it the chosen model's lanes; beside it what fires,
/// what runs and what happened.
class OverviewView : public theme::View {
    Q_OBJECT
public:
    explicit OverviewView(items::Session& session, QWidget* parent = nullptr);
    ~OverviewView() override;
    [[nodiscard]] QString viewId() const override { return QStringLiteral("overview"); }
    [[nodiscard]] QString viewTitle() const override { return tr("Overview"); }
    [[nodiscard]] QString iconName() const override { return QStringLiteral("overview"); }
    [[nodiscard]] bool settled() const override;
    [[nodiscard]] QWidget* details() override;
    [[nodiscard]] QByteArray exportCsv() const override;
    [[nodiscard]] QStringList keys() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    void connectChart();
    void refresh();
    void refreshLanes();
    void showSnapshot(Result<items::OverviewSnapshot> snapshot);
    void chooseModel(const std::string& model);
    void enterModel(const QModelIndex& index);
    void fitTable();
    void showHeading();
    void showMarkers();
    [[nodiscard]] const items::ModelHealth* chosen() const;
    [[nodiscard]] ports::Query laneQuery() const;

    items::Session& m_session;
    items::ModelHealthModel m_models;
    items::OverviewSnapshot m_snapshot;
    std::vector<items::Event> m_marked;
    std::string m_chosen;
    chart::Buckets m_buckets;
    Latest m_asking, m_askingLanes, m_askingExtent;
    QTimer m_pause;  ///< between refreshes while data flows in
    bool m_stale = true, m_loaded = false, m_lanesLoaded = false;

    QLabel *m_title = nullptr, *m_problems = nullptr, *m_empty = nullptr, *m_lanesTitle = nullptr, *m_caption = nullptr;
    QTableView* m_table = nullptr;
    QWidget* m_body = nullptr;
    chart::TimeSeriesChart* m_chart = nullptr;
    OverviewSide* m_side = nullptr;
};

}  // namespace pilothouse::overview
