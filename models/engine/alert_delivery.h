// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "models/monitoring/alert_rules.h"
#include "models/ports/alert_receiver.h"
#include "models/workspace/database.h"

namespace pilothouse::engine {

struct DeliveryOptions {
    /// A firing alert is told again this often, and told to end four times as late, as Prometheus does
    /// (--rules.alert.resend-delay): a receiver that hears nothing any more resolves it by itself.
    Duration resend = std::chrono::minutes(1);
    Duration firstRetry = std::chrono::seconds(1), longestRetry = std::chrono::minutes(5);
    std::size_t batch = 64;  ///< alerts in one request
    std::string origin;      ///< begins an alert's generator address, and its monitor ends it
    std::uint64_t seed = std::random_device{}();
};

/// Tells the workspace's alerts to receivers: firing ones again and again, that they are over until it was
/// acknowledged. What is to be told stands in the workspace, so that nothing is lost with the process. Pending alerts
/// are not told. One that is silenced or inhibited here waits until it is not; one that was told already goes on.
///
/// Each receiver has a request of its own in flight, and its own waits: twice as long after each failure, less a random
/// part, or as long as it asks for. Thread: one; it never waits for a receiver.
class AlertDelivery {
public:
    struct Target {
        std::int64_t connection = 0;  ///< of the workspace
        std::shared_ptr<ports::AlertReceiver> receiver;
    };
    /// What became of a receiver's requests since this object was made.
    struct Figures {
        std::string receiver;
        std::int64_t sent = 0;     ///< alerts acknowledged
        std::int64_t failed = 0;   ///< requests that were not
        std::int64_t refused = 0;  ///< alerts refused as they are
        int failuresInARow = 0;
        std::string problem;  ///< of the last request; empty: it went well
        std::optional<Timestamp> lastSuccess;
    };

    /// Alerts that a receiver may know of and was not told to be over, with when it took them last as firing.
    using Told = std::map<std::int64_t, std::optional<Timestamp>>;

    /// `wake` is called on a receiver's thread when an answer has come: advance() has something to do.
    AlertDelivery(std::vector<Target> targets, DeliveryOptions options, std::function<void()> wake = {});
    ~AlertDelivery();  ///< ends what is in flight
    AlertDelivery(const AlertDelivery&) = delete;
    AlertDelivery& operator=(const AlertDelivery&) = delete;

    /// Takes answers that came, and sends what is due. `guard` is asked first in each write transaction. Returns when
    /// it wants to be called next, unless woken before.
    [[nodiscard]] Result<Timestamp> advance(workspace::Database& database, Timestamp now,
                                            const std::function<Status(workspace::Database&)>& guard = {});
    [[nodiscard]] bool inFlight() const;
    [[nodiscard]] std::vector<Figures> figures() const;

private:
    struct Item {
        std::int64_t alert = 0;
        bool over = false;
    };
    struct Line {
        Target target;
        Figures figures;
        std::optional<QFuture<Result<ports::ReceiverAnswer>>> answer;
        std::vector<Item> sending;
        Timestamp notBefore = kTimestampMin;
        bool oneByOne = false;  ///< after a refusal, until it is known which alerts are refused
        std::map<std::int64_t, Timestamp> refusedUntil;
    };
    struct Batch {
        std::vector<Item> items;
        std::vector<ports::OutgoingAlert> alerts;
        Timestamp next = kTimestampMax;  ///< when another is due
    };
    [[nodiscard]] Status take(workspace::Database& database, Line& line, Timestamp now);
    [[nodiscard]] Status accepted(workspace::Database& database, Line& line, Timestamp now);
    void failed(Line& line, Timestamp now, std::string problem, std::optional<Duration> retryAfter);
    [[nodiscard]] Result<Batch> due(workspace::Database& database, const Line& line,
                                    const std::vector<ports::Alert>& open, Timestamp now) const;
    [[nodiscard]] Status addOver(workspace::Database& database, const Told& told, const std::vector<ports::Alert>& open,
                                 Batch& batch) const;
    [[nodiscard]] Status refused(workspace::Database& database, Line& line, Timestamp now, const std::string& reason);
    [[nodiscard]] Status begin(workspace::Database& database, Line& line, Batch batch, Timestamp now);
    [[nodiscard]] ports::OutgoingAlert outgoing(const ports::Alert& alert, Timestamp end) const;

    std::vector<Line> m_lines;
    DeliveryOptions m_options;
    std::function<void()> m_wake;
    std::function<Status(workspace::Database&)> m_guard;
    std::mt19937_64 m_random;
    CancellationSource m_cancel;
};

}  // namespace pilothouse::engine
