// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/alert_delivery.h"

#include <QLoggingCategory>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <set>

namespace pilothouse::engine {

using ports::Alert;
using ports::AlertState;
using ports::OutgoingAlert;
using workspace::Database;
using workspace::Transaction;

namespace {
Q_LOGGING_CATEGORY(lcDelivery, "pilothouse.delivery")

/// When the receiver was told that an alert fires, by alert; those that were begun and never acknowledged have none.
Result<AlertDelivery::Told> told(Database& database, std::int64_t connection) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT alert, told FROM alert_delivery WHERE connection = ? AND over IS NULL"));
    rows.bindAll(connection);
    AlertDelivery::Told out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.emplace(rows.integer(0), rows.optionalTimestamp(1));
    }
}
}  // namespace

AlertDelivery::AlertDelivery(std::vector<Target> targets, DeliveryOptions options, std::function<void()> wake)
    : m_options(std::move(options)), m_wake(std::move(wake)), m_random(m_options.seed) {
    for (Target& target : targets) {
        Line line;
        line.figures.receiver = target.receiver->name();
        line.target = std::move(target);
        m_lines.push_back(std::move(line));
    }
}

AlertDelivery::~AlertDelivery() { m_cancel.cancel(); }

Result<Timestamp> AlertDelivery::advance(Database& database, Timestamp now,
                                         const std::function<Status(Database&)>& guard) {
    m_guard = guard;
    for (Line& line : m_lines)
        if (line.answer && line.answer->isFinished()) PH_TRY(take(database, line, now));
    Timestamp next = kTimestampMax;
    const bool anyFree = std::ranges::any_of(m_lines, [](const Line& line) { return !line.answer; });
    if (!anyFree) return next;
    PH_ASSIGN(const auto open, monitoring::readAlerts(database, true, now));
    for (Line& line : m_lines) {
        if (line.answer) continue;
        // A clock that was set back must not make a wait of seconds one of hours.
        line.notBefore =
            std::min(line.notBefore, now + std::max<Duration>(m_options.longestRetry, std::chrono::hours(1)));
        if (line.notBefore > now) {
            next = std::min(next, line.notBefore);
            continue;
        }
        PH_ASSIGN(Batch batch, due(database, line, open, now));
        next = std::min(next, batch.next);
        if (batch.items.empty())
            line.oneByOne = false;
        else
            PH_TRY(begin(database, line, std::move(batch), now));
    }
    return next;
}

bool AlertDelivery::inFlight() const {
    return std::ranges::any_of(m_lines, [](const Line& line) { return line.answer.has_value(); });
}

std::vector<AlertDelivery::Figures> AlertDelivery::figures() const {
    std::vector<Figures> out;
    for (const Line& line : m_lines)
        out.push_back(line.figures);
    return out;
}

OutgoingAlert AlertDelivery::outgoing(const Alert& alert, Timestamp end) const {
    const QByteArray monitor = QUrl::toPercentEncoding(QString::fromStdString(alert.monitor));
    return {alert.labels, alert.annotations, alert.firingSince.value_or(alert.pendingSince), end,
            m_options.origin + monitor.toStdString()};
}

/// In the order of their ids: an alert's earlier spell, which is over, is told before a later one that fires, for they
/// have one fingerprint.
Result<AlertDelivery::Batch> AlertDelivery::due(Database& database, const Line& line, const std::vector<Alert>& open,
                                                Timestamp now) const {
    PH_ASSIGN(const auto before, told(database, line.target.connection));
    Batch out;
    PH_TRY(addOver(database, before, open, out));
    for (const Alert& a : open) {
        if (a.state != AlertState::Firing) continue;
        const auto known = before.find(a.id);
        if (known == before.end() && a.suppressed()) continue;
        Timestamp from = kTimestampMin;
        if (known != before.end() && known->second) from = *known->second + m_options.resend;
        if (from > now + m_options.resend) from = now;  // the clock was set back
        if (const auto refused = line.refusedUntil.find(a.id); refused != line.refusedUntil.end())
            from = std::max(from, refused->second);
        if (from > now) {
            out.next = std::min(out.next, from);
            continue;
        }
        out.items.push_back({a.id, false});
        out.alerts.push_back(outgoing(a, now + 4 * m_options.resend));
    }
    std::vector<std::size_t> order(out.items.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::sort(order, {}, [&out](std::size_t i) { return out.items[i].alert; });
    order.resize(std::min(order.size(), line.oneByOne ? 1 : m_options.batch));
    Batch cut;
    cut.next = out.next;
    for (const std::size_t i : order) {
        cut.items.push_back(out.items[i]);
        cut.alerts.push_back(std::move(out.alerts[i]));
    }
    return cut;
}

Status AlertDelivery::addOver(Database& database, const Told& told, const std::vector<Alert>& open,
                              Batch& batch) const {
    std::set<std::int64_t> stillOpen;
    for (const Alert& a : open)
        stillOpen.insert(a.id);
    for (const auto& [id, at] : told) {
        if (stillOpen.contains(id)) continue;
        if (batch.items.size() >= m_options.batch) break;
        PH_ASSIGN(const auto alert, monitoring::readAlert(database, id));
        if (!alert) continue;
        batch.items.push_back({id, true});
        batch.alerts.push_back(outgoing(*alert, alert->resolvedAt.value_or(alert->pendingSince)));
    }
    return {};
}

Status AlertDelivery::begin(Database& database, Line& line, Batch batch, Timestamp now) {
    {
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        if (m_guard) PH_TRY(m_guard(database));
        bool wrote = false;
        for (const Item& item : batch.items) {
            PH_TRY(database.run("INSERT OR IGNORE INTO alert_delivery (connection, alert, begun) VALUES (?, ?, ?)",
                                line.target.connection, item.alert, now));
            wrote |= database.changes() > 0;
        }
        if (wrote) PH_TRY(transaction.commit());
    }
    line.sending = std::move(batch.items);
    line.answer = line.target.receiver->send(std::move(batch.alerts), m_cancel.token());
    if (m_wake) line.answer->then([wake = m_wake](const Result<ports::ReceiverAnswer>&) { wake(); });
    return {};
}

Status AlertDelivery::take(Database& database, Line& line, Timestamp now) {
    const auto answer = line.answer->resultCount() > 0 ? line.answer->result()
                                                       : Result<ports::ReceiverAnswer>(fail(Error::cancelled()));
    line.answer.reset();
    if (isCancelled(answer)) return {};
    if (!answer) {
        failed(line, now, answer.error().text(), {});
    } else if (answer->accepted) {
        PH_TRY(accepted(database, line, now));
        line.figures.sent += static_cast<std::int64_t>(line.sending.size());
        line.figures.failuresInARow = 0;
        line.figures.lastSuccess = now;
        if (!line.oneByOne) line.figures.problem.clear();
        line.notBefore = kTimestampMin;
    } else if (!answer->refused) {
        failed(line, now, answer->reason, answer->retryAfter);
    } else if (line.sending.size() > 1) {
        line.oneByOne = true;  // whichever is refused must not keep the others back
        line.figures.problem = answer->reason;
    } else {
        return refused(database, line, now, answer->reason);
    }
    return {};
}

Status AlertDelivery::refused(Database& database, Line& line, Timestamp now, const std::string& reason) {
    const Item item = line.sending.front();
    ++line.figures.refused;
    line.figures.problem = "alert " + std::to_string(item.alert) + " is refused: " + reason;
    qCWarning(lcDelivery, "%s: %s", line.figures.receiver.c_str(), line.figures.problem.c_str());
    line.refusedUntil[item.alert] = now + m_options.longestRetry;
    // That one is over which was never taken is nothing to go on about.
    return item.over ? accepted(database, line, now) : Status{};
}

Status AlertDelivery::accepted(Database& database, Line& line, Timestamp now) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    if (m_guard) PH_TRY(m_guard(database));
    for (const Item& item : line.sending) {
        PH_TRY(database.run(item.over ? "UPDATE alert_delivery SET over = ? WHERE connection = ? AND alert = ?"
                                      : "UPDATE alert_delivery SET told = ? WHERE connection = ? AND alert = ?",
                            now, line.target.connection, item.alert));
        line.refusedUntil.erase(item.alert);
    }
    PH_TRY(transaction.commit());
    return {};
}

void AlertDelivery::failed(Line& line, Timestamp now, std::string problem, std::optional<Duration> retryAfter) {
    ++line.figures.failed;
    const int doublings = std::min(line.figures.failuresInARow++, 30);
    const auto longest = static_cast<double>(m_options.longestRetry.count());
    const double wait = std::min(longest, std::ldexp(static_cast<double>(m_options.firstRetry.count()), doublings));
    std::uniform_real_distribution<double> part(0.5, 1);  // so that many that failed at once do not come back at once
    Duration delay(static_cast<std::int64_t>(wait * part(m_random)));
    if (retryAfter) delay = std::max(delay, *retryAfter);
    line.notBefore = now + delay;
    if (line.figures.problem != problem)
        qCWarning(lcDelivery, "%s: %s; tried again", line.figures.receiver.c_str(), problem.c_str());
    line.figures.problem = std::move(problem);
}

}  // namespace pilothouse::engine
