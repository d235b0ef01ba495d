// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/predictions/row_collector.h"

namespace pilothouse::predictions {

/// What the KServe inference logger sends, one structured CloudEvent a line: a request and a response of the same id
/// make one row an instance. Payloads: Open Inference Protocol V2 (inputs and outputs with name, shape and data) and V1
/// (instances and predictions).
enum class EventKind { Request = 0, Response = 1 };
struct PendingEvent {
    std::string id;
    EventKind kind = EventKind::Request;
    std::string file, raw;
    RowPlace place;
};
/// What became of the waiting events while some lines were read: take away the removed ones first.
struct PendingChanges {
    std::vector<PendingEvent> added;
    std::vector<std::pair<std::string, EventKind>> removed;
};

/// Joins halves that may be far apart, in different files even. At most kMaxWaiting events and kMaxBytes wait; the
/// oldest goes to quarantine then. Thread: one at a time.
class CloudEventJoin {
public:
    static constexpr std::size_t kMaxWaiting = 100'000, kMaxBytes = 64 << 20;

    CloudEventJoin();
    ~CloudEventJoin();
    /// One that an earlier run left waiting.
    void preload(PendingEvent event);
    void read(const std::string& file, const RowPlace& place, std::string_view line, RowCollector& collector,
              PendingChanges& changes);
    /// Once, after the last line that `changes` came from: leaves those out that do not wait any more.
    void settle(PendingChanges& changes) const;
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

private:
    struct Parsers;
    using Key = std::pair<std::string, EventKind>;
    void keep(PendingEvent event, RowCollector& collector, PendingChanges& changes);
    void forget(std::map<Key, PendingEvent>::iterator place, PendingChanges& changes);

    std::unique_ptr<Parsers> m_parsers;
    std::map<Key, PendingEvent> m_waiting;
    std::deque<Key> m_order;  ///< as they came; some are gone
    std::size_t m_bytes = 0;
};

/// Which field is which in such rows: inputs are features under their own names, the first number of the outputs is the
/// score.
[[nodiscard]] RowMapping cloudEventMapping();

}  // namespace pilothouse::predictions
