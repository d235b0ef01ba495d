// SPDX-License-Identifier: GPL-3.0-or-later
// Apart from session.cpp so that whoever shows a workspace without running it does not link the engine.
#include "models/items/session.h"

namespace pilothouse::items {

void Session::setEngine(std::unique_ptr<engine::Engine> engine) {
    m_engine = std::move(engine);
    if (!m_engine) return;
    // Its commits are noticed by poll() as well; this is only sooner.
    connect(m_engine.get(), &engine::Engine::dataChanged, &m_changed, &Throttle::trigger);
    connect(m_engine.get(), &engine::Engine::statusChanged, this, &Session::noticeClock);
}

}  // namespace pilothouse::items
