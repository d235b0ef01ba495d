// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/connection_test.h"

#include <QElapsedTimer>
#include <functional>

#include "models/connect/alertmanager/alertmanager.h"
#include "models/connect/mlflow/mlflow_server.h"
#include "models/connect/prometheus/prometheus_source.h"
#include "models/items/connection_options.h"
#include "models/items/on_thread.h"

namespace pilothouse::items {

namespace {

using connect::ProbeStage;
using Outcome = ProbeStage::Outcome;

/// What of an adapter a test asks: its version, and something that needs the rights of everyday use.
struct Questions {
    std::function<Result<std::string>(const CancellationToken&)> version;
    std::function<Result<std::string>(const CancellationToken&)> use;
};

/// On the thread of the test, which may wait.
template <class T>
Result<T> wait(QFuture<Result<T>> future) {
    future.waitForFinished();
    return future.result();
}

std::string counted(std::size_t n, const char* one, const char* many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

Result<Questions> questionsOf(const workspace::Connection& c, const connect::HttpOptions& options) {
    if (c.kind == "alertmanager") {
        PH_ASSIGN(auto source, connect::alertmanager::Alertmanager::create(c.name, c.url, options));
        return Questions{[source](const CancellationToken& token) { return wait(source->check(token)); },
                         [source](const CancellationToken& token) -> Result<std::string> {
                             PH_ASSIGN(const auto alerts, wait(source->alerts(true, token)));
                             return counted(alerts.size(), "alert", "alerts") + " can be read";
                         }};
    }
    if (c.kind == "prometheus") {
        PH_ASSIGN(auto source, connect::prometheus::PrometheusSource::create(c.name, c.url, options));
        return Questions{[source](const CancellationToken& token) { return wait(source->check(token)); },
                         [source](const CancellationToken& token) -> Result<std::string> {
                             PH_ASSIGN(const auto names, wait(source->metricNames(token)));
                             return counted(names.size(), "metric", "metrics") + " can be read";
                         }};
    }
    if (c.kind == "mlflow") {
        PH_ASSIGN(auto server, connect::mlflow::MlflowServer::create(c.name, c.url, options));
        return Questions{[server](const CancellationToken& token) { return wait(server->check(token)); },
                         [server](const CancellationToken& token) -> Result<std::string> {
                             PH_ASSIGN(const auto models, wait(server->models(token)));
                             PH_ASSIGN(const auto experiments, wait(server->experiments(token)));
                             return counted(models.size(), "model", "models") + " and " +
                                    counted(experiments.size(), "experiment", "experiments") + " can be read";
                         }};
    }
    return fail(ErrorKind::InvalidInput, "not a kind of connection that can be tested", c.kind);
}

bool isAuthentication(const Error& error) { return error.kind == ErrorKind::PermissionDenied; }

/// Authentication, version and permissions: three lines of two questions.
Status ask(const Questions& questions, const connect::HttpOptions& options, const CancellationToken& token,
           ConnectionReport& report) {
    const bool credentials = options.credentials.scheme != connect::Credentials::Scheme::None;
    QElapsedTimer since;
    const auto stage = [&](const char* name, Outcome outcome, std::string words) {
        report.stages.push_back({name, outcome, std::move(words), std::chrono::nanoseconds(since.nsecsElapsed())});
    };
    since.start();
    const auto version = questions.version(token);
    if (isCancelled(version)) return fail(version.error());
    if (!version && isAuthentication(version.error())) {
        stage("authentication", Outcome::Failed, version.error().message);
        return {};
    }
    if (version)
        stage("authentication", Outcome::Ok, credentials ? "accepted" : "none is asked for");
    else
        stage("authentication", Outcome::Skipped, "there was no answer");
    stage("version", version ? Outcome::Ok : Outcome::Failed, version ? *version : version.error().text());
    if (!version) return {};
    report.version = *version;
    since.start();
    const auto use = questions.use(token);
    if (isCancelled(use)) return fail(use.error());
    stage("permissions", use ? Outcome::Ok : Outcome::Failed, use ? *use : use.error().text());
    return {};
}

}  // namespace

QFuture<Result<ConnectionReport>> testConnection(workspace::Connection connection, CancellationToken token) {
    return onThread("connection test", [connection = std::move(connection), token]() -> Result<ConnectionReport> {
        const connect::HttpOptions options = httpOptions(connection);
        PH_TRY(connect::checkOptions(options));
        PH_ASSIGN(const QUrl url, connect::baseUrl(connection.url, "http://localhost:9090"));
        PH_ASSIGN(const Questions questions, questionsOf(connection, options));
        ConnectionReport report;
        report.stages = connect::probeWay(url, options, token);
        PH_TRY(token.check());
        if (!report.ok()) return report;
        PH_TRY(ask(questions, options, token, report));
        return report;
    });
}

}  // namespace pilothouse::items
