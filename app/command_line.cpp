// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <csignal>

#include "app/output.h"
#include "app/program.h"
#include "models/base/logging.h"
#include "models/workspace/connections.h"
#include "resources/resources.h"

namespace pilothouse::app {

namespace {

CancellationSource* g_interrupt = nullptr;

void onInterrupt(int) {
    if (g_interrupt) g_interrupt->cancel();  // an atomic store: safe in a signal handler
}

/// What was asked for, filled by the parser; `command` runs it.
struct Request {
    CommandContext context;
    std::string file;
    bool verbose = false;
    DemoArguments demo;
    SearchArguments search;
    IngestArguments ingest;
    QuarantineArguments quarantine;
    StatsArguments stats;
    RunArguments run;
    ProfileArguments profile;
    DriftArguments drift;
    MonitorArguments monitor;
    ProfilesArguments profiles;
    ModelsArguments models;
    AlertsArguments alerts;
    ConnectArguments connect;
    EngineArguments engine;
    RetentionArguments retention;
    EraseArguments erase;
    ReportArguments report;
    SnapshotArguments snapshot;
    std::string verifyFile;
    std::vector<std::string> set;
    WindowOptions window;
    std::function<int()> command;  ///< empty: the window
    bool gui = false;              ///< the command makes its own QApplication
};

Result<std::map<std::string, std::string>> pairs(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> out;
    for (const std::string& pair : texts) {
        const auto split = pair.find('=');
        if (split == std::string::npos || split == 0)
            return fail(Error::invalid("\"" + pair + "\" is not of the form name=value"));
        out[pair.substr(0, split)] = pair.substr(split + 1);
    }
    return out;
}

void addDemo(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("demo", "Build the demo workspace and open it; with --headless run it all");
    c->add_flag("--headless", r.demo.headless, "Replay without a window; leave report and pictures");
    c->add_option("--out", r.demo.out, "Folder of the demo's workspace, report and pictures");
    c->add_option("--speed", r.demo.speed, "Simulated days a second, or max");
    c->add_option("--seed", r.demo.seed, "Seed of training and resampling");
    c->add_option("--days", r.demo.days, "Only so many days from 1 January")->check(CLI::Range(0, 366));
    c->add_option("--data", r.demo.data, "Another CSV (or .zst) of the same columns")->group("Experiments");
    c->add_flag("--shuffle-outcomes", r.demo.shuffleOutcomes, "Permute the outcomes by seed")->group("Experiments");
    c->add_option("--add-temperature", r.demo.addTemperature, "Add so many °F …")->group("Experiments");
    c->add_option("--add-temperature-from", r.demo.addTemperatureFrom, "… from this date on")->group("Experiments");
    c->add_flag("!--no-pictures", r.demo.pictures, "Draw no pictures");
    c->callback([&r] {
        r.gui = !r.demo.headless;
        r.command = [&r] {
            return r.demo.headless ? runDemo(r.context, r.demo) : runDemoWindow(r.context, r.demo, r.window);
        };
    });
}

void addSearch(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("search", "Rows of the prediction log, newest first");
    c->add_option("query", r.search.query, "carrier:UA temp_f>80 wrong …")->required();
    c->add_option("--since", r.search.since, "A date, an ISO time or a duration back (7d)");
    c->add_option("--until", r.search.until, "Likewise; the moment itself is out");
    auto* limit = c->add_option("--limit", r.search.limit, "At most so many rows (20)");
    c->add_flag("--count", r.search.count, "The number of rows alone")->excludes(limit);
    auto* order =
        c->add_option("--order", r.search.order, "The greatest of this field first (latency_ms: the slowest)");
    c->add_flag("--ascending", r.search.ascending, "The least of it first")->needs(order);
    c->add_flag("--explain", r.search.explain, "The plan and what had to be read, on stderr");
    c->callback([&r] { r.command = [&r] { return runSearch(r.context, r.search); }; });
}

void addIngest(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("ingest", "Load prediction rows: JSON lines, CSV, KServe events; plain, gzip or zstd");
    c->add_option("files", r.ingest.files, "Files; - is standard input")->required();
    c->add_option("--map", r.ingest.map, "MAP.yaml: which field is what (default: guessed and printed)");
    c->add_option("--model", r.ingest.model, "The model of rows that name none");
    c->add_option("--version", r.ingest.version, "The version of rows that name none");
    c->add_flag("--follow", r.ingest.follow, "Go on as the file grows, also when it is rotated");
    c->add_flag("--dry-run", r.ingest.dryRun, "Read all of it, write nothing");
    c->callback([&r] { r.command = [&r] { return runIngest(r.context, r.ingest); }; });

    auto* q = app.add_subcommand("quarantine", "Rows that could not be used, newest first");
    q->add_option("text", r.quarantine.text, "Only those with this text in file, reason or row");
    q->add_option("--limit", r.quarantine.limit, "At most so many (20)");
    q->add_option("--reason", r.quarantine.reason, "Only those of this reason");
    q->callback([&r] { r.command = [&r] { return runQuarantine(r.context, r.quarantine); }; });
}

void addStats(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("stats", "Counts, histograms and percentiles of matching rows");
    c->add_option("query", r.stats.query, "carrier:UA temp_f>80 wrong …")->required();
    c->add_option("--by", r.stats.by, "A field: top values of a text, a histogram of a number")->required();
    c->add_option("--since", r.stats.since, "A date, an ISO time or a duration back (7d)");
    c->add_option("--until", r.stats.until, "Likewise; the moment itself is out");
    c->add_option("--limit", r.stats.limit, "At most so many values (20)")->check(CLI::Range(1, 1'000'000));
    c->add_flag("--percentiles", r.stats.percentiles, "Mean, extremes and percentiles of the field");
    c->add_option("--of", r.stats.of, "… of this field instead, for each value of the text field --by");
    c->add_option("--over", r.stats.over, "In buckets of time: time (as fits), hour, day, week, 15m …");
    c->callback([&r] {
        if (!r.stats.of.empty()) r.stats.percentiles = true;
        r.command = [&r] { return runStats(r.context, r.stats); };
    });
}

void addRun(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("run", "Run a pipeline");
    c->add_option("pipeline", r.run.file, "PIPELINE.yaml")->required();
    c->add_flag("--dry-run", r.run.dryRun, "Check and show the plan, run nothing");
    c->add_flag("--explain", r.run.explain, "Show the plan first");
    c->add_option("--set", r.set, "A parameter, name=value (repeatable)");
    c->callback([&r] {
        r.command = [&r]() -> int {
            auto parameters = pairs(r.set);
            if (!parameters) return printNote("pilothouse: " + parameters.error().text()), Usage;
            r.run.parameters = std::move(*parameters);
            return runPipeline(r.context, r.run);
        };
    });
}

void addModels(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("models", "Models and versions of the registry");
    auto add = [&](const char* name, const char* help, bool version) {
        auto* s = c->add_subcommand(name, help);
        auto* model = s->add_option("model", r.models.model, "The model's name");
        if (std::string(name) != "list") model->required();
        if (version) {
            auto* v = s->add_option("version", r.models.version, "The version");
            if (std::string(name) == "promote") v->required();
        }
        if (std::string(name) == "promote" || std::string(name) == "rollback")
            s->add_option("--reason", r.models.reason, "For the audit trail");
        s->add_option("--connection", r.models.connection, "Of this MLflow, in place of the workspace's own");
        s->callback([&r, name] { r.models.action = name; });
        return s;
    };
    add("list", "All versions (the default)", false);
    add("show", "One version: metrics, parameters, history", true);
    add("promote", "Make a version champion", true);
    add("rollback", "Make the champion before this one champion again", false);
    auto* alias = add("alias", "Call a version by an alias, or take the alias away", false);
    alias->add_option("alias", r.models.key, "The alias")->required();
    alias->add_option("version", r.models.version, "The version");
    alias->add_flag("--remove", r.models.remove, "Take it away");
    alias->add_option("--reason", r.models.reason, "For the audit trail");
    auto* tag = add("tag", "Set a tag of a model or a version, or take it away", false);
    tag->add_option("key", r.models.key, "The tag")->required();
    auto* value = tag->add_option("value", r.models.value, "Its value");
    tag->add_flag("--remove", r.models.remove, "Take it away")->excludes(value);
    tag->add_option("--version", r.models.version, "Of this version, not of the model");
    c->require_subcommand(0, 1);
    c->callback([&r] { r.command = [&r] { return runModels(r.context, r.models); }; });
}

void addAlerts(CLI::App& app, Request& r) {
    AlertsArguments& a = r.alerts;
    auto* c = app.add_subcommand("alerts", "Alerts of the monitors");
    const auto add = [&](const char* name, const char* help) {
        auto* s = c->add_subcommand(name, help);
        s->callback([&a, name] { a.action = name; });
        const std::string action = name;
        if (action != "history" && action != "rules")
            s->add_option("--connection", a.connection, "Of this Alertmanager, in place of the workspace's own");
        return s;
    };
    const auto match = [&](CLI::App* s, const char* help) { return s->add_option("--match", a.matchers, help); };
    auto* list = add("list", "All alerts, newest first (the default)");
    list->add_flag("--open", a.open, "Only pending and firing ones");
    match(list, "Only those with label=value (also !=, =~, !~; repeatable)");
    add("history", "What happened to an alert, oldest first")->add_option("id", a.ids, "Its id")->expected(0, 1);
    add("silences", "Silences in force and to come")->add_flag("--all", a.all, "Also those that are over");
    const auto when = [&](CLI::App* s) {
        auto* until = s->add_option("--until", a.until, "Until this moment");
        s->add_option("--for", a.duration, "How long (2h)")->excludes(until);
        s->add_option("--start", a.start, "From this moment on (now)");
        s->add_option("--author", a.author, "Who");
    };
    auto* silence = add("silence", "Silence alerts by label");
    match(silence, "label=value, label!=value, label=~expression, label!~expression (repeatable, all must hold)")
        ->required();
    silence->add_option("--comment", a.comment, "Why")->required();
    when(silence);
    auto* change = add("change", "Change a silence: what is given is changed, the rest stays");
    change->add_option("id", a.ids, "Its id")->required()->expected(1);
    match(change, "Other matchers");
    change->add_option("--comment", a.comment, "Why");
    when(change);
    add("expire", "End silences now")->add_option("ids", a.ids, "Their ids")->required();
    add("rules", "The inhibition rules; with a file, take those of its inhibit_rules instead")
        ->add_option("file", a.file, "A YAML file");
    c->require_subcommand(0, 1);
    c->callback([&r] { r.command = [&r] { return runAlerts(r.context, r.alerts); }; });
}

void addConnect(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("connect", "Connections to running systems");
    auto* add = c->add_subcommand("add", "connect add prometheus URL, connect add alertmanager URL, …");
    std::vector<std::string> kinds;
    for (const workspace::ConnectionKind& k : workspace::connectionKinds())
        kinds.emplace_back(k.kind);
    add->add_option("kind,--kind", r.connect.kind, "What it is")->required()->check(CLI::IsMember(kinds));
    add->add_option("url,--url", r.connect.url, "http://host:9090")->required();
    add->add_option("--token-variable", r.connect.tokenVariable,
                    "Short for --secret env:NAME; secrets are sent to https and to this machine only");
    const auto option = [&](const char* flag, const char* key, const char* help) {
        add->add_option(flag, r.connect.options[key], help);
    };
    option("--secret", "secret", "Where the token or password is: env:NAME or keychain:NAME");
    option("--user", "user", "With one, the secret is its password");
    option("--ca-file", "ca_file", "The authorities to trust, PEM");
    option("--certificate-file", "certificate_file", "Shown to the server, PEM");
    option("--key-file", "key_file", "The certificate's key, PEM (default: in the same file)");
    option("--proxy", "proxy", "http://host:port, socks5://host:port or system");
    option("--group", "group", "production, staging, or another name");
    add->add_option("--header", r.connect.headers, "NAME: VALUE, sent with each request; no secrets");
    add->add_flag("--watch", r.connect.watch, "The engine polls it, also when nobody looks");
    add->add_option("--name", r.connect.name, "What it is called here (default: host)");
    add->callback([&r] { r.connect.action = "add"; });
    auto* test = c->add_subcommand("test", "Ask whether it answers");
    test->add_option("name", r.connect.name, "Its name")->required();
    test->callback([&r] { r.connect.action = "test"; });
    auto* remove = c->add_subcommand("remove", "Forget a connection");
    remove->add_option("name", r.connect.name, "Its name")->required();
    remove->callback([&r] { r.connect.action = "remove"; });
    c->add_subcommand("list", "All connections (the default)");
    c->require_subcommand(0, 1);
    c->callback([&r] { r.command = [&r] { return runConnect(r.context, r.connect); }; });
}

void addEngine(CLI::App& app, Request& r) {
    auto* c = app.add_subcommand("engine", "Judge windows as they come due, tell alerts, serve /metrics; until Ctrl-C");
    c->add_option("--port", r.engine.port, "Of this machine, for /metrics (default: one that is free)")
        ->check(CLI::Range(1, 65'535));
    c->add_option("--token-variable", r.engine.tokenVariable,
                  "The environment variable with the token that a scraper must show (PILOTHOUSE_TOKEN)");
    c->callback([&r] { r.command = [&r] { return runEngine(r.context, r.engine); }; });
}

void addLifecycle(CLI::App& app, Request& r) {
    auto* retention = app.add_subcommand("retention", "Remove old rows and keep the log in shape");
    retention->add_option("--keep-days", r.retention.keepDays, "Keep rows so many days; 0: for ever")
        ->check(CLI::Range(0, 36'500));
    retention->add_option("--keep-gb", r.retention.keepGigabytes, "Keep the log under so many GB; 0: without limit")
        ->check(CLI::Range(0.0, 1e6));
    retention->add_flag("--dry-run", r.retention.dryRun, "Only say what would go");
    retention->callback([&r] { r.command = [&r] { return runRetention(r.context, r.retention); }; });

    auto* erase = app.add_subcommand("erase", "Erase a request's or a model's rows, also from the file's bytes");
    auto* what = erase->add_option_group("what");
    what->add_option("--request-id", r.erase.requestId, "Rows, outcomes and quarantined rows of this request");
    what->add_option("--model", r.erase.model, "Rows and outcomes of this model");
    what->require_option(1);
    erase->add_flag("--yes", r.erase.yes, "Erase; without it only say what would go");
    erase->callback([&r] { r.command = [&r] { return runErase(r.context, r.erase); }; });
}

void addProfile(CLI::App& app, Request& r) {
    ProfileArguments& p = r.profile;
    auto* profile = app.add_subcommand("profile", "What a reference looks like, frozen: for drift and monitors");
    auto* query = profile->add_option("query", p.query, "Rows of the prediction log, as of search (default: all)");
    auto* file = profile->add_option("--file", p.file, "Rows of a file instead (CSV, JSON lines; gzip, zstd)");
    profile->add_option("--since", p.since, "From this moment, or so long ago (28d)")->excludes(file);
    profile->add_option("--until", p.until, "Up to this moment")->excludes(file);
    file->excludes(query);
    profile->add_option("--model", p.model, "Rows of this model; also written into the profile");
    profile->add_option("--version", p.version, "Written into the profile");
    profile->add_option("--columns", p.columns, "Only these (comma between)")->delimiter(',');
    profile->add_option("--except", p.except, "Not these")->delimiter(',');
    profile
        ->add_option("--cluster", p.cluster, "Rows with the same values in these depend on each other; date: the day")
        ->delimiter(',');
    profile->add_flag("--keep", p.keep, "Keep it in the workspace, as the newest reference of --model and --version")
        ->needs(profile->get_option("--model"));
    profile->add_option("--out", p.out, "Write the profile to this file, for drift --profile");
    profile->callback([&r] { r.command = [&r] { return runProfile(r.context, r.profile); }; });
}

void addProfiles(CLI::App& app, Request& r) {
    ProfilesArguments& p = r.profiles;
    auto* c = app.add_subcommand("profiles", "The reference profiles that the workspace holds");
    auto* list = c->add_subcommand("list", "All of them, newest first (the default)");
    list->add_option("--model", p.model, "Of this model");
    auto* diff = c->add_subcommand("diff", "What differs between two of a model's");
    diff->add_option("which", p.which, "Two versions, or digests")->required()->expected(2);
    diff->add_option("--model", p.model, "The model")->required();
    diff->callback([&p] { p.action = "diff"; });
    c->require_subcommand(0, 1);
    c->callback([&r] { r.command = [&r] { return runProfiles(r.context, r.profiles); }; });
}

void addMonitor(CLI::App& app, Request& r) {
    MonitorArguments& m = r.monitor;
    auto* c = app.add_subcommand("monitor", "Monitors: what is watched, what they found, what they would have found");
    const auto add = [&](const char* name, const char* help, const char* names) {
        auto* s = c->add_subcommand(name, help);
        auto* option = s->add_option("names", m.names, names);
        if (std::string(name) == "add" || std::string(name) == "remove") option->required();
        s->callback([&m, name] { m.action = name; });
        return s;
    };
    auto* list = c->add_subcommand("list", "All of them with what they found last (the default)");
    list->add_option("--model", m.model, "Of this model");
    add("add", "Declare the monitors of a file, or declare them anew", "FILE.yaml")->get_option("names")->expected(1);
    add("remove", "Take monitors away; what they found stays", "Their names");
    auto* check = add("check", "Judge what is due; exit code 2 where the newest window of one drifts", "Only these");
    check->add_option("--model", m.model, "Those of this model");
    check->add_option("--junit", m.junit, "Also write the newest windows' verdicts to this file, as JUnit XML");
    auto* backtest = add("backtest", "What monitors would have done over the history; nothing is stored",
                         "Monitors of the workspace, or files that declare some (default: all)");
    backtest->add_option("--model", m.model, "Those of this model");
    backtest->add_option("--since", m.since, "Windows from this moment on, or so long ago (90d)");
    backtest->add_option("--until", m.until, "Up to this moment");
    add("verify", "Make the newest evaluations again and compare them to the bit", "Only these monitors");
    c->require_subcommand(0, 1);
    c->callback([&r] { r.command = [&r] { return runMonitor(r.context, r.monitor); }; });
}

void addDrift(CLI::App& app, Request& r) {
    DriftArguments& d = r.drift;
    auto* drift = app.add_subcommand("drift", "Every feature's verdict against its reference; exit code 2 on drift");
    auto* what = drift->add_option_group("what");
    what->add_option("--model", d.model, "The model, of which the newest judged window is shown");
    what->add_option("--reference", d.reference, "A file (CSV, JSON lines; gzip, zstd) …");
    what->add_option("--profile", d.profile, "… or a profile that the command profile wrote …");
    what->require_option(1);
    auto* model = what->get_option("--model");
    auto* current = drift->add_option("--current", d.current, "… that this file is compared with; no workspace needed");
    for (const char* name : {"--reference", "--profile"})
        what->get_option(name)->needs(current);
    current->excludes(model);
    drift->add_option("--window", d.window, "A moment in the window (default: the newest one judged)")->needs(model);
    const auto ofFiles = [&](CLI::Option* option) { option->needs(current); };
    ofFiles(drift->add_option("--columns", d.columns, "Only these (comma between)")->delimiter(','));
    ofFiles(drift->add_option("--except", d.except, "Not these")->delimiter(','));
    ofFiles(drift->add_option("--cluster", d.cluster, "Rows with the same values in these depend on each other")
                ->delimiter(','));
    ofFiles(drift->add_option("--false-alarm-rate", d.falseAlarmRate, "Of all features together (0.01)")
                ->check(CLI::Range(1e-6, 0.5)));
    ofFiles(drift
                ->add_option("--minimum-effect", d.minimumEffect,
                             "In standard deviations, or share of rows in other categories (0.1)")
                ->check(CLI::Range(0.0, 100.0)));
    ofFiles(drift->add_option("--minimum-missing-effect", d.minimumMissingEffect, "In missing share (0.01)")
                ->check(CLI::Range(0.0, 1.0)));
    drift->add_option("--junit", d.junit, "Also write the verdicts to this file, as JUnit XML");
    drift->callback([&r] { r.command = [&r] { return runDrift(r.context, r.drift); }; });
}

void addReport(CLI::App& app, Request& r) {
    auto* report = app.add_subcommand("report", "A window as a page: what drifted, quality, performance, alerts, how");
    report->add_option("--model", r.report.model, "The model (default: the only one)");
    report->add_option("--window", r.report.window, "A moment in the window (default: the newest one judged)");
    report->add_option("--out", r.report.out, "The file, HTML that needs nothing else")->required();
    report->callback([&r] {
        r.gui = true;
        r.command = [&r] { return runReport(r.context, r.report); };
    });
}

void addRest(CLI::App& app, Request& r) {
    auto* verify = app.add_subcommand("verify", "Check a workspace");
    verify->add_option("file", r.verifyFile, "The workspace")->required();
    verify->callback([&r] { r.command = [&r] { return runVerify(r.context, r.verifyFile); }; });

    auto* snapshot = app.add_subcommand("snapshot", "Draw the views as pictures");
    snapshot->add_option("--out", r.snapshot.out, "Folder")->required();
    snapshot->add_flag("--dark", r.snapshot.dark, "Dark");
    snapshot->add_option("--size", r.snapshot.size, "WIDTHxHEIGHT (1600x900)");
    snapshot->add_option("--since", r.snapshot.range, "What the lens shows, to now: a date or a duration (28d)");
    snapshot->add_option("--scale", r.snapshot.scale, "Device pixel ratio (1)")->check(CLI::Range(1.0, 4.0));
    snapshot->callback([&r] {
        r.gui = true;
        r.command = [&r] { return runSnapshot(r.context, r.snapshot); };
    });
}

}  // namespace

int runProgram(int argc, char** argv) {
    Request request;
    CLI::App app{"Pilothouse: a cockpit for machine learning in production"};
    app.set_version_flag("--version", "pilothouse " PILOTHOUSE_VERSION);
    app.fallthrough();
    app.require_subcommand(0, 1);
    app.add_option("file", request.file, "Open this workspace in the window");
    app.add_option("--workspace", request.context.workspacePath, "The workspace (default: the last one used)");
    app.add_flag("--json", request.context.json, "Results as JSON");
    app.add_flag("--verbose", request.verbose, "Log to stderr");
    addWindowOptions(app, request.window);
    addDemo(app, request);
    addSearch(app, request);
    addIngest(app, request);
    addStats(app, request);
    addRun(app, request);
    addModels(app, request);
    addAlerts(app, request);
    addConnect(app, request);
    addEngine(app, request);
    addLifecycle(app, request);
    addProfile(app, request);
    addProfiles(app, request);
    addMonitor(app, request);
    addDrift(app, request);
    addReport(app, request);
    addRest(app, request);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? Done : Usage;
    }

    QCoreApplication::setOrganizationName(QStringLiteral("pilothouse"));
    QCoreApplication::setApplicationName(QStringLiteral("pilothouse"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PILOTHOUSE_VERSION));
    resources::init();
    request.context.argc = argc;
    request.context.argv = argv;
    if (!request.command) return openWindow(request.context, request.file, request.window);
    if (request.gui) return request.command();
    QCoreApplication application(argc, argv);
    logging::install({}, request.verbose);
    request.context.program = QCoreApplication::applicationFilePath().toStdString();
    CancellationSource interrupt;
    g_interrupt = &interrupt;
    request.context.token = interrupt.token();
    std::signal(SIGINT, onInterrupt);
    std::signal(SIGTERM, onInterrupt);
    const int code = request.command();
    g_interrupt = nullptr;
    return code;
}

}  // namespace pilothouse::app
