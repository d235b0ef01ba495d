// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "widgets/drift/drift_details.h"

namespace pilothouse::drift {

/// Effect of one column over the windows, with its interval, against the minimum effect. A click takes a window.
class EffectHistory : public QWidget {
    Q_OBJECT
public:
    explicit EffectHistory(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    void setHistory(std::vector<ColumnDetails::Point> points, const TimeRange& chosen);
    [[nodiscard]] QPoint pointAt(int index) const;

Q_SIGNALS:
    void windowChosen(const pilothouse::TimeRange& window);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double top() const;
    [[nodiscard]] double x(Timestamp t) const;
    [[nodiscard]] int indexAt(QPoint at) const;

    Zone m_zone;
    std::vector<ColumnDetails::Point> m_points;
    TimeRange m_chosen;
};

}  // namespace pilothouse::drift
