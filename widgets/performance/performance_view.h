// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QTimer>

#include "models/items/performance_loader.h"
#include "widgets/theme/view.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedLayout;
class QToolButton;

namespace pilothouse::chart {
class TimeSeriesChart;
}

namespace pilothouse::performance {

class PerformanceDetails;
class PictureGrid;
class SegmentPanel;

/// How well the versions do: realised and estimated over time, what the errors are, and where they are.
class PerformanceView : public theme::View {
    Q_OBJECT
public:
    explicit PerformanceView(items::Session& session, QWidget* parent = nullptr);
    ~PerformanceView() override;

    QString viewId() const override { return u"performance"_qs; }
    QString viewTitle() const override { return u"Performance"_qs; }
    QString iconName() const override { return u"performance"_qs; }
    bool settled() const override;
    QWidget* details() override;
    void focusQuery() override;
    QByteArray exportCsv() const override;
    QStringList keys() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeWidgets();
    void makeHead();
    void connectChart();
    void dress();
    void reload();
    void ready();
    void showLanes();
    void showMetrics();
    void showEmpty(const QString& text);
    void showParts();
    void askSegments();
    [[nodiscard]] std::string metric() const;
    [[nodiscard]] std::optional<items::WindowUnit> unit() const;

    items::Session& m_session;
    items::PerformanceLoader m_loader;
    bool m_stale = true, m_segmentsWanted = false;
    QTimer m_pause;  ///< between answers to changes of the data

    QStackedLayout* m_pages;
    QWidget *m_main, *m_head;
    QLabel *m_title, *m_empty;
    QComboBox *m_metric, *m_unit;
    QToolButton *m_showCurves, *m_showSegments;
    QSplitter *m_splitter, *m_lower;
    chart::TimeSeriesChart* m_chart;
    PictureGrid* m_pictures;
    SegmentPanel* m_segments;
    QPointer<PerformanceDetails> m_details;
};

}  // namespace pilothouse::performance
