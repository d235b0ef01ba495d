// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/session.h"

#include <QLoggingCategory>

namespace pilothouse::items {

Q_LOGGING_CATEGORY(lcSession, "pilothouse.session")

namespace {
// A poll is one PRAGMA answered from shared memory (some microseconds): fast while things move, slow while they do not.
constexpr int kBusyMs = 100;
constexpr int kIdleMs = 400;
constexpr int kHiddenMs = 1000;
constexpr qint64 kQuietAfterMs = 3000;
}  // namespace

Session::Session(std::shared_ptr<workspace::Workspace> workspace, Ports ports, QObject* parent)
    : QObject(parent),
      m_workspace(std::move(workspace)),
      m_ports(std::move(ports)),
      m_lens(m_workspace->clock(), m_workspace->zone()),
      m_seenNow(m_workspace->now()) {
    connect(&m_changed, &Throttle::triggered, this, &Session::changed);
    connect(&m_poll, &QTimer::timeout, this, &Session::poll);
    m_quiet.start();
    m_poll.start(kBusyMs);
}

Session::~Session() = default;

void Session::setUtc(bool utc) {
    if (utc == m_utc) return;
    m_utc = utc;
    Q_EMIT displayZoneChanged();
}

void Session::select(Selection selection) {
    if (selection == m_selection) return;
    m_selection = std::move(selection);
    Q_EMIT selectionChanged();
}

void Session::setVisible(bool visible) {
    if (visible == m_visible) return;
    m_visible = visible;
    if (visible) {
        m_quiet.start();
        poll();
    } else {
        setPace(kHiddenMs);
    }
}

void Session::setPace(int milliseconds) {
    if (m_poll.interval() != milliseconds) m_poll.setInterval(milliseconds);
}

void Session::noticeClock() {
    if (m_workspace->clockKind() == ClockKind::Real) return;  // moves by itself; views ask now() when they paint
    const Timestamp now = m_workspace->now();
    if (now == m_seenNow) return;
    m_seenNow = now;
    m_quiet.start();
    Q_EMIT clockMoved();
}

void Session::poll() {
    if (!m_watch && !m_watchFailed) {  // opened here, not in the constructor: the first paint does not wait for it
        auto opened = m_workspace->connect(true);
        if (opened) {
            m_watch = std::move(*opened);
        } else {
            m_watchFailed = true;
            qCWarning(lcSession) << "changes by other processes go unnoticed:"
                                 << QString::fromStdString(opened.error().text());
        }
    }
    if (m_watch) {
        const auto version = m_watch->integer("PRAGMA data_version");
        if (version && *version && **version != m_dataVersion) {
            const bool first = m_dataVersion == -1;
            m_dataVersion = **version;
            // The clock of an engine in this process is moved by that engine; another's is read from the file.
            if (!m_engine && m_workspace->clockKind() == ClockKind::Simulated) {
                const auto refreshed = m_workspace->refreshClock(*m_watch);
                if (!refreshed) qCDebug(lcSession) << QString::fromStdString(refreshed.error().text());
            }
            if (!first) {
                m_quiet.start();
                m_changed.trigger();
            }
        }
    }
    noticeClock();
    setPace(!m_visible ? kHiddenMs : m_quiet.elapsed() < kQuietAfterMs ? kBusyMs : kIdleMs);
}

}  // namespace pilothouse::items
