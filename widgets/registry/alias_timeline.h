// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/model_registry.h"

namespace pilothouse::registry {

/// Which version held the alias when: one bar a period, in the version's colour, with its name.
class AliasTimeline : public QWidget {
    Q_OBJECT
public:
    explicit AliasTimeline(QWidget* parent = nullptr);
    void setPeriods(std::vector<ports::AliasPeriod> periods, Timestamp now, const Zone& zone);
    [[nodiscard]] QSize sizeHint() const override { return {400, 56}; }

Q_SIGNALS:
    void versionChosen(const QString& version);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QRectF barOf(const ports::AliasPeriod& period) const;
    [[nodiscard]] const ports::AliasPeriod* periodAt(QPointF at) const;
    std::vector<ports::AliasPeriod> m_periods;
    Timestamp m_now;
    Zone m_zone;
};

}  // namespace pilothouse::registry
