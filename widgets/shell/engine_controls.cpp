// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/engine_controls.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>

#include "widgets/shell/bar_button.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using engine::EngineStatus;

EngineControls::EngineControls(items::Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("engineControls"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    const auto button = [&](const QString& name, const QString& accessible) {
        auto* b = new BarButton(this);
        b->setObjectName(name);
        b->setAccessibleName(accessible);
        b->setFilled(false);
        row->addWidget(b);
        return b;
    };
    m_pause = button(QStringLiteral("enginePause"), QStringLiteral("Pause"));
    const QString words[] = {QStringLiteral("¼"), QStringLiteral("1"), QStringLiteral("5"), QStringLiteral("20"),
                             QStringLiteral("full")};
    for (std::size_t i = 0; i < kSpeeds.size(); ++i) {
        const bool full = kSpeeds[i] == engine::kFullSpeed;
        m_speeds[i] =
            button(QStringLiteral("engineSpeed.%1").arg(i),
                   full ? QStringLiteral("Full speed") : QStringLiteral("%1 simulated days a second").arg(kSpeeds[i]));
        m_speeds[i]->setWords(words[i]);
        m_speeds[i]->setCheckable(true);
        m_speeds[i]->setToolTip(
            full ? QStringLiteral("As fast as this machine can; + and - step the speed")
                 : QStringLiteral("%1 simulated days a second; + and - step the speed").arg(words[i]));
        connect(m_speeds[i], &QAbstractButton::clicked, this, [this, i] {
            if (auto* e = m_session.engine()) e->setSpeed(kSpeeds[i]);
            showState();
        });
    }
    m_unit = new QLabel(QStringLiteral("days/s"), this);
    m_clock = new QLabel(this);
    m_clock->setObjectName(QStringLiteral("clockLabel"));
    row->addWidget(m_unit);
    row->addSpacing(12);
    row->addWidget(m_clock);
    connect(m_pause, &QAbstractButton::clicked, this, &EngineControls::togglePaused);
    connect(&session, &items::Session::clockMoved, this, &EngineControls::showState);
    connect(&session, &items::Session::displayZoneChanged, this, &EngineControls::showState);
    if (auto* e = session.engine()) {
        connect(e, &engine::Engine::statusChanged, this, &EngineControls::showState);
        connect(e, &engine::Engine::finished, this, &EngineControls::showState);
    }
    showState();
}

bool EngineControls::running() const {
    if (!m_session.engine()) return false;
    const auto phase = m_session.engine()->status().phase;
    return phase != EngineStatus::Phase::Finished && phase != EngineStatus::Phase::Failed;
}

void EngineControls::togglePaused() {
    auto* e = m_session.engine();
    if (!e || !running()) return;
    const auto status = e->status();
    if (status.phase == EngineStatus::Phase::Idle) {
        e->start(status.daysPerSecond > 0 ? status.daysPerSecond : 1);
    } else {
        e->setPaused(status.phase != EngineStatus::Phase::Paused);
    }
    showState();
}

void EngineControls::changeSpeed(int steps) {
    auto* e = m_session.engine();
    if (!e || !running()) return;
    const double now = e->status().daysPerSecond;
    int place = 0;
    while (place + 1 < static_cast<int>(kSpeeds.size()) && kSpeeds[static_cast<std::size_t>(place)] < now)
        ++place;
    place = std::clamp(place + steps, 0, static_cast<int>(kSpeeds.size()) - 1);
    e->setSpeed(kSpeeds[static_cast<std::size_t>(place)]);
    showState();
}

void EngineControls::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) showState();
}

void EngineControls::showState() {
    auto* e = m_session.engine();
    const bool controls = running();
    for (BarButton* b : m_speeds)
        b->setVisible(controls);
    m_pause->setVisible(controls);
    m_unit->setVisible(controls);
    const Timestamp now = m_session.now();
    const QString kind =
        m_session.workspace().clockKind() == ClockKind::Real ? QString() : QStringLiteral("simulated ");
    QString clock = kind + theme::time(now, m_session.displayZone());
    QPalette muted = QApplication::palette();
    muted.setColor(QPalette::WindowText, theme::color(theme::Token::TextMuted));
    m_unit->setPalette(muted);
    m_clock->setPalette(muted);
    if (m_session.workspace().clockKind() == ClockKind::Real) {
        m_clock->hide();  // the desktop has a clock
    } else if (!e) {
        clock += QStringLiteral(", standing");
        if (m_session.workspace().readOnly()) clock += QStringLiteral(" (read-only)");
    } else {
        const auto status = e->status();
        const bool paused = status.phase == EngineStatus::Phase::Paused || status.phase == EngineStatus::Phase::Idle;
        m_pause->setIcon(theme::icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
        m_pause->setWords(paused ? QStringLiteral("Play") : QStringLiteral("Pause"));
        m_pause->setAccessibleName(paused ? QStringLiteral("Play") : QStringLiteral("Pause"));
        m_pause->setToolTip(paused ? QStringLiteral("Let the simulated year go on (Ctrl+Space)")
                                   : QStringLiteral("Hold the simulated year (Ctrl+Space)"));
        for (std::size_t i = 0; i < kSpeeds.size(); ++i) {
            const bool on = kSpeeds[i] == engine::kFullSpeed ? status.daysPerSecond >= 1e6
                                                             : std::abs(status.daysPerSecond - kSpeeds[i]) < 1e-6;
            m_speeds[i]->setChecked(on);
            m_speeds[i]->setStrongToken(on ? theme::Token::Text : theme::Token::TextMuted);
        }
        if (paused) clock += QStringLiteral(", paused");
        if (status.phase == EngineStatus::Phase::Finished) clock += QStringLiteral(", replay complete");
    }
    m_clock->setText(clock);
    m_clock->setToolTip(QStringLiteral("The workspace's clock: everything that says \"now\" follows it"));
}

}  // namespace pilothouse::shell
