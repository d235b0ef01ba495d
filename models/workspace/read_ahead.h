// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace pilothouse::workspace {

/// While it lives, SQLite on this thread is about to read so many bytes that lie together, most likely: a long value
/// page by page. The system is asked for all of them at the first page that it has to read, so that a disk is waited
/// for once and not at every page. A wrong guess costs what is read in vain, never a wrong answer. Not nested.
class ReadAhead {
public:
    explicit ReadAhead(std::size_t bytes);
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;
};

/// Puts itself between SQLite's files and the system (sqlite3_vfs::xSetSystemCall), once a process, before the first
/// file is opened. Where it cannot, ReadAhead does nothing. Thread: any.
void installReadAhead();

}  // namespace pilothouse::workspace
