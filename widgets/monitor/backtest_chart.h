// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "models/base/time_zone.h"
#include "models/monitoring/backtest.h"

namespace pilothouse::monitor_view {

/// The windows of a backtest, each by how many times the minimum effect it differs, against a threshold that is dragged
/// with the mouse or moved with the arrow keys (Home: as declared). What it would have done follows at once.
class BacktestChart : public QWidget {
    Q_OBJECT
public:
    explicit BacktestChart(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    /// Null: nothing to show, and why.
    void setBacktest(std::shared_ptr<const monitoring::Backtest> backtest, const QString& whyNone = {});
    [[nodiscard]] const monitoring::Backtest* backtest() const { return m_backtest.get(); }

    /// Times the minimum effects that are declared.
    [[nodiscard]] double factor() const { return m_factor; }
    void setFactor(double factor);
    [[nodiscard]] const monitoring::BacktestOutcome& outcome() const { return m_outcome; }
    [[nodiscard]] QPoint thresholdAt() const;  ///< a point of the line that is dragged

    [[nodiscard]] QSize sizeHint() const override { return {420, 170}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {260, 130}; }

Q_SIGNALS:
    void factorChanged(double factor);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double x(Timestamp t) const;
    [[nodiscard]] double y(double times) const;
    [[nodiscard]] QString words(std::size_t window) const;
    void paintWindows(QPainter& painter) const;
    void paintAxes(QPainter& painter) const;

    Zone m_zone;
    std::shared_ptr<const monitoring::Backtest> m_backtest;
    std::vector<statistics::Interval> m_strengths;
    monitoring::BacktestOutcome m_outcome;
    QString m_whyNone;
    double m_factor = 1, m_top = 4;
    bool m_dragging = false;
};

}  // namespace pilothouse::monitor_view
