// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/base/time_zone.h"
#include "models/items/prediction_row_loader.h"

namespace pilothouse::predictions_view {

/// "78.1", "10", "JFK", "no value".
[[nodiscard]] QString valueText(const ports::Column& column, std::size_t row);

/// What pushed the score up (right) or down (left), in log-odds, strongest first; the weakest in one line.
class ContributionBars : public QWidget {
    Q_OBJECT
public:
    explicit ContributionBars(QWidget* parent = nullptr);
    void setRow(const items::PredictionRow& row);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Bar {
        QString name, value;
        double size = 0;
        bool rest = false;
    };
    std::vector<Bar> m_bars;
};

/// Each feature's value on the distribution of the reference. What lies beyond it comes first.
class ReferenceRows : public QWidget {
    Q_OBJECT
public:
    explicit ReferenceRows(QWidget* parent = nullptr);
    void setRow(const items::PredictionRow& row);
    /// Features beyond anything in the reference.
    [[nodiscard]] const QStringList& beyond() const { return m_beyond; }

Q_SIGNALS:
    void clauseWanted(const QString& clause);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Line {
        QString name, value, words;
        items::ReferencePlace place;
        double number = 0;
        std::shared_ptr<const statistics::Profile> keep;
        const statistics::ColumnProfile* profile = nullptr;
        QString clause;
    };
    void paintHistogram(QPainter& painter, const QRect& box, const Line& line) const;
    void paintShare(QPainter& painter, const QRect& box, const Line& line) const;
    [[nodiscard]] const Line* lineAt(QPoint at) const;

    std::vector<Line> m_lines;
    QStringList m_beyond;
};

/// The rows before and after in time.
class NeighbourList : public QWidget {
    Q_OBJECT
public:
    explicit NeighbourList(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    void setRow(const items::PredictionRow& row);

Q_SIGNALS:
    void chosen(const QString& requestId, pilothouse::Timestamp time);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    Zone m_zone;
    std::vector<items::PredictionRow::Neighbour> m_rows;
    int m_hover = -1;
};

}  // namespace pilothouse::predictions_view
