// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <set>

#include "app/command_line.h"
#include "app/output.h"
#include "models/pipelines/definition.h"
#include "models/pipelines/executor.h"
#include "models/workspace/lease.h"

namespace pilothouse::app {

namespace {

constexpr qint64 kMaximumDefinitionBytes = 1 << 20;

Result<pipelines::PipelineDefinition> load(const std::string& path) {
    QFile file(text(path));
    if (!file.open(QIODevice::ReadOnly)) return fail(ErrorKind::NotFound, file.errorString().toStdString(), path);
    const QByteArray yaml = file.read(kMaximumDefinitionBytes + 1);
    if (yaml.size() > kMaximumDefinitionBytes) return fail(Error::invalid("a pipeline of more than 1 MiB", path));
    return pipelines::parsePipeline({yaml.constData(), static_cast<std::size_t>(yaml.size())}, path);
}

QJsonArray toJson(const std::vector<ports::TaskValue>& values) {
    QJsonArray array;
    for (const ports::TaskValue& v : values)
        array.append(QJsonObject{{QStringLiteral("name"), text(v.name)},
                                 {QStringLiteral("value"), text(v.value)},
                                 {QStringLiteral("unit"), text(v.unit)}});
    return array;
}

QJsonObject toJson(const ports::Run& run) {
    QJsonArray tasks;
    for (const ports::Task& t : run.tasks)
        tasks.append(QJsonObject{{QStringLiteral("name"), text(t.name)},
                                 {QStringLiteral("step"), text(t.step)},
                                 {QStringLiteral("state"), QLatin1String(toString(t.state))},
                                 {QStringLiteral("wall_ms"), jsonNumber(t.wallMs)},
                                 {QStringLiteral("inputs"), toJson(t.inputs)},
                                 {QStringLiteral("outputs"), toJson(t.outputs)},
                                 {QStringLiteral("error"), text(t.error)}});
    return {{QStringLiteral("run"), text(run.id)},
            {QStringLiteral("pipeline"), text(run.pipeline)},
            {QStringLiteral("state"), QLatin1String(toString(run.state))},
            {QStringLiteral("result"), text(run.result)},
            {QStringLiteral("version"), text(run.producedVersion)},
            {QStringLiteral("wall_ms"), jsonNumber(run.wallMs)},
            {QStringLiteral("tasks"), tasks}};
}

/// A line on stderr for each task that ends.
struct Progress {
    std::set<std::string> told;
    void operator()(const ports::Run& run) {
        for (const ports::Task& t : run.tasks) {
            const bool ended = t.state != ports::TaskState::Waiting && t.state != ports::TaskState::Running;
            if (!ended || !told.insert(t.name).second) continue;
            printNote(t.name + " " + toString(t.state) + " in " + QString::number(t.wallMs, 'f', 0).toStdString() +
                      " ms" + (t.error.empty() ? "" : ": " + t.error));
        }
    }
};

int exitCode(ports::RunState state) {
    switch (state) {
        case ports::RunState::Succeeded:
            return Done;
        case ports::RunState::Refused:
            return DriftOrRefused;
        case ports::RunState::Cancelled:
            return Cancelled;
        default:
            return Failed;
    }
}

Result<int> execute(const CommandContext& context, const RunArguments& arguments) {
    PH_ASSIGN(pipelines::PipelineDefinition definition, load(arguments.file));
    if (arguments.explain || arguments.dryRun) {
        printLine(pipelines::explain(definition));
        if (arguments.dryRun) return Done;
    }
    PH_ASSIGN(auto workspace, context.openOrCreateWorkspace());
    // One engine a workspace: a run from here does not mix with the replay of a window that has the file open.
    PH_ASSIGN(const auto lease, workspace::Lease::take(*workspace));
    const pipelines::Trigger trigger{"manual", "", "started from the command line", arguments.parameters};
    PH_ASSIGN(const ports::Run run, pipelines::runNow(workspace, definition, trigger, context.token, Progress()));
    if (context.json)
        printJson(toJson(run));
    else
        printLine("run " + run.id + " " + toString(run.state) + (run.result.empty() ? "" : ": " + run.result));
    return exitCode(run.state);
}

}  // namespace

int runPipeline(const CommandContext& context, const RunArguments& arguments) {
    const Result<int> done = execute(context, arguments);
    return done ? *done : report(done.error());
}

}  // namespace pilothouse::app
