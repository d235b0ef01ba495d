// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "app/command_line.h"
#include "app/output.h"
#include "models/monitoring/profile_difference.h"
#include "models/monitoring/profile_store.h"

namespace pilothouse::app {

using monitoring::StoredProfile;

namespace {

Status list(const CommandContext& context, const ProfilesArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(const auto profiles, monitoring::profilesOf(*database, arguments.model));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"model", "version", "made", "rows", "from", "of", "digest"}};
    for (const StoredProfile& p : profiles) {
        array.append(QJsonObject{{QStringLiteral("model"), text(p.model)},
                                 {QStringLiteral("version"), text(p.version)},
                                 {QStringLiteral("digest"), text(p.digest)},
                                 {QStringLiteral("created"), jsonTime(p.created)},
                                 {QStringLiteral("source"), text(p.source)},
                                 {QStringLiteral("range_from"), jsonTime(p.range.start)},
                                 {QStringLiteral("range_to"), jsonTime(p.range.end)},
                                 {QStringLiteral("rows"), static_cast<qint64>(p.rows)}});
        table.push_back({p.model, p.version.empty() ? "–" : p.version, p.created.toIso(), std::to_string(p.rows),
                         p.range.start.toIso(), p.source, p.digest.substr(0, 19)});
    }
    if (context.json)
        printJson({{QStringLiteral("profiles"), array}});
    else if (profiles.empty())
        printNote("there is no profile; profile --model M --keep makes one");
    else
        printTable(table);
    return {};
}

/// By version (its newest profile), digest, or the beginning of a digest.
Result<statistics::Profile> find(const workspace::Workspace& workspace, const std::vector<StoredProfile>& profiles,
                                 const std::string& which) {
    for (const StoredProfile& p : profiles)
        if (p.version == which || p.digest == which || (which.size() >= 12 && p.digest.starts_with(which)))
            return monitoring::readProfile(workspace, p.digest);
    return fail(ErrorKind::NotFound, "the model has no profile of version or digest \"" + which + "\"");
}

Status diff(const CommandContext& context, const ProfilesArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(const auto profiles, monitoring::profilesOf(*database, arguments.model));
    PH_ASSIGN(const auto a, find(*workspace, profiles, arguments.which[0]));
    PH_ASSIGN(const auto b, find(*workspace, profiles, arguments.which[1]));
    const auto lines = monitoring::profileDifference(a, b);
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"column", "what", arguments.which[0], arguments.which[1]}};
    for (const auto& line : lines) {
        array.append(QJsonObject{{QStringLiteral("column"), text(line.column)},
                                 {QStringLiteral("what"), text(line.what)},
                                 {QStringLiteral("from"), text(line.from)},
                                 {QStringLiteral("to"), text(line.to)}});
        table.push_back({line.column, line.what, line.from, line.to});
    }
    if (context.json)
        printJson({{QStringLiteral("differences"), array}});
    else if (lines.empty())
        printLine("no difference");
    else
        printTable(table);
    return {};
}

}  // namespace

int runProfiles(const CommandContext& context, const ProfilesArguments& arguments) {
    const Status done = arguments.action == "diff" ? diff(context, arguments) : list(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
