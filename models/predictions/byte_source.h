// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/base/cancellation.h"
#include "models/base/result.h"

namespace pilothouse::predictions {

/// The bytes of a file or of standard input ("-"), unpacked when they are gzip or zstd (told by content). A packed file
/// that is cut short or damaged, or unpacks to more than 1,000 times its size (counted past 64 MiB), is an error that
/// names the byte; what came before was handed over. zstd windows are at most 128 MiB.
class ByteSource {
public:
    /// Refuses what is no file (a folder, a device) and what cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<ByteSource>> open(const std::string& path);
    ~ByteSource();
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;

    struct Read {
        std::size_t bytes = 0;
        bool idle = false;  ///< a pipe that has nothing for now
    };
    /// Fills as much as there is. Zero bytes, not idle: the end, for now (a file may grow: ask again). A pipe is waited
    /// for, up to 200 ms.
    [[nodiscard]] Result<Read> read(char* to, std::size_t capacity);
    /// Where a plain file goes on. Reads and drops in a packed one.
    [[nodiscard]] Status skip(std::uint64_t bytes, const CancellationToken& token);

    [[nodiscard]] bool packed() const;
    /// Can be read twice and can grow: not a pipe.
    [[nodiscard]] bool regular() const;
    [[nodiscard]] std::uint64_t sourceBytes() const;  ///< read so far, as they lie in the file
    /// The size of the file now; zero for a pipe.
    [[nodiscard]] std::uint64_t fileSize() const;
    /// The path leads to another file now, or this one became shorter than what was read.
    [[nodiscard]] bool replaced() const;

private:
    struct Private;
    explicit ByteSource(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

}  // namespace pilothouse::predictions
