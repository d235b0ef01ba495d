// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "models/predictions/chunk_cutter.h"
#include "models/predictions/cloud_events.h"
#include "models/predictions/ingest.h"
#include "models/predictions/ingest_ledger.h"

namespace pilothouse::predictions {

/// A file whose chunks are in hand. The writer alone changes `ledger` and `report` meanwhile.
struct IngestFile {
    RowMapping mapping;
    std::vector<std::string> columns;  ///< of a CSV
    IngestedFile ledger;
    IngestedFileReport report;
};

/// Workers and the writer. Chunks are written in the order in which they were pushed.
class IngestPipeline {
public:
    /// `database`: for the writer alone, until the pipeline is gone.
    IngestPipeline(workspace::Workspace& workspace, workspace::Database& database, const IngestOptions& options,
                   std::vector<std::string> knownFeatures, std::vector<PendingEvent> waiting);
    /// What is in hand is dropped unless drain() was called.
    ~IngestPipeline();

    /// Waits until there is room. The error that stopped the writer, if there is one.
    [[nodiscard]] Status push(std::shared_ptr<IngestFile> file, std::unique_ptr<Chunk> chunk);
    /// True when push() would not wait.
    [[nodiscard]] bool waitForRoom(std::chrono::milliseconds timeout);
    /// Waits until all is written; false when the time is over.
    [[nodiscard]] bool drain(std::chrono::milliseconds timeout);
    [[nodiscard]] Status status();
    [[nodiscard]] std::uint64_t rows();         ///< written
    [[nodiscard]] std::uint64_t quarantined();  ///< written
    [[nodiscard]] std::uint64_t waitingEvents();

private:
    struct Job {
        std::uint64_t number = 0, eventsNumber = 0;  ///< in order of push; among chunks of events
        std::shared_ptr<IngestFile> file;
        std::unique_ptr<Chunk> chunk;
        CollectedRows rows;
        PendingChanges pending;
        std::uint64_t endOffset = 0, endLine = 0, endDigest = 0;
    };
    void work();
    void parse(Job& job, class JsonRowReader& json);
    void parseEvents(Job& job, RowCollector& collector);
    void write();
    [[nodiscard]] Status writeJob(Job& job);
    [[nodiscard]] Status writeTruths(Job& job, bool repeated);
    void addToReport(Job& job, const Appended& appended);

    workspace::Workspace& m_workspace;
    workspace::Database& m_database;
    const IngestOptions& m_options;
    FieldBudget m_budget;
    CloudEventJoin m_join;
    std::size_t m_keptQuarantine = 0;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::unique_ptr<Job>> m_toParse;
    std::map<std::uint64_t, std::unique_ptr<Job>> m_toWrite;
    std::size_t m_inHand = 0, m_limit = 0;
    std::uint64_t m_pushed = 0, m_written = 0, m_pushedEvents = 0, m_eventsTurn = 0;
    std::uint64_t m_rows = 0, m_quarantined = 0, m_waitingEvents = 0;
    bool m_stop = false;
    Status m_status;
    std::vector<std::thread> m_threads;
};

}  // namespace pilothouse::predictions
