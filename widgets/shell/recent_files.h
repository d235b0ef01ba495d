// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QString>
#include <vector>

namespace pilothouse::shell {

struct RecentFile {
    QString path;
    bool exists = false;
    QDateTime changed;  ///< last time it was written; invalid when it does not exist
};

/// Workspaces that were opened last, newest first, from the settings.
[[nodiscard]] std::vector<RecentFile> recentFiles();
void rememberFile(const QString& path);
void forgetFile(const QString& path);

}  // namespace pilothouse::shell
