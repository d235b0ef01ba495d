// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/profile_command.h"

#include <QSaveFile>
#include <algorithm>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "app/small_file.h"
#include "models/monitoring/log_profile.h"
#include "models/monitoring/profile_store.h"
#include "models/monitoring/table_profile.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/query_description.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::app {

using statistics::ColumnKind;
using statistics::ColumnProfile;
using statistics::Profile;

namespace {

constexpr qint64 kMostBytes = 64 << 20;

std::string shown(double value) { return QString::number(value, 'g', 5).toStdString(); }

/// What a person sees of a column at a glance.
std::string description(const ColumnProfile& c) {
    if (c.kind == ColumnKind::Identifier) return c.note.empty() ? "nearly every row has a value of its own" : c.note;
    if (c.kind == ColumnKind::Numeric) {
        if (c.n == c.missing) return "no values";
        return shown(c.min) + " … " + shown(c.quantiles[3]) + " … " + shown(c.max) + ", σ " + shown(c.scale);
    }
    std::string out;
    for (std::size_t i = 0; i < c.categories.size() && i < 3; ++i)
        out += (i > 0 ? ", " : "") + c.categories[i];
    const std::size_t more = c.categories.size() > 3 ? c.categories.size() - 3 : 0;
    return more > 0 ? out + " and " + std::to_string(more) + " more" : out;
}

void printProfile(const Profile& profile) {
    std::vector<std::vector<std::string>> table{{"column", "kind", "values", "missing", "effective", "content"}};
    for (const ColumnProfile& c : profile.columns) {
        const double share = c.n == 0 ? 0 : static_cast<double>(c.missing) / static_cast<double>(c.n);
        table.push_back({c.name, toString(c.kind), std::to_string(c.n - c.missing),
                         QString::number(100 * share, 'f', 1).toStdString() + " %",
                         QString::number(c.effectiveN, 'f', 0).toStdString(), description(c)});
    }
    printTable(table);
}

/// Features and the score, of the types that a profile has a form for.
Result<std::vector<ports::FieldInfo>> columnsOf(ports::PredictionLog& log, const ProfileArguments& arguments,
                                                const CancellationToken& token) {
    PH_ASSIGN(auto fields, await(log.fields(token)));
    for (const auto* names : {&arguments.columns, &arguments.except})
        for (const std::string& name : *names)
            if (std::ranges::find(fields, name, &ports::FieldInfo::name) == fields.end())
                return fail(Error::invalid("the log has no field \"" + name + "\""));
    const auto holds = [](const std::vector<std::string>& names, const std::string& name) {
        return std::ranges::find(names, name) != names.end();
    };
    std::erase_if(fields, [&](const ports::FieldInfo& f) {
        if (holds(arguments.except, f.name)) return true;
        return arguments.columns.empty() ? !f.feature && f.name != ports::field::score
                                         : !holds(arguments.columns, f.name);
    });
    return fields;
}

Result<Profile> profileOfLog(const CommandContext& context, const ProfileArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    monitoring::LogProfileRequest request;
    PH_ASSIGN(request.query, predictions::parseQuery(arguments.query));
    request.query.now = workspace->now();
    if (!arguments.model.empty()) {
        PH_ASSIGN(const auto ofModel, predictions::parseQuery(predictions::equalsClause("model", arguments.model)));
        request.query = predictions::conjunction(request.query, ofModel);
        request.query.now = workspace->now();
    }
    PH_ASSIGN(request.range, momentsBetween(arguments.since, arguments.until, *workspace));
    predictions::EmbeddedPredictionLog log(workspace);
    PH_ASSIGN(request.columns, columnsOf(log, arguments, context.token));
    request.cluster = arguments.cluster;
    PH_ASSIGN(const auto database, workspace->connect());
    return monitoring::profileLog(*database, workspace->zone(), request, context.token);
}

Result<Profile> profileOfFile(const CommandContext& context, const ProfileArguments& arguments) {
    PH_ASSIGN(const auto table, predictions::readTable(arguments.file, context.token));
    noteUnusable(table);
    return monitoring::profileTable(table, {arguments.columns, arguments.except, arguments.cluster}, context.token);
}

Status write(const std::string& path, const std::string& json) {
    QSaveFile file(text(path));
    const auto size = static_cast<qint64>(json.size());
    if (!file.open(QIODevice::WriteOnly) || file.write(json.data(), size) != size || !file.commit())
        return fail(ErrorKind::PermissionDenied, "cannot be written", path, file.errorString().toStdString());
    return {};
}

Status keep(const CommandContext& context, const ProfileArguments& arguments, const Profile& profile) {
    PH_ASSIGN(auto workspace, context.openOrCreateWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    const std::string source = arguments.file.empty() ? "query " + (arguments.query.empty() ? "*" : arguments.query)
                                                      : "file " + arguments.file;
    PH_ASSIGN(const auto kept, monitoring::storeProfile(*workspace, *database, profile, source, workspace->now()));
    PH_TRY(transaction.commit());
    printNote("kept as the newest reference of " + kept.model +
              (kept.version.empty() ? "" : ", version " + kept.version) + ": " + kept.digest);
    return {};
}

Status profile(const CommandContext& context, const ProfileArguments& arguments) {
    Profile made;
    if (arguments.file.empty()) {
        PH_ASSIGN(made, profileOfLog(context, arguments));
    } else {
        PH_ASSIGN(made, profileOfFile(context, arguments));
    }
    if (made.rows == 0) printNote("no row matches: the profile is empty");
    made.model = arguments.model;
    made.version = arguments.version;
    const std::string json = statistics::toJson(made);
    if (!arguments.out.empty()) PH_TRY(write(arguments.out, json));
    if (arguments.keep) PH_TRY(keep(context, arguments, made));
    if (context.json) {
        printLine(json.substr(0, json.size() - 1));
    } else {
        printLine(std::to_string(made.rows) + " rows, " + std::to_string(made.columns.size()) + " columns, " +
                  std::to_string(json.size()) + " bytes");
        printProfile(made);
    }
    return {};
}

}  // namespace

void noteUnusable(const predictions::FileTable& table) {
    if (table.unusable == 0) return;
    printNote(table.path + ": " + std::to_string(table.unusable) + " rows cannot be used and are left out; first " +
              table.firstUnusable);
}

Result<Profile> readProfile(const std::string& path) {
    PH_ASSIGN(const std::string json, readSmallFile(path, kMostBytes));
    auto profile = statistics::profileFromJson(json);
    if (!profile) profile.error().source = path;
    return profile;
}

int runProfile(const CommandContext& context, const ProfileArguments& arguments) {
    const Status done = profile(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
