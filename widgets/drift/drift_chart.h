// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QChartView>
#include <optional>

#include "models/items/drift_histogram.h"
#include "widgets/chart/value_axis.h"

class QValueAxis;

namespace pilothouse::drift {

/// The reference (outlined) and the current window (filled) of one column. Qt Charts draws the marks; grid and labels
/// are ours, so that ticks are round and nothing is cut.
class DriftChart : public QChartView {
    Q_OBJECT
public:
    enum class Mode { Histogram, Cumulative, Difference };
    enum class Size { Small, Large };
    explicit DriftChart(Size size, QWidget* parent = nullptr);

    void setHistogram(std::optional<items::DriftHistogram> histogram);
    [[nodiscard]] const std::optional<items::DriftHistogram>& histogram() const { return m_histogram; }
    void setMode(Mode mode);
    [[nodiscard]] Mode mode() const { return m_mode; }
    /// The reference's range, beyond which nothing was seen in training; drawn as a hatched ground.
    void setReferenceRange(std::optional<std::pair<double, double>> range);
    void setSelectedBin(int bin);
    [[nodiscard]] int selectedBin() const { return m_selected; }
    /// Centre of a bin's bar in this widget's pixels; for tests and other hands than the mouse.
    [[nodiscard]] QPoint binPoint(int bin) const;

Q_SIGNALS:
    void binClicked(int bin);

protected:
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void rebuild();
    void addHistogram(double& top);
    void addCumulative(double& top);
    void addDifference(double& low, double& top);
    void fitAxes(double low, double top);
    void drawLabels(QPainter& painter, const QRectF& plot);
    void drawCategoryLabels(QPainter& painter, const QRectF& plot);
    [[nodiscard]] int binAt(QPoint at) const;
    [[nodiscard]] QString binWords(int bin) const;
    [[nodiscard]] double plotX(double value) const;
    [[nodiscard]] double plotY(double value) const;
    [[nodiscard]] double labelFactor() const;

    Size m_size;
    Mode m_mode = Mode::Histogram;
    std::optional<items::DriftHistogram> m_histogram;
    std::optional<std::pair<double, double>> m_referenceRange;
    QValueAxis *m_x, *m_y;
    chart::ValueAxis m_ticksX, m_ticksY;
    int m_selected = -1, m_hover = -1;
};

}  // namespace pilothouse::drift
