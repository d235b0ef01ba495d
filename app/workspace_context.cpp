// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

#include "app/command_line.h"

namespace pilothouse::app {

std::string dataFolder() {
    const QString folder =
        QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/pilothouse");
    QDir().mkpath(folder);
    return folder.toStdString();
}

std::string demoPath() { return dataFolder() + "/demo.pilothouse"; }

Result<std::shared_ptr<workspace::Workspace>> CommandContext::openWorkspace() const {
    std::string path = workspacePath;
    if (path.empty()) path = QSettings().value(QStringLiteral("lastWorkspace")).toString().toStdString();
    if (path.empty()) path = dataFolder() + "/default.pilothouse";
    PH_ASSIGN(auto workspace, workspace::Workspace::open(path));
    PH_ASSIGN(auto database, workspace->connect(true));
    PH_TRY(workspace->refreshClock(*database));
    return workspace;
}

Result<std::shared_ptr<workspace::Workspace>> CommandContext::openOrCreateWorkspace() const {
    const bool chosen = !workspacePath.empty() || QSettings().contains(QStringLiteral("lastWorkspace"));
    const std::string path = chosen ? workspacePath : dataFolder() + "/default.pilothouse";
    if (!path.empty() && !QFileInfo::exists(QString::fromStdString(path)))
        return workspace::Workspace::create(path, ClockKind::Real, QTimeZone::systemTimeZoneId().toStdString());
    return openWorkspace();
}

Result<Timestamp> parseMoment(const std::string& text, Timestamp now, const Zone& zone) {
    if (const auto before = parseDuration(text)) return now - *before;
    // A bare date is a day of the workspace's calendar, not of UTC.
    if (text.size() == 10)
        if (const auto day = Timestamp::parseIso(text)) return zone.midnight(Zone().date(*day));
    if (const auto moment = Timestamp::parseIso(text)) return *moment;
    return fail(Error::invalid("\"" + text +
                               "\" is no time: a date (2013-07-01), an ISO time or a duration back (7d) is needed"));
}

}  // namespace pilothouse::app
