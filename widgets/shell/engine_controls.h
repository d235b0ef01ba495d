// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>

#include "models/items/session.h"

class QLabel;

namespace pilothouse::shell {

class BarButton;

/// The clock of the workspace, and where this process runs the engine: pause, play and the speed of the replay.
class EngineControls : public QWidget {
    Q_OBJECT
public:
    explicit EngineControls(items::Session& session, QWidget* parent = nullptr);
    void togglePaused();
    /// One step slower (-1) or faster (1).
    void changeSpeed(int steps);
    [[nodiscard]] bool running() const;  ///< an engine is there that can be paused

protected:
    void changeEvent(QEvent* event) override;

private:
    void showState();

    static constexpr std::array<double, 5> kSpeeds{0.25, 1, 5, 20, engine::kFullSpeed};
    items::Session& m_session;
    BarButton* m_pause;
    std::array<BarButton*, 5> m_speeds{};
    QLabel *m_unit, *m_clock;
};

}  // namespace pilothouse::shell
