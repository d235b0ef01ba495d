// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MlflowServer that is the RunTracker, and downloads.
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <tuple>

#include "models/connect/mlflow/async.h"
#include "models/connect/mlflow/mlflow_server.h"

namespace pilothouse::connect::mlflow {

namespace {

constexpr std::size_t kMostRuns = 1'000;
constexpr int kExperimentsAPage = 1'000;
/// A hundred of these pages are the million points that a history may have.
constexpr const char* kPointsAPage = "10000";

QString qt(const std::string& text) { return QString::fromStdString(text); }

HttpRequest search(const QUrl& url, const QJsonObject& body) {
    return {.url = url,
            .method = "POST",
            .contentType = "application/json",
            .body = QJsonDocument(body).toJson(QJsonDocument::Compact)};
}

/// Asks for runs, and for half as many as long as an answer is longer than may be.
class RunSearch : public std::enable_shared_from_this<RunSearch> {
public:
    RunSearch(HttpClient& http, std::string source, QUrl url, QJsonObject body, CancellationToken token)
        : m_http(http),
          m_source(std::move(source)),
          m_url(std::move(url)),
          m_body(std::move(body)),
          m_token(std::move(token)) {}

    QFuture<Result<ports::TrackedRuns>> start(std::size_t limit) {
        auto future = m_answer.future();
        ask(limit);
        return future;
    }

private:
    void ask(std::size_t limit) {
        m_body.insert(QStringLiteral("max_results"), static_cast<qint64>(limit));
        m_http.send(search(m_url, m_body), m_token)
            .then([self = shared_from_this(), limit](const Result<HttpAnswer>& got) {
                if (!got && got.error().kind == ErrorKind::ResourceExhausted && limit > 1 && self->m_token.check())
                    return self->ask(limit / 2);
                self->m_answer.give(parsed(got, self->m_source, parseRuns));
            });
    }

    HttpClient& m_http;
    std::string m_source;
    QUrl m_url;
    QJsonObject m_body;
    CancellationToken m_token;
    Answer<ports::TrackedRuns> m_answer;
};

}  // namespace

QFuture<Result<std::vector<ports::Experiment>>> MlflowServer::experiments(CancellationToken token) {
    const auto request = [url = api("experiments/search")](const std::string& page) {
        // Without max_results the server refuses.
        QJsonObject body{{QStringLiteral("max_results"), kExperimentsAPage},
                         {QStringLiteral("view_type"), QStringLiteral("ALL")},
                         {QStringLiteral("order_by"), QJsonArray{QStringLiteral("last_update_time DESC")}}};
        if (!page.empty()) body.insert(QStringLiteral("page_token"), qt(page));
        return search(url, body);
    };
    return std::make_shared<Paging<ports::Experiment>>(m_http, m_name, request, parseExperiments, kMaxItems,
                                                       std::move(token))
        ->start();
}

QFuture<Result<ports::TrackedRuns>> MlflowServer::runs(std::vector<std::string> experiments, std::string filter,
                                                       std::size_t limit, std::string page, CancellationToken token) {
    if (limit == 0 || limit > kMostRuns)
        return ready<ports::TrackedRuns>(fail(
            ErrorKind::InvalidInput, "between 1 and " + std::to_string(kMostRuns) + " runs can be asked for", m_name));
    if (experiments.empty()) return ready<ports::TrackedRuns>(ports::TrackedRuns{});
    QJsonArray ids;
    for (const std::string& id : experiments)
        ids.append(qt(id));
    QJsonObject body{{QStringLiteral("experiment_ids"), ids},
                     {QStringLiteral("run_view_type"), QStringLiteral("ACTIVE_ONLY")},
                     {QStringLiteral("order_by"), QJsonArray{QStringLiteral("attributes.start_time DESC")}}};
    if (!filter.empty()) body.insert(QStringLiteral("filter"), qt(filter));
    if (!page.empty()) body.insert(QStringLiteral("page_token"), qt(page));
    return std::make_shared<RunSearch>(m_http, m_name, api("runs/search"), std::move(body), std::move(token))
        ->start(limit);
}

QFuture<Result<ports::TrackedRun>> MlflowServer::run(std::string id, CancellationToken token) {
    return m_http.get(api("runs/get", {{"run_id", id}}), std::move(token))
        .then([source = m_name](const Result<HttpAnswer>& got) { return parsed(got, source, parseRun); });
}

QFuture<Result<std::vector<ports::MetricPoint>>> MlflowServer::metricHistory(std::string run, std::string metric,
                                                                             CancellationToken token) {
    using Points = std::vector<ports::MetricPoint>;
    const auto request = [this, run = std::move(run), metric = std::move(metric)](const std::string& page) {
        return HttpRequest{
            .url = api("metrics/get-history",
                       {{"run_id", run}, {"metric_key", metric}, {"max_results", kPointsAPage}, {"page_token", page}})};
    };
    return std::make_shared<Paging<ports::MetricPoint>>(m_http, m_name, request, parseHistory, kMaxPoints,
                                                        std::move(token))
        ->start()
        .then([](Result<Points> got) {
            if (got)
                std::stable_sort(got->begin(), got->end(), [](const auto& a, const auto& b) {
                    return std::tie(a.step, a.at) < std::tie(b.step, b.at);
                });
            return got;
        });
}

QFuture<Result<std::vector<ports::ArtifactInfo>>> MlflowServer::artifacts(std::string run, std::string path,
                                                                          CancellationToken token) {
    const auto request = [this, run = std::move(run), path = std::move(path)](const std::string& page) {
        return HttpRequest{.url = api("artifacts/list", {{"run_id", run}, {"path", path}, {"page_token", page}})};
    };
    return std::make_shared<Paging<ports::ArtifactInfo>>(m_http, m_name, request, parseArtifacts, kMaxItems,
                                                         std::move(token))
        ->start();
}

QFuture<Result<void>> MlflowServer::setRunTag(std::string run, std::string key, std::optional<std::string> value) {
    if (key.empty()) return ready<void>(fail(Error::invalid("a tag of a run needs a name", m_name)));
    QJsonObject body{{QStringLiteral("run_id"), qt(run)}, {QStringLiteral("key"), qt(key)}};
    if (value) {
        body.insert(QStringLiteral("value"), qt(*value));
        return change("POST", "runs/set-tag", body);
    }
    return change("POST", "runs/delete-tag", body).then([](const Result<void>& got) -> Result<void> {
        // Runs, unlike versions, answer 404 "No tag with name: …" for what is gone already.
        if (!got && got.error().kind == ErrorKind::NotFound && got.error().message.starts_with("No tag with name"))
            return {};
        return got;
    });
}

QFuture<Result<std::string>> MlflowServer::fetch(QUrl url, Sink sink, CancellationToken token) {
    auto hash = std::make_shared<QCryptographicHash>(QCryptographicHash::Sha256);
    HttpRequest request{.url = std::move(url), .accept = "*/*"};
    // Packed, a file that was cut short could not be told by its length.
    request.headers = {{"Accept-Encoding", "identity"}};
    request.sink = [hash, sink = std::move(sink)](const QByteArray& piece) -> Status {
        hash->addData(piece);
        return sink(piece);
    };
    return m_files.send(std::move(request), std::move(token))
        .then([hash, source = m_name](const Result<HttpAnswer>& got) -> Result<std::string> {
            if (!got) return fail(got.error());
            if (got->status != 200) return fail(parseError(*got, source));
            return "sha256:" + hash->result().toHex().toStdString();
        });
}

QFuture<Result<std::string>> MlflowServer::download(std::string run, std::string path, Sink sink,
                                                    CancellationToken token) {
    return fetch(at("/get-artifact", {{"run_uuid", run}, {"path", path}}), std::move(sink), std::move(token));
}

QFuture<Result<std::string>> MlflowServer::versionArtifact(std::string model, std::string version, std::string path,
                                                           Sink sink, CancellationToken token) {
    return fetch(at("/model-versions/get-artifact", {{"name", model}, {"version", version}, {"path", path}}),
                 std::move(sink), std::move(token));
}

QFuture<Result<ModelSignature>> MlflowServer::signature(std::string model, std::string version,
                                                        CancellationToken token) {
    auto text = std::make_shared<QByteArray>();
    return versionArtifact(
               std::move(model), std::move(version), "MLmodel",
               [text, source = m_name](const QByteArray& piece) -> Status {
                   text->append(piece);
                   if (static_cast<std::size_t>(text->size()) > kMaxMlModelBytes)
                       return fail(ErrorKind::ResourceExhausted, "the file MLmodel is too large", source);
                   return {};
               },
               std::move(token))
        .then([text, source = m_name](const Result<std::string>& got) -> Result<ModelSignature> {
            if (!got) return fail(got.error());
            return parseMlModel(view(*text), source);
        });
}

}  // namespace pilothouse::connect::mlflow
