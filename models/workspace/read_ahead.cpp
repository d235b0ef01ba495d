// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/read_ahead.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/types.h>

#include <algorithm>
#include <mutex>

namespace pilothouse::workspace {

namespace {

using Read = ssize_t (*)(int, void*, std::size_t, off64_t);
static_assert(sizeof(off_t) == sizeof(off64_t), "pread and pread64 are one on the systems this is built for");

/// What the thread is about to read.
struct Expected {
    std::size_t left = 0;      ///< bytes not read yet; 0: nothing is expected
    off64_t from = 0, to = 0;  ///< what was asked for last
    int file = -1;
};
thread_local Expected expected;

Read systemRead = nullptr;

ssize_t readWithAhead(int file, void* bytes, std::size_t count, off64_t offset) {
    if (expected.left > 0) {
        const auto end = offset + static_cast<off64_t>(count);
        const bool asked = file == expected.file && offset >= expected.from && end <= expected.to;
        if (!asked && expected.left > count) {
            const auto ahead = static_cast<off64_t>(expected.left);
            (void)::posix_fadvise64(file, offset, ahead, POSIX_FADV_WILLNEED);
            expected.file = file;
            expected.from = offset;
            expected.to = offset + ahead;
        }
        expected.left -= std::min(expected.left, count);
    }
    return systemRead(file, bytes, count, offset);
}

}  // namespace

ReadAhead::ReadAhead(std::size_t bytes) { expected = {bytes, 0, 0, -1}; }
ReadAhead::~ReadAhead() { expected = {}; }

void installReadAhead() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
        if (!vfs || vfs->iVersion < 3 || !vfs->xSetSystemCall || !vfs->xGetSystemCall) return;
        for (const char* name : {"pread64", "pread"}) {  // one of them is what it was built to use
            const sqlite3_syscall_ptr used = vfs->xGetSystemCall(vfs, name);
            if (!used) continue;
            systemRead = reinterpret_cast<Read>(used);
            (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(&readWithAhead));
            return;
        }
    });
}

}  // namespace pilothouse::workspace
