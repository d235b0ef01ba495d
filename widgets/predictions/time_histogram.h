// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <string>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/prediction_log.h"

namespace pilothouse::predictions_view {

/// Matching rows over time, stacked by outcome or by version. Drag brushes a range; the pointer is shared with other
/// time axes.
class TimeHistogram : public QWidget {
    Q_OBJECT
public:
    explicit TimeHistogram(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    /// Words for the outcomes 1, 0 and not known.
    void setWords(const QString& positive, const QString& negative);
    /// Split by outcome, or by any other field.
    void setCounts(std::vector<Timestamp> edges, const ports::TimeCounts& counts, bool byOutcome = true);
    void setCursorTime(std::optional<Timestamp> t);
    /// A row's time, marked.
    void setMarked(std::optional<Timestamp> t);

    [[nodiscard]] double xOf(Timestamp t) const;
    [[nodiscard]] Timestamp timeAt(double x) const;

    QSize sizeHint() const override { return {600, 86}; }

Q_SIGNALS:
    void brushed(const pilothouse::TimeRange& range);
    void hovered(std::optional<pilothouse::Timestamp> t);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    /// Counts by group, as m_groups.
    using Bar = std::vector<std::uint64_t>;
    [[nodiscard]] static std::uint64_t total(const Bar& bar);
    [[nodiscard]] QString wordOf(const std::string& group) const;
    [[nodiscard]] QColor colorOf(const std::string& group) const;
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] int barAt(double x) const;
    void moveTo(int bar, bool extend);
    void forgetKeys();
    void paintBars(QPainter& painter);
    void paintLegend(QPainter& painter);
    void paintAxis(QPainter& painter);

    Zone m_zone;
    QString m_positive = QStringLiteral("positive"), m_negative = QStringLiteral("negative");
    std::vector<Timestamp> m_edges;
    std::vector<std::string> m_groups;
    bool m_byOutcome = true;
    std::vector<Bar> m_bars;
    std::optional<Timestamp> m_cursor, m_marked;
    double m_pressX = -1, m_dragX = -1;
    int m_keyFrom = -1, m_keyTo = -1;  ///< bars of a brush by keys; -1: none
};

}  // namespace pilothouse::predictions_view
