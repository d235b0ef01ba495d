// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QObject>
#include <QStringList>
#include <functional>
#include <optional>

#include "app/window.h"
#include "models/base/latest.h"
#include "models/workspace/connections.h"

namespace pilothouse::app {

using Opener = std::function<Result<std::shared_ptr<workspace::Workspace>>()>;
/// Runs an opener away from the GUI thread.
[[nodiscard]] QFuture<Result<OpenedWorkspace>> openLater(Opener opener);

/// Opens workspaces into the window, and the forms that belong to an open one; the start page tells errors. GUI thread.
class Opening : public QObject {
public:
    Opening(shell::MainWindow& window, const WindowOptions& options);
    void openFile(const QString& path);
    void create(const QString& path);
    /// Into the open workspace, which is opened again with it, or into a new one of the connection's name.
    void addConnection(const workspace::Connection& connection);
    /// Into the open workspace, or into a new one that is called as the first file.
    void importFiles(const QStringList& paths);
    void begin(const QString& name, Opener opener, std::optional<double> speed);
    /// Shows it when it is there.
    void take(const QString& name, QFuture<Result<OpenedWorkspace>> future, std::optional<double> speed);
    void finish(const QString& name, Result<OpenedWorkspace> opened, std::optional<double> speed);

private:
    shell::MainWindow& m_window;
    const WindowOptions& m_options;
    QStringList m_toImport;  ///< once there is a workspace
    Latest m_question;
};

}  // namespace pilothouse::app
