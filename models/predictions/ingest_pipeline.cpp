// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest_pipeline.h"

#include <algorithm>
#include <exception>

#include "models/predictions/bulk_append.h"
#include "models/predictions/json_rows.h"

namespace pilothouse::predictions {

namespace {
/// Rows kept raw in one run; further ones are counted only.
constexpr std::size_t kMaxKeptQuarantine = 100'000;
constexpr std::size_t kMaxWorkers = 4;
}  // namespace

IngestPipeline::IngestPipeline(workspace::Workspace& workspace, workspace::Database& database,
                               const IngestOptions& options, std::vector<std::string> knownFeatures,
                               std::vector<PendingEvent> waiting)
    : m_workspace(workspace), m_database(database), m_options(options), m_budget(knownFeatures) {
    for (PendingEvent& event : waiting)
        m_join.preload(std::move(event));
    m_waitingEvents = m_join.waiting();
    std::size_t workers = options.workers;
    if (workers == 0) workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxWorkers);
    m_limit = workers + 1;
    for (std::size_t i = 0; i < workers; ++i)
        m_threads.emplace_back([this] { work(); });
    m_threads.emplace_back([this] { write(); });
}

IngestPipeline::~IngestPipeline() {
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

Status IngestPipeline::push(std::shared_ptr<IngestFile> file, std::unique_ptr<Chunk> chunk) {
    auto job = std::make_unique<Job>();
    job->file = std::move(file);
    job->endOffset = chunk->endOffset;
    job->endLine = chunk->endLine;
    job->endDigest = chunk->endDigest;
    job->chunk = std::move(chunk);
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_stop || m_inHand < m_limit; });
    if (m_stop) return m_status;
    job->number = m_pushed++;
    if (job->file->mapping.format == RowFormat::CloudEvents) job->eventsNumber = m_pushedEvents++;
    ++m_inHand;
    m_toParse.push_back(std::move(job));
    m_changed.notify_all();
    return {};
}

bool IngestPipeline::waitForRoom(std::chrono::milliseconds timeout) {
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, timeout, [this] { return m_stop || m_inHand < m_limit; });
}

bool IngestPipeline::drain(std::chrono::milliseconds timeout) {
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, timeout, [this] { return m_stop || m_inHand == 0; });
}

Status IngestPipeline::status() {
    const std::lock_guard lock(m_mutex);
    return m_status;
}
std::uint64_t IngestPipeline::rows() {
    const std::lock_guard lock(m_mutex);
    return m_rows;
}
std::uint64_t IngestPipeline::quarantined() {
    const std::lock_guard lock(m_mutex);
    return m_quarantined;
}
std::uint64_t IngestPipeline::waitingEvents() {
    const std::lock_guard lock(m_mutex);
    return m_waitingEvents;
}

// ---- workers

void IngestPipeline::work() {
    JsonRowReader json;
    for (;;) {
        std::unique_ptr<Job> job;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return m_stop || !m_toParse.empty(); });
            if (m_stop) return;
            job = std::move(m_toParse.front());
            m_toParse.pop_front();
        }
        try {
            parse(*job, json);
        } catch (const std::exception& exception) {
            const std::lock_guard lock(m_mutex);
            if (m_status)
                m_status = fail(ErrorKind::ResourceExhausted, "the rows cannot be read", job->file->report.path,
                                exception.what());
            m_stop = true;
            m_changed.notify_all();
            return;
        }
        const std::lock_guard lock(m_mutex);
        m_toWrite.emplace(job->number, std::move(job));
        m_changed.notify_all();
    }
}

void IngestPipeline::parse(Job& job, JsonRowReader& json) {
    const IngestFile& file = *job.file;
    RowCollector collector({&file.mapping, &m_budget, file.ledger.head, m_options.hashKey});
    for (const Quarantined& row : job.chunk->oversized)
        collector.quarantine(row.place, row.raw, row.bytes, row.reason);
    const char* const data = job.chunk->data.get();
    if (file.mapping.format == RowFormat::CloudEvents) {
        parseEvents(job, collector);
    } else if (file.mapping.format == RowFormat::Csv) {
        CsvRowReader reader(collector, file.columns);
        for (const ChunkRow& row : job.chunk->rows)
            reader.read(row.place, {data + row.from, row.bytes});
    } else {
        json.start(collector);
        for (const ChunkRow& row : job.chunk->rows)
            json.read(row.place, {data + row.from, row.bytes});
    }
    job.chunk.reset();
    job.rows = collector.finish();
}

/// The join sees the events in their order, so one chunk after the other.
void IngestPipeline::parseEvents(Job& job, RowCollector& collector) {
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_stop || m_eventsTurn == job.eventsNumber; });
        if (m_stop) return;
    }
    for (const ChunkRow& row : job.chunk->rows)
        m_join.read(job.file->report.path, row.place, {job.chunk->data.get() + row.from, row.bytes}, collector,
                    job.pending);
    m_join.settle(job.pending);
    const std::lock_guard lock(m_mutex);
    m_waitingEvents = m_join.waiting();
    ++m_eventsTurn;
    m_changed.notify_all();
}

// ---- the writer

void IngestPipeline::write() {
    for (;;) {
        std::unique_ptr<Job> job;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return m_stop || m_toWrite.contains(m_written); });
            if (m_stop) return;
            job = std::move(m_toWrite.extract(m_written).mapped());
        }
        Status done;
        try {
            done = writeJob(*job);
        } catch (const std::exception& exception) {
            done =
                fail(ErrorKind::ResourceExhausted, "the rows cannot be written", m_database.path(), exception.what());
        }
        job.reset();
        const std::lock_guard lock(m_mutex);
        if (!done && m_status) m_status = std::move(done);
        m_stop |= !m_status;
        ++m_written;
        --m_inHand;
        m_changed.notify_all();
    }
}

Status IngestPipeline::writeJob(Job& job) {
    Appended appended{job.rows.segment.rows, 0};
    if (!m_options.dryRun) {
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(m_database));
        PH_ASSIGN(appended, appendEncoded(m_database, job.rows.segment));
        PH_TRY(writeTruths(job, appended.repeated > 0));
        auto& kept = job.rows.quarantined;
        kept.resize(std::min(kept.size(), kMaxKeptQuarantine - m_keptQuarantine));
        m_keptQuarantine += kept.size();
        PH_TRY(addQuarantine(m_database, job.file->report.path, kept, m_workspace.now()));
        PH_TRY(storePending(m_database, job.pending, m_workspace.now()));
        addToReport(job, appended);
        PH_TRY(storeIngestedFile(m_database, job.file->ledger, m_workspace.now()));
        PH_TRY(transaction.commit());
        if (job.rows.segment.rows < kLeastSegmentRows && job.rows.segment.rows > 0) {
            PH_ASSIGN(const std::size_t sealed, seal(m_database));
            static_cast<void>(sealed);
        }
    } else {
        addToReport(job, appended);
    }
    const std::lock_guard lock(m_mutex);
    m_rows += appended.added;
    for (const auto& [reason, count] : job.rows.reasons)
        m_quarantined += count;
    return {};
}

/// A row that was there already may bring an outcome that was not; one that is known as it is adds nothing.
Status IngestPipeline::writeTruths(Job& job, bool repeated) {
    for (auto& [model, truths] : job.rows.truths) {
        if (repeated) {
            PH_ASSIGN(const TruthView known, StoreState::of(m_database.path())->truth(m_database));
            std::vector<std::uint64_t> keys;
            for (const Truth& truth : truths)
                keys.push_back(truthKey(model, truth.requestId));
            std::vector<double> values(keys.size());
            std::vector<std::int64_t> times(keys.size());
            known.index->join(keys, known.stamp, kTimestampMax, values.data(), times.data());
            std::size_t i = 0;
            std::erase_if(truths, [&](const Truth& truth) {
                const std::size_t at = i++;
                return values[at] == truth.value && times[at] == truth.known.ns;
            });
        }
        PH_TRY(appendTruth(m_database, model, truths));
    }
    return {};
}

void IngestPipeline::addToReport(Job& job, const Appended& appended) {
    IngestedFile& ledger = job.file->ledger;
    IngestedFileReport& report = job.file->report;
    ledger.bytes = job.endOffset;
    ledger.digest = job.endDigest;
    ledger.lines = job.endLine - 1;
    ledger.rows += appended.added;
    report.rows += appended.added;
    ledger.repeated += appended.repeated;
    report.repeated += appended.repeated;
    std::uint64_t truths = 0;
    for (const auto& [model, list] : job.rows.truths)
        truths += list.size();
    ledger.truths += truths;
    report.truths += truths;
    report.cutRows += job.rows.cutRows;
    for (const auto& [reason, count] : job.rows.reasons) {
        ledger.quarantined += count;
        ledger.reasons[reason] += count;
        report.reasons[reason] += count;
        report.quarantined += count;
    }
    ledger.quarantined -= job.rows.cutRows;
    report.quarantined -= job.rows.cutRows;
}

}  // namespace pilothouse::predictions
