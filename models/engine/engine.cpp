// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/engine.h"

#include <QElapsedTimer>
#include <QThread>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "models/base/throttle.h"
#include "models/engine/replay.h"
#include "models/workspace/lease.h"

namespace pilothouse::engine {

using Clock = std::chrono::steady_clock;
using Phase = EngineStatus::Phase;

namespace {

constexpr auto kBeat = std::chrono::seconds(4);
constexpr auto kSubStep = std::chrono::milliseconds(50);      ///< of wall time, at a pace
constexpr auto kMostAtOnce = std::chrono::milliseconds(100);  ///< what a late sub-step makes up for; the rest is let go
constexpr auto kIdlePoll = std::chrono::milliseconds(500);  ///< commands of other processes while nothing else happens
constexpr int kRetries = 6;  ///< each waits for the write lock as long as a connection does
constexpr int kStatusMs = 100, kDataMs = 250;

}  // namespace

struct Engine::Private {
    explicit Private(Engine* owner, std::shared_ptr<workspace::Workspace> w)
        : q(owner), workspace(std::move(w)), statusThrottle(kStatusMs), dataThrottle(kDataMs) {}

    // Called on the owner's thread.
    void stop();

    // Called on the engine's thread.
    void run();
    Status loop();
    Status step();
    Status stepPaced(Timestamp boundary, double daysPerSecond);
    Status beat();
    void publish(Phase phase);
    void announce(bool data);
    void finish(const Status& result);
    /// Sleeps until woken, or for so long. True: something changed meanwhile.
    bool wait(Clock::duration time);
    void wake();

    Engine* q;
    std::shared_ptr<workspace::Workspace> workspace;
    Throttle statusThrottle, dataThrottle;
    std::unique_ptr<QThread> thread;

    mutable std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;  // guarded by mutex, as the next three
    bool paused = false;
    double daysPerSecond = 0;
    EngineStatus status;
    std::atomic<bool> stopping = false;
    std::atomic<bool> statusPosted = false, dataPosted = false;
    CancellationSource cancellation;

    // Of the engine's thread.
    std::unique_ptr<workspace::Lease> lease;
    std::unique_ptr<Replay> replay;
    Clock::time_point lastBeat{}, lastStep{}, rateSince{};
    std::size_t rateRows = 0;
    double rate = 0;
    bool finishedAnnounced = false;
};

bool Engine::Private::wait(Clock::duration time) {
    std::unique_lock lock(mutex);
    const bool was = changed.wait_for(lock, time, [this] { return woken; });
    woken = false;
    return was;
}

void Engine::Private::wake() {
    {
        const std::lock_guard lock(mutex);
        woken = true;
    }
    changed.notify_all();
}

/// Signals are sent from the owner's thread; a burst is one event there.
void Engine::Private::announce(bool data) {
    if (!statusPosted.exchange(true))
        QMetaObject::invokeMethod(
            q,
            [this] {
                statusPosted = false;
                statusThrottle.trigger();
            },
            Qt::QueuedConnection);
    if (data && !dataPosted.exchange(true))
        QMetaObject::invokeMethod(
            q,
            [this] {
                dataPosted = false;
                dataThrottle.trigger();
            },
            Qt::QueuedConnection);
}

void Engine::Private::publish(Phase phase) {
    EngineStatus next;
    next.phase = phase;
    if (replay) {
        const auto now = Clock::now();
        const std::size_t rows = replay->rowsWritten();
        if (now - rateSince >= std::chrono::milliseconds(500)) {
            const double seconds = std::chrono::duration<double>(now - rateSince).count();
            rate = rows >= rateRows ? static_cast<double>(rows - rateRows) / seconds : 0;
            rateRows = rows;
            rateSince = now;
        }
        next.simNow = replay->now();
        next.span = {replay->settings().span.start, replay->settings().end};
        next.rows = rows;
        next.rowsPerSecond = phase == Phase::Replaying ? rate : 0;
        if (replay->run()) {
            next.runId = std::to_string(replay->run()->id);
            std::tie(next.runTask, next.runProgress) = replay->runProgress();
        }
    }
    bool changedNow = false;
    {
        const std::lock_guard lock(mutex);
        next.daysPerSecond = daysPerSecond;
        const auto shown = [](const EngineStatus& s) {
            return std::tie(s.phase, s.simNow.ns, s.daysPerSecond, s.rows, s.runId, s.runTask, s.runProgress);
        };
        changedNow = shown(next) != shown(status);
        status = std::move(next);
    }
    if (changedNow) announce(false);  // at rest nobody is told twice
}

Status Engine::Private::beat() {
    if (Clock::now() - lastBeat < kBeat) return {};
    lastBeat = Clock::now();
    return lease->beat();
}

Status Engine::Private::stepPaced(Timestamp boundary, double pace) {
    const auto since = Clock::now() - lastStep;
    if (since < kSubStep) {
        wait(kSubStep - since);
        return {};
    }
    const auto owed = std::min<Clock::duration>(since, kMostAtOnce);
    const double ns = std::chrono::duration<double>(owed).count() * pace * 86'400e9;
    const Timestamp target =
        std::min(boundary, replay->now() + Duration(std::max<std::int64_t>(1, std::llround(std::min(ns, 1e17)))));
    // Only the time that was used is used up: what a boundary cuts off goes into the next step.
    const double used = static_cast<double>((target - replay->now()).count()) / (pace * 86'400e9);
    lastStep =
        Clock::now() -
        (owed - std::min(owed, std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(used))));
    PH_TRY(replay->advance(target));
    announce(true);
    return {};
}

Status Engine::Private::step() {
    PH_TRY(beat());
    PH_ASSIGN(const bool commands, replay->takeCommands());
    if (commands) announce(true);
    bool pausedNow = false;
    double pace = 0;
    {
        const std::lock_guard lock(mutex);
        pausedNow = paused;
        pace = daysPerSecond;
    }
    if (replay->finished()) {
        publish(Phase::Finished);
        if (!finishedAnnounced) {
            finishedAnnounced = true;
            QMetaObject::invokeMethod(
                q, [this] { Q_EMIT q->finished(true); }, Qt::QueuedConnection);
        }
        wait(kIdlePoll);
        return {};
    }
    if (replay->mustWait()) {
        publish(pausedNow ? Phase::Paused : Phase::WaitingForRun);
        wait(kIdlePoll);
        lastStep = Clock::now();  // the simulated clock stood still: nothing is owed
        return {};
    }
    if (pausedNow || pace <= 0) {
        publish(Phase::Paused);
        wait(kIdlePoll);
        lastStep = Clock::now();
        return {};
    }
    const Timestamp boundary = replay->boundary();
    if (replay->now() >= boundary) {
        PH_TRY(replay->judge());
        announce(true);
    } else if (pace >= kFullSpeed || replay->now() < replay->settings().historyEnd) {
        PH_TRY(replay->advance(boundary));
        lastStep = Clock::now();
        announce(true);
    } else {
        PH_TRY(stepPaced(boundary, pace));
    }
    publish(Phase::Replaying);
    return {};
}

Status Engine::Private::loop() {
    PH_ASSIGN(lease, workspace::Lease::take(*workspace));
    lastBeat = Clock::now();
    publish(Phase::Preparing);
    PH_ASSIGN(replay, Replay::open(workspace, pipelineParts(workspace), cancellation.token()));
    replay->setFence([this](workspace::Database& database) { return lease->check(database); });
    replay->setWake([this] { wake(); });
    lastStep = rateSince = Clock::now();
    rateRows = replay->rowsWritten();
    for (int retries = 0; !stopping;) {
        const Status done = step();
        // Another process may hold the write lock for long: nothing was changed, so the step can be taken again.
        if (!done && (!done.error().retryable || ++retries > kRetries)) return done;
        if (done) retries = 0;
    }
    return {};
}

void Engine::Private::run() {
    Status result = loop();
    if (isCancelled(result) && stopping) result = {};
    if (replay) publish(replay->finished() ? Phase::Finished : Phase::Idle);
    replay.reset();  // interrupts a run; it is gone on with at the next start
    lease.reset();
    finish(result);
}

void Engine::Private::finish(const Status& result) {
    {
        const std::lock_guard lock(mutex);
        if (!result) {
            status.phase = Phase::Failed;
            status.error = result.error().text();
        } else if (status.phase != Phase::Finished) {
            status.phase = Phase::Idle;
        }
    }
    announce(false);
    if (!result || !finishedAnnounced)
        QMetaObject::invokeMethod(
            q, [this, ok = result.has_value()] { Q_EMIT q->finished(ok); }, Qt::QueuedConnection);
}

void Engine::Private::stop() {
    if (!thread) return;
    stopping = true;
    cancellation.cancel();
    wake();
    thread->wait();
    thread.reset();
}

Engine::Engine(std::shared_ptr<workspace::Workspace> workspace, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, std::move(workspace))) {
    connect(&d->statusThrottle, &Throttle::triggered, this, &Engine::statusChanged);
    connect(&d->dataThrottle, &Throttle::triggered, this, &Engine::dataChanged);
}

Engine::~Engine() { d->stop(); }

void Engine::start(double daysPerSecond) {
    if (d->thread && !d->thread->isFinished()) return setSpeed(daysPerSecond);
    d->stop();
    d->stopping = false;
    d->finishedAnnounced = false;
    d->cancellation = CancellationSource();
    {
        const std::lock_guard lock(d->mutex);
        d->daysPerSecond = daysPerSecond;
        d->status = {};
        d->status.phase = EngineStatus::Phase::Preparing;
        d->status.daysPerSecond = daysPerSecond;
        d->woken = false;
    }
    d->thread.reset(QThread::create([this] { d->run(); }));
    d->thread->setObjectName(QStringLiteral("engine"));
    d->thread->start();
}

void Engine::stop() { d->stop(); }

void Engine::setPaused(bool paused) {
    {
        const std::lock_guard lock(d->mutex);
        d->paused = paused;
    }
    d->wake();
}

void Engine::setSpeed(double daysPerSecond) {
    {
        const std::lock_guard lock(d->mutex);
        d->daysPerSecond = daysPerSecond;
    }
    d->wake();
}

EngineStatus Engine::status() const {
    const std::lock_guard lock(d->mutex);
    return d->status;
}

}  // namespace pilothouse::engine
