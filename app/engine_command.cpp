// SPDX-License-Identifier: GPL-3.0-or-later
// The engine of a workspace that is no demo, in the foreground.
#include <QFileInfo>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/connect/listener/listener.h"
#include "models/engine/monitor_service.h"
#include "models/engine/workspace_metrics.h"
#include "models/items/alert_connections.h"
#include "models/monitoring/monitor_runner.h"

namespace pilothouse::app {

namespace {

constexpr const char* kPortSetting = "listener.port";

/// The runner's answer, one window at a time told to the terminal.
Result<engine::EvaluationStep> evaluate(monitoring::MonitorRunner& runner, Timestamp now,
                                        const CancellationToken& token, const std::function<void()>& between) {
    runner.setProgress([&between](const monitoring::MonitorRun&) { between(); });
    const auto runs = runner.runDue(now, {}, token);
    runner.setProgress({});
    if (!runs) return fail(runs.error());
    engine::EvaluationStep step;
    for (const monitoring::MonitorRun& run : *runs) {
        step.evaluations += run.evaluations.size();
        if (!run.problem.empty()) step.problems.push_back(run.monitor + ": " + run.problem);
    }
    PH_ASSIGN(step.next, runner.nextDue(now));
    return step;
}

connect::Response metrics(workspace::Workspace& workspace, const engine::MonitorService& service,
                          const connect::Request& request) {
    engine::MetricsText out;
    const Status added = await(workspace.read({}, [&](workspace::Database& database) {
        return engine::addWorkspaceMetrics(out, database, workspace.now());
    }));
    if (!added) return {500, "text/plain; charset=utf-8", QByteArray::fromStdString(added.error().message + "\n")};
    service.addMetrics(out);
    engine::addProcessMetrics(out);
    const auto accept = request.headers.find("accept");
    const bool open = accept != request.headers.end() && engine::MetricsText::wantsOpenMetrics(accept->second);
    return {200, open ? engine::MetricsText::kOpenMetricsType : engine::MetricsText::kTextType,
            QByteArray::fromStdString(out.text(open))};
}

Status recordPort(workspace::Workspace& workspace, quint16 port) {
    return await(workspace.write([port](workspace::Database& database) {
        return workspace::Workspace::setSetting(database, kPortSetting, port == 0 ? "" : std::to_string(port));
    }));
}

/// Nothing where no token is set and no port was asked for: what nobody can ask is not opened.
Result<std::unique_ptr<connect::Listener>> listen(workspace::Workspace& workspace,
                                                  const engine::MonitorService& service,
                                                  const EngineArguments& arguments) {
    const QByteArray token = qgetenv(arguments.tokenVariable.c_str()).trimmed();
    if (token.isEmpty()) {
        if (arguments.port)
            return fail(ErrorKind::PermissionDenied, "the environment variable " + arguments.tokenVariable +
                                                         " with the token that a scraper must show is not set");
        printNote("/metrics is not served: the environment variable " + arguments.tokenVariable +
                  " with the token that a scraper must show is not set");
        return std::unique_ptr<connect::Listener>();
    }
    connect::ListenerOptions options;
    options.token = token.toStdString();
    options.port = arguments.port.value_or(0);
    PH_ASSIGN(auto listener,
              connect::Listener::open(std::move(options), {{"GET /metrics", [&](const connect::Request& request) {
                                                                return metrics(workspace, service, request);
                                                            }}}));
    PH_TRY(recordPort(workspace, listener->port()));
    return listener;
}

void tell(const CommandContext& context, const engine::EvaluationStep& step) {
    if (context.json) {
        QJsonArray problems;
        for (const std::string& p : step.problems)
            problems.append(text(p));
        printJsonLine({{QStringLiteral("evaluations"), static_cast<qint64>(step.evaluations)},
                       {QStringLiteral("next"), step.next ? jsonTime(*step.next) : QJsonValue()},
                       {QStringLiteral("problems"), problems}});
        return;
    }
    printLine(std::to_string(step.evaluations) + (step.evaluations == 1 ? " window" : " windows") + " judged" +
              (step.next ? ", the next is due at " + step.next->toIso() : ""));
    for (const std::string& p : step.problems)
        printNote(p);
}

Status serve(const CommandContext& context, const EngineArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(auto database, workspace->connect());
    PH_ASSIGN(auto targets, items::loadAlertReceivers(*database));
    engine::MonitorServiceOptions options;
    options.delivery.origin =
        "pilothouse:///" + QUrl::toPercentEncoding(QFileInfo(text(workspace->path())).fileName()).toStdString() + "/";
    const std::size_t receivers = targets.size();
    PH_ASSIGN(auto service, engine::MonitorService::open(workspace, std::move(targets), std::move(options)));
    PH_ASSIGN(auto runner, monitoring::MonitorRunner::open(workspace));
    runner->setFence(service->fence());
    PH_ASSIGN(auto listener, listen(*workspace, *service, arguments));
    printNote("watching " + workspace->path() + ", telling " + std::to_string(receivers) +
              (receivers == 1 ? " Alertmanager" : " Alertmanagers") +
              (listener ? ", http://127.0.0.1:" + std::to_string(listener->port()) + "/metrics" : "") +
              "; Ctrl-C ends it");
    const Status done =
        service->run([&](Timestamp now, const CancellationToken& token,
                         const std::function<void()>& between) { return evaluate(*runner, now, token, between); },
                     context.token, [&](const engine::EvaluationStep& step) { tell(context, step); });
    if (listener) {
        listener.reset();
        PH_TRY(recordPort(*workspace, 0));
    }
    return done;
}

}  // namespace

int runEngine(const CommandContext& context, const EngineArguments& arguments) {
    const Status done = serve(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
