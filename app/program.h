// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include "app/command_line.h"
#include "app/window.h"

/// The commands that open a window or draw pictures; each makes a QApplication of its own.
namespace pilothouse::app {

void addWindowOptions(CLI::App& app, WindowOptions& options);
[[nodiscard]] int openWindow(const CommandContext& context, const std::string& file, const WindowOptions& options);
[[nodiscard]] int runDemoWindow(const CommandContext& context, const DemoArguments& arguments,
                                const WindowOptions& options);
[[nodiscard]] int runSnapshot(const CommandContext& context, const SnapshotArguments& arguments);

}  // namespace pilothouse::app
