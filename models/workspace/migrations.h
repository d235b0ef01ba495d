// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/workspace/database.h"

/// The schema's steps: numbered, forward only, each in one transaction, each with a backup of the file before it.
namespace pilothouse::workspace::migrations {

struct Migration {
    int number = 0;    ///< 1, 2, … without gaps; PRAGMA user_version after it
    std::string name;  ///< "001_initial"
    std::string sql;   ///< statements without BEGIN and COMMIT
};

/// Those compiled into the program (":/migrations/NNN_name.sql").
[[nodiscard]] Result<std::vector<Migration>> bundled();

/// Brings the file up to the last of `known`. A file that holds something is first copied to FILE.backup-vN (N: its
/// version then), synced; an older copy of that name is replaced. Any number of processes may do this at once: each
/// step is done once. A new, empty file gets the mark of a workspace (kApplicationId) with its first step.
[[nodiscard]] Status apply(const std::string& path, std::span<const Migration> known);

[[nodiscard]] std::string backupPath(const std::string& path, int version);

}  // namespace pilothouse::workspace::migrations
