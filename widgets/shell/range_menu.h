// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <vector>

#include "models/items/session.h"

class QDateTimeEdit;
class QLabel;
class QListWidget;

namespace pilothouse::shell {

/// The time range: relative and calendar presets, or two moments on the display zone's clock. A popup.
class RangeMenu : public QFrame {
    Q_OBJECT
public:
    RangeMenu(items::Session& session, QWidget* parent);
    /// What "Everything" means.
    void setExtent(TimeRange extent) { m_extent = extent; }
    void popupBelow(QWidget* anchor);

    /// How the lens's range is called: "Last 28 days", "8 – 14 Jul 2013".
    [[nodiscard]] static QString title(items::Session& session);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Preset {
        QString title;
        std::function<void()> apply;
    };
    void fill();
    void chooseRow(int row);
    void applyDates();

    items::Session& m_session;
    TimeRange m_extent;
    std::vector<Preset> m_presets;
    QListWidget* m_list;
    QDateTimeEdit *m_from, *m_to;
    QLabel *m_zone, *m_problem;
};

}  // namespace pilothouse::shell
