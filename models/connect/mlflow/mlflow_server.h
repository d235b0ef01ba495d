// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <memory>

#include "models/connect/http/http_client.h"
#include "models/connect/mlflow/mlmodel.h"
#include "models/ports/model_registry.h"
#include "models/ports/run_tracker.h"

class QJsonObject;

namespace pilothouse::connect::mlflow {

/// An MLflow tracking server and its registry, by REST API 2.0, as servers from 2.9 to 3.x have it
/// (https://mlflow.org/docs/latest/rest-api.html). Lists are asked for page by page and are whole, or
/// ResourceExhausted beyond 100 pages or 100,000 entries. Errors: NotFound, AlreadyExists, InvalidInput and Conflict as
/// the server says; PermissionDenied for 401 and 403; Unavailable (worth another try) for 429 and 5xx; InvalidInput for
/// an answer that is not MLflow's. Thread: any; futures are set, and sinks called, on threads of this object, which a
/// continuation must not block. Destruction ends open requests as cancelled. Nothing is asked unless a caller asks.
class MlflowServer final : public ports::ModelRegistry, public ports::RunTracker {
public:
    using Sink = std::function<Status(const QByteArray&)>;

    /// InvalidInput for an address that is not http or https, or that holds a user or a password. A path in it is kept
    /// (servers behind a proxy).
    static Result<std::shared_ptr<MlflowServer>> create(std::string name, const std::string& url,
                                                        HttpOptions options = {});

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] HttpFigures figures() const { return m_http.figures(); }
    /// "MLflow 3.17.2", or "MLflow" of a server that does not say but is healthy. Asks the API for one model as well:
    /// who may read the version may still be refused there.
    QFuture<Result<std::string>> check(CancellationToken token);

    /// By name; `updated` is the server's last_updated_timestamp. Two lists: models, and all versions to count them.
    QFuture<Result<std::vector<ports::ModelSummary>>> models(CancellationToken token) override;
    /// Version numbers as numbers, the highest first. Of what a training run knows (metrics, parameters) only what the
    /// registry repeats is here; run(runId) has it all. `features` are in the version's file MLmodel: signature().
    QFuture<Result<std::vector<ports::ModelVersion>>> versions(std::string model, CancellationToken token) override;
    /// The server keeps no history: these are the present aliases, each as an open period that begins when the model
    /// was last changed (the latest that it can have begun), without actor and reason.
    QFuture<Result<std::vector<ports::AliasPeriod>>> aliasHistory(std::string model, CancellationToken token) override;
    /// The server keeps neither actor nor reason; they go nowhere. InvalidInput for reserved aliases such as "latest".
    QFuture<Result<void>> setAlias(std::string model, std::string alias, std::string version, std::string actor,
                                   std::string reason) override;
    QFuture<Result<void>> removeAlias(std::string model, std::string alias, std::string actor,
                                      std::string reason) override;
    QFuture<Result<void>> setTag(std::string model, std::string version, std::string key,
                                 std::optional<std::string> value, std::string actor) override;
    /// Unsupported: MLflow names artifacts by run or version and path, never by digest. See versionArtifact().
    QFuture<Result<QByteArray>> artifact(std::string digest, CancellationToken token) override;
    /// As download(), of a model version's files ("MLmodel", "model.pkl", …).
    QFuture<Result<std::string>> versionArtifact(std::string model, std::string version, std::string path, Sink sink,
                                                 CancellationToken token);
    /// Of the version's file MLmodel; both lists are empty for a model that was logged without one.
    QFuture<Result<ModelSignature>> signature(std::string model, std::string version, CancellationToken token);

    /// With the deleted ones, as not active; the last changed first.
    QFuture<Result<std::vector<ports::Experiment>>> experiments(CancellationToken token) override;
    /// Active runs, by start, newest first. Where `limit` of them are more than an answer may hold (runs with thousands
    /// of metrics), fewer are given and `nextPage` goes on. InvalidInput for a limit of 0 or over 1,000.
    QFuture<Result<ports::TrackedRuns>> runs(std::vector<std::string> experiments, std::string filter,
                                             std::size_t limit, std::string page, CancellationToken token) override;
    QFuture<Result<ports::TrackedRun>> run(std::string id, CancellationToken token) override;
    QFuture<Result<std::vector<ports::MetricPoint>>> metricHistory(std::string run, std::string metric,
                                                                   CancellationToken token) override;
    /// One folder's entries; an empty path is the run's own. A folder that is not there is empty.
    QFuture<Result<std::vector<ports::ArtifactInfo>>> artifacts(std::string run, std::string path,
                                                                CancellationToken token) override;
    /// May take hours, as long as bytes come.
    QFuture<Result<std::string>> download(std::string run, std::string path, Sink sink,
                                          CancellationToken token) override;
    /// Taking away a tag that is not there changes nothing.
    QFuture<Result<void>> setRunTag(std::string run, std::string key, std::optional<std::string> value) override;

private:
    using Query = std::initializer_list<std::pair<const char*, std::string>>;

    MlflowServer(std::string name, QUrl url, HttpOptions options);
    [[nodiscard]] QUrl at(const std::string& path, Query query = {}) const;
    [[nodiscard]] QUrl api(const char* call, Query query = {}) const;
    /// Sends JSON; whatever a 2xx answer says is fine.
    QFuture<Result<void>> change(const char* method, const char* call, const QJsonObject& body);
    QFuture<Result<std::string>> fetch(QUrl url, Sink sink, CancellationToken token);
    QFuture<Result<std::vector<ports::ModelVersion>>> allVersions(std::string filter, CancellationToken token);

    std::string m_name;
    QUrl m_url;
    HttpClient m_http;
    HttpClient m_files;  ///< for what may take longer than an answer of the API
};

}  // namespace pilothouse::connect::mlflow
