// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/workspace/workspace.h"

namespace pilothouse::app {

/// What every command gets.
struct CommandContext {
    std::string workspacePath;  ///< empty: the last one used, then the user's data folder
    bool json = false;
    CancellationToken token;  ///< cancelled by Ctrl-C
    std::string program;      ///< path of this program, for child processes
    int argc = 0;             ///< for the commands that make a QApplication
    char** argv = nullptr;

    [[nodiscard]] Result<std::shared_ptr<workspace::Workspace>> openWorkspace() const;
    /// The same, but a workspace that is not there yet is made (on the system's clock and calendar).
    [[nodiscard]] Result<std::shared_ptr<workspace::Workspace>> openOrCreateWorkspace() const;
};

struct DemoArguments {
    bool headless = false;
    std::string out;
    std::string speed;  ///< a number of days a second, "max", or empty: 1, and max when headless
    std::uint64_t seed = 1;
    int days = 0;
    std::string data;  ///< another CSV of the same columns; empty: the one inside the program
    bool pictures = true;
    bool shuffleOutcomes = false;
    double addTemperature = 0;
    std::string addTemperatureFrom;
};
struct SearchArguments {
    std::string query, since, until, model, order;
    std::uint64_t limit = 20;
    bool count = false, explain = false, ascending = false;
};
struct IngestArguments {
    std::vector<std::string> files;
    std::string map, model, version;
    bool follow = false, dryRun = false;
};
struct QuarantineArguments {
    std::string text;  ///< in file, reason, detail or row; empty: any
    std::uint64_t limit = 20;
    std::string reason;
};
struct StatsArguments {
    std::string query, since, until, by, over, of;
    std::size_t limit = 20;
    bool percentiles = false;
};
struct RunArguments {
    std::string file;
    bool dryRun = false, explain = false;
    std::map<std::string, std::string> parameters;
};
struct ProfileArguments {
    std::string query, since, until;  ///< rows of the log …
    std::string file;                 ///< … or of a file
    std::string model, version, out;
    std::vector<std::string> columns, except, cluster;
    bool keep = false;  ///< in the workspace, as the reference of model and version
};
struct ProfilesArguments {
    std::string action = "list", model;
    std::vector<std::string> which;  ///< versions or digests
};
struct DriftArguments {
    std::string model, window;       ///< a window that a monitor judged …
    std::string reference, profile;  ///< … or a file, or a profile,
    std::string current;             ///< and the file that is compared with it
    std::vector<std::string> columns, except, cluster;
    double falseAlarmRate = 0.01, minimumEffect = 0.1, minimumMissingEffect = 0.01;
    std::string junit;
};
struct MonitorArguments {
    std::string action = "list", model, since, until, junit;
    std::vector<std::string> names;  ///< of monitors, or files
};
struct ModelsArguments {
    std::string action = "list", model, version, reason;
    std::string key, value;  ///< an alias, or a tag and its value
    bool remove = false;
    std::string connection;  ///< a registry's; empty: the workspace's own
};
struct AlertsArguments {
    std::string action = "list", comment, author, file;
    bool open = false, all = false;
    std::vector<std::string> matchers, ids;
    std::string start, until, duration;
    std::string connection;  ///< an Alertmanager's; empty: the workspace's own alerts
};
struct ConnectArguments {
    std::string action = "list", kind, url, name, tokenVariable;
    std::map<std::string, std::string> options;  ///< of workspace::option
    std::vector<std::string> headers;            ///< "NAME: VALUE"
    bool watch = false;
};
struct EngineArguments {
    std::optional<std::uint16_t> port;  ///< of the listener; none: one that is free
    std::string tokenVariable = "PILOTHOUSE_TOKEN";
};
struct RetentionArguments {
    std::optional<std::int64_t> keepDays;  ///< 0: for ever
    std::optional<double> keepGigabytes;   ///< 0: without limit
    bool dryRun = false;
};
struct EraseArguments {
    std::string requestId, model;  ///< one of the two
    bool yes = false;
};
struct ReportArguments {
    std::string model, window, out;
};
struct SnapshotArguments {
    std::string out, size = "1600x900", range;
    bool dark = false;
    double scale = 1;
};

[[nodiscard]] int runDemo(const CommandContext& context, const DemoArguments& arguments);
[[nodiscard]] int runSearch(const CommandContext& context, const SearchArguments& arguments);
[[nodiscard]] int runIngest(const CommandContext& context, const IngestArguments& arguments);
[[nodiscard]] int runQuarantine(const CommandContext& context, const QuarantineArguments& arguments);
[[nodiscard]] int runStats(const CommandContext& context, const StatsArguments& arguments);
[[nodiscard]] int runPipeline(const CommandContext& context, const RunArguments& arguments);
[[nodiscard]] int runProfile(const CommandContext& context, const ProfileArguments& arguments);
[[nodiscard]] int runDrift(const CommandContext& context, const DriftArguments& arguments);
[[nodiscard]] int runMonitor(const CommandContext& context, const MonitorArguments& arguments);
[[nodiscard]] int runProfiles(const CommandContext& context, const ProfilesArguments& arguments);
[[nodiscard]] int runModels(const CommandContext& context, const ModelsArguments& arguments);
[[nodiscard]] int runAlerts(const CommandContext& context, const AlertsArguments& arguments);
[[nodiscard]] int runConnect(const CommandContext& context, const ConnectArguments& arguments);
[[nodiscard]] int runEngine(const CommandContext& context, const EngineArguments& arguments);
[[nodiscard]] int runRetention(const CommandContext& context, const RetentionArguments& arguments);
[[nodiscard]] int runErase(const CommandContext& context, const EraseArguments& arguments);
[[nodiscard]] int runReport(const CommandContext& context, const ReportArguments& arguments);
[[nodiscard]] int runVerify(const CommandContext& context, const std::string& file);

/// Where workspaces lie unless said otherwise; made when absent.
[[nodiscard]] std::string dataFolder();
/// The demo's workspace of this user.
[[nodiscard]] std::string demoPath();
/// Reads "2013-07-01", an ISO time, or a duration before `now` ("7d").
[[nodiscard]] Result<Timestamp> parseMoment(const std::string& text, Timestamp now, const Zone& zone);

/// [since, until) by parseMoment(); an empty text is an open end.
[[nodiscard]] Result<TimeRange> momentsBetween(const std::string& since, const std::string& until,
                                               const workspace::Workspace& workspace);

/// The whole program: reads the command line, runs a command or opens the window, returns the exit code.
[[nodiscard]] int runProgram(int argc, char** argv);

}  // namespace pilothouse::app
