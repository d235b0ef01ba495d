// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace pilothouse::shell {
class MainWindow;
}

namespace pilothouse::app {

/// Opens the monitors' form over the window's workspace, or shows the one that is open; at a monitor, by name (empty: a
/// new one). GUI thread.
void showMonitors(shell::MainWindow& window, const QString& monitor = {});
/// Likewise the form that makes a reference profile.
void showProfile(shell::MainWindow& window);
/// Their commands.
void addMonitorCommands(shell::MainWindow& window);

}  // namespace pilothouse::app
