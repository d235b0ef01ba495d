// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <QTimer>
#include <optional>
#include <vector>

#include "models/items/drift_histogram.h"
#include "models/ports/evaluation.h"

namespace pilothouse::drift {

class DriftChart;

/// One column of one window: what is shown of it.
struct ColumnPicture {
    QString feature;
    ports::Finding finding;
    std::optional<items::DriftHistogram> histogram;
    QString problem;                                          ///< why there is no histogram
    std::optional<std::pair<double, double>> referenceRange;  ///< numeric: smallest and largest value of the reference
};

/// A column's verdict and histogram at a glance.
class DriftTile : public QWidget {
    Q_OBJECT
public:
    explicit DriftTile(QWidget* parent = nullptr);
    void setPicture(const ColumnPicture& picture);
    [[nodiscard]] const QString& feature() const { return m_picture.feature; }
    void setChosen(bool chosen);
    /// Makes the chart, which takes a few milliseconds; the list does it for the tiles in sight, one at a time.
    void materialise();
    [[nodiscard]] bool material() const;

Q_SIGNALS:
    void chosen(const QString& feature);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    ColumnPicture m_picture;
    DriftChart* m_chart = nullptr;
    bool m_chosen = false, m_hover = false, m_stale = true;
};

/// Small multiples, strongest effect first.
class DriftTiles : public QScrollArea {
    Q_OBJECT
public:
    explicit DriftTiles(QWidget* parent = nullptr);
    void setPictures(const std::vector<ColumnPicture>& pictures);
    void setChosen(const QString& feature);
    /// All tiles in sight are drawn.
    [[nodiscard]] bool settled() const;

Q_SIGNALS:
    void chosen(const QString& feature);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void layOut();
    void materialiseNext();
    [[nodiscard]] DriftTile* nextInSight() const;

    std::vector<DriftTile*> m_tiles;
    std::size_t m_shown = 0;
    QString m_chosen;
    QTimer m_work;
};

}  // namespace pilothouse::drift
