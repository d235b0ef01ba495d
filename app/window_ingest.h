// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace pilothouse::shell {
class MainWindow;
}

namespace pilothouse::app {

/// Opens the import's form over the window's workspace, or shows the one that is open. GUI thread.
void showImport(shell::MainWindow& window, const QStringList& paths);
/// Likewise for the rows that were set aside; a filter that is not null replaces the one there.
void showQuarantine(shell::MainWindow& window, const QString& filter = {});
/// Likewise for how long rows stay.
void showRetention(shell::MainWindow& window);

}  // namespace pilothouse::app
