// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "models/items/session.h"

namespace pilothouse::shell {
class MainWindow;
}

namespace pilothouse::app {

/// What the window is opened with.
struct WindowOptions {
    std::string file;  ///< workspace to open; empty, and no `open`: the start page
    /// In place of `file`: how the workspace is opened or made. Runs on a thread of its own.
    std::function<Result<std::shared_ptr<workspace::Workspace>>()> open;
    /// What "Run the demo" of the start page does; likewise.
    std::function<Result<std::shared_ptr<workspace::Workspace>>()> demo;
    std::optional<double> speed;  ///< starts a demo workspace's engine at so many days a second; else it waits for Play
    bool measureStart = false;    ///< prints the time from the start of the process to the first paint, and ends
    double measureGaps = 0;       ///< so many seconds: prints the longest gap of the event loop, and ends
};

/// Makes the QApplication, shows the window and returns when it is closed.
[[nodiscard]] int runWindow(int argc, char** argv, const WindowOptions& options);

/// The embedded ports and the connections of a workspace, wired up. The engine is there (not started) for a demo
/// workspace that can be written.
struct OpenedWorkspace {
    std::shared_ptr<workspace::Workspace> workspace;
    std::map<std::string, std::shared_ptr<ports::MetricSource>> metrics;
    bool demo = false;
};
/// Reads what makeSession() needs. Any thread.
[[nodiscard]] Result<OpenedWorkspace> completeOpening(Result<std::shared_ptr<workspace::Workspace>> workspace);
/// GUI thread.
[[nodiscard]] std::unique_ptr<items::Session> makeSession(OpenedWorkspace opened);

/// Registers the views, in the order of their number keys.
void addViews(shell::MainWindow& window);

}  // namespace pilothouse::app
