// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace pilothouse::bench {

struct IngestFigures {
    double seconds = 0;
    double firstMillion = 0, lastMillion = 0;  ///< seconds; 0 when there are fewer than two millions
    double peakMegabytes = 0;                  ///< resident, of the process at its most
};

/// Loads FOLDER/rows.jsonl into a new workspace with predictions::ingest, which `pilothouse ingest` calls, in a process
/// of its own, so that its memory can be told. With a cap the process cannot have more memory than that (RLIMIT_DATA:
/// heap and stacks; 0: as it likes).
IngestFigures measureIngest(const QString& lines, const QString& workspace, std::size_t rows, std::size_t capMegabytes);

/// The process of its own: main() hands over to it when its first argument is kIngestChild.
inline constexpr const char* kIngestChild = "--ingest-child";
int runIngestChild(const QString& lines, const QString& workspace, std::size_t rows);

/// No more heap and stacks than this from now on; 0 lifts it.
void capMemory(std::size_t megabytes);

}  // namespace pilothouse::bench
