// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/predictions/ingest_mapping.h"
#include "models/workspace/workspace.h"

/// Loads prediction rows from files in bulk: JSON lines, CSV, inference events, gzip and zstd of them.
///
/// One thread reads and cuts, workers parse and code segments, one thread writes, a transaction a chunk that holds the
/// rows, their ground truth, their quarantine and how far the file is. So a process that is killed loses nothing and
/// repeats nothing: the same call goes on where it was. At most workers + 2 chunks of 48 MiB are in hand.
namespace pilothouse::predictions {

struct IngestProgress {
    std::uint64_t rows = 0, quarantined = 0;
    std::uint64_t bytes = 0;                    ///< unpacked
    std::size_t file = 0;                       ///< the present one, as the options count them
    std::uint64_t fileBytes = 0, fileSize = 0;  ///< of the present file as it lies; size 0: not known
    double seconds = 0;
};

struct IngestOptions {
    std::vector<std::string> files;              ///< "-": standard input
    std::optional<RowMapping> mapping;           ///< none: guessed for each file
    std::map<std::string, RowMapping> mappings;  ///< of single files, by path; before `mapping`
    std::string model, version;                  ///< of rows that name none
    std::string hashKey;                         ///< of hashed fields; empty: a plain hash
    bool follow = false;                         ///< one file: wait for more until cancelled, also when it is rotated
    bool dryRun = false;                         ///< read all, write nothing
    std::size_t workers = 0;                     ///< 0: one a core, four at most
    std::function<void(const std::string& file, const RowMapping& mapping, bool guessed)> onMapping;
    std::function<void(const IngestProgress&)> onProgress;  ///< on the calling thread, some ten times a second
};

/// What became of one file.
struct IngestedFileReport {
    std::string path;
    std::optional<RowMapping> mapping;
    std::uint64_t rows = 0;         ///< new in the log
    std::uint64_t repeated = 0;     ///< read, and there already
    std::uint64_t knownBytes = 0;   ///< at the front of the file, loaded before and not read as rows again
    std::uint64_t knownRows = 0;    ///< what they held
    std::uint64_t truths = 0;       ///< outcomes that became known
    std::uint64_t quarantined = 0;  ///< rows that could not be used
    std::uint64_t cutRows = 0;      ///< rows that were kept without the fields beyond the limit
    std::uint64_t bytes = 0;        ///< unpacked, read now
    std::map<std::string, std::uint64_t> reasons;
    std::optional<Error> error;  ///< why it was not read to its end; what came before was kept
    std::string note;            ///< "unchanged", for a person
};
struct IngestReport {
    std::vector<IngestedFileReport> files;
    std::uint64_t waitingEvents = 0;  ///< inference events without their other half
    bool cancelled = false;
    double seconds = 0;
};

/// On the calling thread, until done. What goes wrong with a file stands in its report; an error means that the
/// workspace cannot be written to. Cancelling keeps what was written.
[[nodiscard]] Result<IngestReport> ingest(workspace::Workspace& workspace, const IngestOptions& options,
                                          const CancellationToken& token);

/// A file's first rows, for a form that asks before it loads them.
struct FilePreview {
    RowMapping mapping;                ///< as ingest() would guess it
    std::vector<SampledField> fields;  ///< in the file's order; none for inference events
    std::uint64_t bytes = 0;           ///< as it lies
};
/// Reads at most 256 KiB (unpacked). InvalidInput for what is no file, empty, or none of the formats.
[[nodiscard]] Result<FilePreview> previewFile(const std::string& path);

}  // namespace pilothouse::predictions
