// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/base/result.h"

/// What the workspace needs of the file system: durable writes, and knowing where WAL cannot work. Blocking; any
/// thread.
namespace pilothouse::workspace::files {

[[nodiscard]] std::string absolutePath(const std::string& path);
[[nodiscard]] std::string folderOf(const std::string& path);

/// NotFound for a missing file; InvalidInput for a folder, a device or a pipe.
[[nodiscard]] Status checkRegularFile(const std::string& path);
/// Unsupported where `path` lies on a network file system: SQLite's WAL needs memory that all its users share.
[[nodiscard]] Status checkLocal(const std::string& path);
/// The name of a network file system by statfs's type and, for FUSE, its subtype ("fuse.sshfs"); empty for a local one.
[[nodiscard]] std::string networkFileSystem(std::uint64_t type, std::string_view fuseSubtype);
/// The type column of /proc/self/mountinfo's text for the mount that holds `path`; empty when there is none.
[[nodiscard]] std::string mountType(std::string_view mountinfo, std::string_view path);

/// Not to be used on a workspace that is open: closing a descriptor drops the locks that SQLite holds on the file.
[[nodiscard]] Status syncFile(const std::string& path);
[[nodiscard]] Status syncFolder(const std::string& path);
/// Whole or absent, also after a power loss: a temporary file in the same folder, synced, renamed, the folder synced.
[[nodiscard]] Status writeDurably(const std::string& path, std::span<const std::uint8_t> bytes);
/// Makes the folder and its missing parents, and syncs what it changed.
[[nodiscard]] Status makeFolders(const std::string& path);
/// Renames, and syncs the folder. AlreadyExists instead of replacing, unless `replace`.
[[nodiscard]] Status renameDurably(const std::string& from, const std::string& to, bool replace);
/// A name in the same folder that nobody else uses now.
[[nodiscard]] std::string temporaryName(const std::string& path);

/// The error for errno `code`, in words.
[[nodiscard]] Error systemError(int code, const std::string& doing, const std::string& path);

}  // namespace pilothouse::workspace::files
