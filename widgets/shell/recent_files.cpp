// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/recent_files.h"

#include <QFileInfo>
#include <QSettings>

namespace pilothouse::shell {

namespace {
constexpr qsizetype kRemembered = 12;
const QString kKey = QStringLiteral("recent");
}  // namespace

std::vector<RecentFile> recentFiles() {
    std::vector<RecentFile> out;
    for (const QString& path : QSettings().value(kKey).toStringList()) {
        const QFileInfo file(path);
        QDateTime changed = file.lastModified();
        const QDateTime log = QFileInfo(path + QStringLiteral("-wal")).lastModified();
        if (log.isValid() && log > changed) changed = log;
        out.push_back({path, file.exists(), file.exists() ? changed : QDateTime()});
    }
    return out;
}

void rememberFile(const QString& path) {
    QSettings settings;
    QStringList paths = settings.value(kKey).toStringList();
    paths.removeAll(path);
    paths.prepend(path);
    settings.setValue(kKey, QStringList(paths.mid(0, kRemembered)));
}

void forgetFile(const QString& path) {
    QSettings settings;
    QStringList paths = settings.value(kKey).toStringList();
    paths.removeAll(path);
    settings.setValue(kKey, paths);
}

}  // namespace pilothouse::shell
