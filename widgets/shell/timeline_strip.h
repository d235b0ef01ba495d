// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "models/items/catalog.h"
#include "models/items/session.h"
#include "widgets/shell/timeline_volume.h"

namespace pilothouse::shell {

/// The whole history in one line: traffic, and every event that is known. Drag chooses the range, Shift extends it, the
/// wheel zooms, a middle drag pans, a double click fits. Left and Right step the range; + and - zoom.
class TimelineStrip : public QWidget {
    Q_OBJECT
public:
    TimelineStrip(items::Session& session, items::Catalog& catalog, QWidget* parent = nullptr);

    [[nodiscard]] TimeRange view() const { return m_view; }
    [[nodiscard]] TimeRange extent() const { return m_volume.extent(); }
    [[nodiscard]] bool settled() const { return m_volume.settled(); }
    void fit();
    /// Where a moment lies, in pixels from the left.
    [[nodiscard]] double xAt(Timestamp t) const;
    [[nodiscard]] Timestamp timeAt(double x) const;

Q_SIGNALS:
    void extentChanged(TimeRange extent);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool event(QEvent* event) override;

private:
    enum class Kind { Alert, Alias, Run };
    struct Event {
        Kind kind;
        Timestamp at;
        QString label, hover, id;
        QString state;  ///< severity or run state
    };
    /// Events of one kind that would cover each other, drawn as one.
    struct Cluster {
        double x = 0;
        std::vector<std::size_t> events;
    };
    enum class Drag { None, Choose, Pan };

    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double rowCentre(Kind kind) const;
    void takeEvents();
    void setView(TimeRange view, bool fitted);
    void zoom(double factor, double x);
    void ask();
    [[nodiscard]] Timestamp snapped(Timestamp t) const;
    [[nodiscard]] std::optional<TimeRange> chosen() const;
    [[nodiscard]] std::vector<Cluster> clusters(Kind kind) const;
    [[nodiscard]] QString hoverText(QPointF at) const;
    bool activateEvent(QPointF at);

    void paintVolume(QPainter& painter) const;
    void paintEvents(QPainter& painter) const;
    void paintAxis(QPainter& painter) const;
    void paintRange(QPainter& painter) const;

    items::Session& m_session;
    items::Catalog& m_catalog;
    TimelineVolume m_volume;
    TimeRange m_view;
    bool m_fitted = true;
    std::vector<Event> m_events;

    Drag m_drag = Drag::None;
    bool m_moved = false;
    QPointF m_pressed;
    Timestamp m_anchor, m_end;
    TimeRange m_viewAtPress;
};

}  // namespace pilothouse::shell
