// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "models/base/latest.h"
#include "models/items/event_list_model.h"
#include "widgets/dashboard/dashboard_data.h"
#include "widgets/theme/view.h"

class QComboBox;
class QLabel;
class QScrollArea;

namespace pilothouse::chart {
class TimeSeriesChart;
}

namespace pilothouse::dashboard {

/// What a model does now and since when: tiles, and lanes on one time axis, as a dashboard of the workspace declares
/// them.
class DashboardView : public theme::View {
    Q_OBJECT
public:
    explicit DashboardView(items::Session& session, QWidget* parent = nullptr);
    ~DashboardView() override;
    [[nodiscard]] QString viewId() const override { return QStringLiteral("dashboard"); }
    [[nodiscard]] QString viewTitle() const override { return tr("Dashboard"); }
    [[nodiscard]] QString iconName() const override { return QStringLiteral("dashboard"); }
    [[nodiscard]] bool settled() const override;
    [[nodiscard]] QByteArray exportCsv() const override;
    [[nodiscard]] QStringList keys() const override;

    /// Shows this one in place of the workspace's. For tests and the editor.
    void setDefinition(DashboardDefinition definition);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    /// What the workspace holds: dashboards (name, YAML), and the fields of its log.
    struct Held {
        std::vector<std::pair<std::string, std::string>> dashboards;
        std::vector<ports::FieldInfo> fields;
    };
    void build();
    void connectChart();
    void loadDefinitions();
    void take(Held held);
    void useDefinition(const std::string& name, const std::string& yaml);
    void install(DashboardDefinition definition);
    void rebuildTiles();
    void refresh();
    void showAnswer(Result<DashboardAnswer> answer);
    void showMarkers(const DashboardAnswer& answer);
    void showTitle();
    void markOutdated();
    [[nodiscard]] std::string model() const;

    items::Session& m_session;
    Held m_held;
    std::pair<std::string, std::string> m_shown;  ///< of m_held.dashboards
    DashboardDefinition m_definition;
    std::string m_definitionError;
    std::vector<items::Event> m_marked;
    chart::Buckets m_buckets;
    Latest m_asking, m_askingDefinitions, m_askingExtent;
    QTimer m_pause;
    bool m_stale = true, m_loaded = false;
    bool m_defined = false;  ///< the definition is what the workspace holds now
    bool m_given = false;    ///< by setDefinition()

    QLabel *m_title = nullptr, *m_error = nullptr;
    QComboBox* m_choice = nullptr;
    QWidget* m_tileRow = nullptr;
    std::vector<chart::StatTile*> m_tiles;
    QScrollArea* m_scroll = nullptr;
    chart::TimeSeriesChart* m_chart = nullptr;
};

}  // namespace pilothouse::dashboard
