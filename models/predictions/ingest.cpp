// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest.h"

#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "models/predictions/byte_source.h"
#include "models/predictions/ingest_guess.h"
#include "models/predictions/ingest_pipeline.h"

namespace pilothouse::predictions {

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kBeat{100};
constexpr std::size_t kHeadBytes = 4'096;

std::uint64_t digestOf(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Reads one file after the other and feeds the pipeline. Lives on the calling thread.
class FileReader {
public:
    FileReader(workspace::Database& database, const IngestOptions& options, IngestPipeline& pipeline,
               const CancellationToken& token)
        : m_database(database), m_options(options), m_pipeline(pipeline), m_token(token) {}

    /// The file's own trouble stands in its report; an error ends everything.
    Status read(std::size_t index, const std::shared_ptr<IngestFile>& file) {
        m_index = index;
        m_file = file;
        for (;;) {
            auto done = readOnce();
            if (!done) {
                if (isCancelled(done) || !m_pipeline.status()) return fail(done.error());
                m_file->report.error = done.error();
                return {};
            }
            if (!*done) return {};
            // Rotated: the same path, another file. The workers are done with the old one first.
            while (!m_pipeline.drain(kBeat))
                PH_TRY(beat());
            m_file->ledger = {};
            m_file->columns.clear();
            m_damage.reset();
        }
    }

private:
    /// True: the file was replaced while it was followed.
    Result<bool> readOnce() {
        PH_ASSIGN(m_source, ByteSource::open(m_file->report.path));
        PH_TRY(readSample());
        if (m_sample.empty() && !m_options.follow) {
            m_file->report.note = "is empty";
            return false;
        }
        PH_TRY(prepare());
        RunningDigest digest;
        RowPlace start{1, 0};
        PH_TRY(resume(digest, start));
        ChunkCutter cutter(m_file->mapping.format == RowFormat::Csv, digest, start, m_buffers);
        if (m_file->mapping.format == RowFormat::Csv && start.offset > 0) {
            PH_TRY(setColumns(headerOf(m_sample)));
        }
        return pump(cutter);
    }

    /// The first bytes; at least one row of them where the file has one.
    Status readSample() {
        m_sample.resize(kSampleBytes);
        std::size_t used = 0;
        while (used < kSampleBytes) {
            PH_TRY(beat());
            PH_ASSIGN(const auto got, readSome(m_sample.data() + used, kSampleBytes - used));
            used += got.bytes;
            if (got.bytes > 0) continue;
            const bool row = std::memchr(m_sample.data(), '\n', used) != nullptr;
            if (row || (!got.idle && !m_options.follow)) break;
            if (!got.idle) waitForMore();
        }
        m_sample.resize(used);
        return {};
    }

    /// A damaged packed file still gives what comes before the damage: the error is kept for the end.
    Result<ByteSource::Read> readSome(char* to, std::size_t capacity) {
        auto got = m_source->read(to, capacity);
        if (got || got.error().kind != ErrorKind::Corrupt) return got;
        m_damage = got.error();
        return ByteSource::Read{};
    }

    Status prepare() {
        IngestFile& file = *m_file;
        const std::string& path = file.report.path;
        const auto own = m_options.mappings.find(path);
        const bool given = own != m_options.mappings.end() || m_options.mapping;
        if (given) {
            file.mapping = own != m_options.mappings.end() ? own->second : *m_options.mapping;
        } else {
            PH_ASSIGN(const RowFormat format, guessFormat(m_sample, path));
            file.mapping = guessFromSample(format, m_sample);
        }
        if (!m_options.model.empty()) file.mapping.constants["model"] = m_options.model;
        if (!m_options.version.empty()) file.mapping.constants["version"] = m_options.version;
        PH_TRY(checkMapping(file.mapping, m_sample, path));
        if (m_options.onMapping && !file.report.mapping) m_options.onMapping(path, file.mapping, !given);
        file.report.mapping = file.mapping;
        file.ledger.path = path;
        file.ledger.mapping = digestOf(toYaml(file.mapping));
        // Where a file is known by: its first line, which stays when the file grows.
        const std::size_t line = std::min(m_sample.find('\n'), m_sample.size());
        file.ledger.headBytes = std::min(line, kHeadBytes);
        file.ledger.head = digestOf(std::string_view(m_sample).substr(0, file.ledger.headBytes));
        return {};
    }

    /// What was loaded of these very bytes before, under whatever name, is passed over.
    Status resume(RunningDigest& digest, RowPlace& start) {
        m_ahead = m_sample;
        if (!m_source->regular() || m_options.dryRun) return {};
        PH_ASSIGN(auto known, ingestedFiles(m_database, m_file->ledger.mapping));
        std::erase_if(known, [&](const IngestedFile& f) {
            return f.bytes == 0 || f.headBytes != m_file->ledger.headBytes || f.head != m_file->ledger.head;
        });
        if (known.empty()) return {};
        std::ranges::sort(known, {}, &IngestedFile::bytes);
        PH_ASSIGN(const IngestedFile* const best, longestKnown(known, digest));
        if (!best) return {};
        PH_ASSIGN(m_source, ByteSource::open(m_file->report.path));
        m_ahead.clear();
        m_damage.reset();
        PH_TRY(passOver(best->bytes));
        start = {best->lines + 1, best->bytes};
        m_file->report.knownBytes = best->bytes;
        m_file->report.knownRows = best->rows + best->repeated;
        const std::string path = m_file->ledger.path;
        m_file->ledger = *best;
        if (best->path != path) {
            m_file->ledger.id = 0;
            m_file->ledger.path = path;
        }
        return {};
    }

    Status passOver(std::uint64_t bytes) {
        char first = 0;  // tells the source what it is
        PH_ASSIGN(const auto got, m_source->read(&first, 1));
        return m_source->skip(bytes - got.bytes, m_token);
    }

    /// Reads along and compares where one of the known files ended; `digest` is that of the answer.
    Result<const IngestedFile*> longestKnown(const std::vector<IngestedFile>& known, RunningDigest& digest) {
        const IngestedFile* best = nullptr;
        RunningDigest running;
        std::uint64_t offset = 0;
        std::size_t next = 0;
        const auto take = [&](const char* bytes, std::size_t count) {
            while (count > 0 && next < known.size()) {
                const std::size_t step =
                    static_cast<std::size_t>(std::min<std::uint64_t>(count, known[next].bytes - offset));
                running.add(bytes, step);
                bytes += step;
                count -= step;
                offset += step;
                for (; next < known.size() && known[next].bytes == offset; ++next) {
                    if (running.value() != known[next].digest) continue;
                    best = &known[next];
                    digest.copyFrom(running);
                }
            }
        };
        take(m_sample.data(), m_sample.size());
        std::vector<char> buffer(1 << 20);
        while (next < known.size()) {
            PH_TRY(beat());
            PH_ASSIGN(const auto got, readSome(buffer.data(), buffer.size()));
            if (got.bytes == 0 && !got.idle) break;
            take(buffer.data(), got.bytes);
        }
        return best;
    }

    static std::string headerOf(std::string_view sample) {
        ChunkCutter cutter(true, RunningDigest(), {1, 0});
        for (std::size_t at = 0; at < sample.size();) {
            std::size_t room = 0;
            char* const to = cutter.room(room);
            const std::size_t step = std::min(room, sample.size() - at);
            std::memcpy(to, sample.data() + at, step);
            cutter.took(step);
            at += step;
            if (cutter.any()) break;
        }
        return cutter.takeFirstRow().value_or(std::string(sample));
    }

    Status setColumns(const std::optional<std::string>& header) {
        PH_ASSIGN(m_file->columns, csvHeader(header, m_file->report.path));
        return {};
    }

    Result<bool> pump(ChunkCutter& cutter) {
        bool header = m_file->mapping.format == RowFormat::Csv && m_file->columns.empty();
        for (;;) {
            PH_TRY(beat());
            std::size_t room = 0;
            char* const to = cutter.room(room);
            PH_ASSIGN(const auto got, next(to, room));
            cutter.took(got.bytes);
            m_file->report.bytes += got.bytes;
            m_bytes += got.bytes;
            if (header && cutter.any()) {
                PH_TRY(setColumns(cutter.takeFirstRow()));
                header = false;
            }
            while (cutter.full())
                PH_TRY(push(cutter));
            if (got.bytes > 0) continue;
            const bool replaced = !got.idle && m_options.follow && m_source->replaced();
            const bool over = !got.idle && (!m_options.follow || replaced || !m_source->regular() || m_damage);
            if (over && finish(cutter, header)) {
                while (cutter.moved())
                    PH_TRY(push(cutter));
                return replaced;
            }
            if (cutter.any()) PH_TRY(push(cutter));  // nothing more for now: what is there becomes visible
            if (!got.idle) waitForMore();
        }
    }

    /// The end of the file. Always true.
    bool finish(ChunkCutter& cutter, bool header) {
        IngestedFileReport& report = m_file->report;
        const bool open = !m_damage && cutter.finish();
        if (header && cutter.any()) static_cast<void>(setColumns(cutter.takeFirstRow()));
        if (open)
            report.note = "its last line is not whole and was left for the next time";
        else if (report.knownBytes > 0 && report.bytes == 0)
            report.note = "unchanged since it was loaded";
        else if (report.knownBytes > 0)
            report.note = "went on where it was";
        if (m_damage) report.error = m_damage;
        return true;
    }

    Result<ByteSource::Read> next(char* to, std::size_t room) {
        if (m_ahead.empty()) return readSome(to, room);
        const std::size_t step = std::min(room, m_ahead.size());
        std::memcpy(to, m_ahead.data(), step);
        m_ahead.erase(0, step);
        return ByteSource::Read{step, false};
    }

    Status push(ChunkCutter& cutter) {
        while (!m_pipeline.waitForRoom(kBeat))
            PH_TRY(beat());
        return m_pipeline.push(m_file, cutter.take());
    }

    /// For a file that may grow. A wake-up a beat costs nothing that can be measured.
    void waitForMore() { static_cast<void>(m_pipeline.drain(kBeat)), std::this_thread::sleep_for(kBeat); }

public:
    /// Progress and cancellation.
    Status beat() {
        PH_TRY(m_token.check());
        PH_TRY(m_pipeline.status());
        const auto now = SteadyClock::now();
        if (!m_options.onProgress || now - m_lastBeat < kBeat) return {};
        m_lastBeat = now;
        m_options.onProgress({m_pipeline.rows(), m_pipeline.quarantined(), m_bytes, m_index,
                              m_source ? m_source->sourceBytes() : 0, m_source ? m_source->fileSize() : 0,
                              std::chrono::duration<double>(now - m_start).count()});
        return {};
    }

private:
    workspace::Database& m_database;
    const IngestOptions& m_options;
    IngestPipeline& m_pipeline;
    const CancellationToken& m_token;
    std::shared_ptr<IngestFile> m_file;
    std::unique_ptr<ByteSource> m_source;
    std::shared_ptr<ChunkBuffers> m_buffers = std::make_shared<ChunkBuffers>();
    std::string m_sample, m_ahead;
    std::optional<Error> m_damage;
    std::uint64_t m_bytes = 0;
    std::size_t m_index = 0;
    SteadyClock::time_point m_start = SteadyClock::now(), m_lastBeat = m_start;
};

}  // namespace

Result<IngestReport> ingest(workspace::Workspace& workspace, const IngestOptions& options,
                            const CancellationToken& token) {
    if (options.follow && options.files.size() != 1) return fail(Error::invalid("one file at a time can be followed"));
    const auto start = SteadyClock::now();
    PH_ASSIGN(const auto writer, workspace.connect());
    PH_ASSIGN(const auto reader, workspace.connect());
    PH_ASSIGN(auto features, knownFeatures(*reader));
    PH_ASSIGN(auto waiting, pendingEvents(*reader));
    IngestReport out;
    std::vector<std::shared_ptr<IngestFile>> files;
    {
        IngestPipeline pipeline(workspace, *writer, options, std::move(features), std::move(waiting));
        FileReader fileReader(*reader, options, pipeline, token);
        for (const std::string& path : options.files) {
            files.push_back(std::make_shared<IngestFile>());
            files.back()->report.path = path;
            const Status done = fileReader.read(files.size() - 1, files.back());
            out.cancelled = isCancelled(done);
            if (!done && !out.cancelled) return fail(done.error());
            // What a file holds is known before the next one is compared with it.
            while (!out.cancelled && !pipeline.drain(kBeat))
                out.cancelled = isCancelled(fileReader.beat());
            if (out.cancelled) break;
        }
        PH_TRY(pipeline.status());
        out.waitingEvents = pipeline.waitingEvents();
    }
    for (const auto& file : files)
        out.files.push_back(std::move(file->report));
    out.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    return out;
}

Result<FilePreview> previewFile(const std::string& path) {
    PH_ASSIGN(const auto source, ByteSource::open(path));
    if (!source->regular()) return fail(Error::invalid("is no file that can be read twice", path));
    PH_ASSIGN(const std::string sample, readSample(*source, {}));
    if (sample.empty()) return fail(Error::invalid("is empty", path));
    PH_ASSIGN(const RowFormat format, guessFormat(sample, path));
    return FilePreview{guessFromSample(format, sample), sampleFields(format, sample), source->fileSize()};
}

}  // namespace pilothouse::predictions
