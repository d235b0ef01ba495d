// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/mlflow_server.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <map>

#include "models/connect/mlflow/async.h"

namespace pilothouse::connect::mlflow {

namespace {

/// A download ends when no byte comes for a while, not when it is long.
constexpr int kLongestDownloadMs = 24 * 3600 * 1000;
constexpr const char* kPage = "1000";

HttpOptions forFiles(HttpOptions options) {
    options.totalTimeoutMs = std::max(options.totalTimeoutMs, kLongestDownloadMs);
    return options;
}

QString qt(const std::string& text) { return QString::fromStdString(text); }

/// A text of the server's filter language, which knows no escapes.
Result<std::string> quoted(const std::string& text, const std::string& source) {
    if (text.find('\'') == std::string::npos) return "'" + text + "'";
    if (text.find('"') == std::string::npos) return '"' + text + '"';
    return fail(ErrorKind::Unsupported, "MLflow cannot search for a name with both kinds of quotes: " + text, source);
}

}  // namespace

MlflowServer::MlflowServer(std::string name, QUrl url, HttpOptions options)
    : m_name(std::move(name)), m_url(std::move(url)), m_http(options), m_files(forFiles(std::move(options))) {}

Result<std::shared_ptr<MlflowServer>> MlflowServer::create(std::string name, const std::string& url,
                                                           HttpOptions options) {
    PH_ASSIGN(QUrl base, baseUrl(url, "http://localhost:5000"));
    return std::shared_ptr<MlflowServer>(new MlflowServer(std::move(name), std::move(base), std::move(options)));
}

QUrl MlflowServer::at(const std::string& path, Query query) const {
    QUrl url = m_url;
    url.setPath(m_url.path() + qt(path));
    QUrlQuery items;
    for (const auto& [key, value] : query)
        if (!value.empty())
            items.addQueryItem(QLatin1String(key), QString::fromLatin1(QUrl::toPercentEncoding(qt(value))));
    if (!items.isEmpty()) url.setQuery(items);
    return url;
}

QUrl MlflowServer::api(const char* call, Query query) const {
    return at(std::string("/api/2.0/mlflow/") + call, query);
}

QFuture<Result<void>> MlflowServer::change(const char* method, const char* call, const QJsonObject& body) {
    return m_http
        .send({.url = api(call),
               .method = method,
               .contentType = "application/json",
               .body = QJsonDocument(body).toJson(QJsonDocument::Compact)},
              {})
        .then([source = m_name](const Result<HttpAnswer>& got) -> Result<void> {
            if (!got) return fail(got.error());
            if (got->status < 200 || got->status > 299) return fail(parseError(*got, source));
            return {};
        });
}

QFuture<Result<std::string>> MlflowServer::check(CancellationToken token) {
    auto version = m_http.get(at("/version"), token).then([source = m_name](const Result<HttpAnswer>& got) {
        auto read = parsed(got, source, parseVersion);
        // Only where it is not known: a refusal, or no answer at all, is one of /health as well.
        if (!read && (!got || got->status == 401 || got->status == 403 || got->status >= 500))
            return Result<std::string>(fail(read.error()));
        return Result<std::string>(read ? "MLflow " + *read : std::string());
    });
    const auto health = [this, token](std::string known) {
        if (!known.empty()) return ready<std::string>(std::move(known));
        return m_http.get(at("/health"), token)
            .then([source = m_name](const Result<HttpAnswer>& got) -> Result<std::string> {
                if (!got) return fail(got.error());
                if (got->status != 200) return fail(parseError(*got, source));
                if (got->body.trimmed() != "OK")
                    return fail(ErrorKind::InvalidInput, "no MLflow server at this address", source);
                return "MLflow";
            });
    };
    const auto api = [this, token](const std::string& known) {
        return m_http.get(this->api("registered-models/search", {{"max_results", "1"}}), token)
            .then([source = m_name, known](const Result<HttpAnswer>& got) -> Result<std::string> {
                PH_TRY(parsed(got, source, parseModels));
                return known;
            });
    };
    return chain<std::string>(chain<std::string>(std::move(version), health), api);
}

QFuture<Result<std::vector<ports::ModelVersion>>> MlflowServer::allVersions(std::string filter,
                                                                            CancellationToken token) {
    const auto request = [this, filter = std::move(filter)](const std::string& page) {
        return HttpRequest{
            .url = api("model-versions/search", {{"filter", filter}, {"max_results", kPage}, {"page_token", page}})};
    };
    return std::make_shared<Paging<ports::ModelVersion>>(m_http, m_name, request, parseVersions, kMaxItems,
                                                         std::move(token))
        ->start();
}

QFuture<Result<std::vector<ports::ModelSummary>>> MlflowServer::models(CancellationToken token) {
    using Summaries = std::vector<ports::ModelSummary>;
    const auto request = [this](const std::string& page) {
        return HttpRequest{.url = api("registered-models/search", {{"max_results", kPage}, {"page_token", page}})};
    };
    auto found =
        std::make_shared<Paging<ports::ModelSummary>>(m_http, m_name, request, parseModels, kMaxItems, token)->start();
    return chain<Summaries>(std::move(found), [this, token](Summaries models) {
        if (models.empty()) return ready<Summaries>(std::move(models));
        return allVersions({}, token).then(
            [models = std::move(models)](const Result<std::vector<ports::ModelVersion>>& got) -> Result<Summaries> {
                if (!got) return fail(got.error());
                std::map<std::string, std::size_t> counts;
                for (const ports::ModelVersion& v : *got)
                    ++counts[v.model];
                Summaries out = models;
                for (ports::ModelSummary& m : out)
                    if (const auto count = counts.find(m.name); count != counts.end()) m.versions = count->second;
                std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
                return out;
            });
    });
}

QFuture<Result<std::vector<ports::ModelVersion>>> MlflowServer::versions(std::string model, CancellationToken token) {
    using Versions = std::vector<ports::ModelVersion>;
    const auto name = quoted(model, m_name);
    if (!name) return ready<Versions>(fail(name.error()));
    return allVersions("name=" + *name, std::move(token)).then([model](Result<Versions> got) -> Result<Versions> {
        if (!got) return fail(got.error());
        // Names are compared without case on some databases.
        std::erase_if(*got, [&](const ports::ModelVersion& v) { return v.model != model; });
        std::sort(got->begin(), got->end(),
                  [](const auto& a, const auto& b) { return newerVersion(a.version, b.version); });
        return got;
    });
}

QFuture<Result<std::vector<ports::AliasPeriod>>> MlflowServer::aliasHistory(std::string model,
                                                                            CancellationToken token) {
    return m_http.get(api("registered-models/get", {{"name", model}}), std::move(token))
        .then([source = m_name](const Result<HttpAnswer>& got) -> Result<std::vector<ports::AliasPeriod>> {
            PH_ASSIGN(const ports::ModelSummary read, parsed(got, source, parseModel));
            std::vector<ports::AliasPeriod> out;
            for (const auto& [alias, version] : read.aliases)
                out.push_back({read.name, alias, version, read.updated, {}, {}, {}});
            return out;
        });
}

QFuture<Result<void>> MlflowServer::setAlias(std::string model, std::string alias, std::string version, std::string,
                                             std::string) {
    return change("POST", "registered-models/alias",
                  {{QStringLiteral("name"), qt(model)},
                   {QStringLiteral("alias"), qt(alias)},
                   {QStringLiteral("version"), qt(version)}});
}

QFuture<Result<void>> MlflowServer::removeAlias(std::string model, std::string alias, std::string, std::string) {
    // A body with DELETE: the server reads its parameters from there and nowhere else.
    return change("DELETE", "registered-models/alias",
                  {{QStringLiteral("name"), qt(model)}, {QStringLiteral("alias"), qt(alias)}});
}

QFuture<Result<void>> MlflowServer::setTag(std::string model, std::string version, std::string key,
                                           std::optional<std::string> value, std::string) {
    if (key.empty()) return ready<void>(fail(Error::invalid("a tag of model \"" + model + "\" needs a name", m_name)));
    QJsonObject body{{QStringLiteral("name"), qt(model)}, {QStringLiteral("key"), qt(key)}};
    if (!version.empty()) body.insert(QStringLiteral("version"), qt(version));
    if (value) body.insert(QStringLiteral("value"), qt(*value));
    const char* call = version.empty() ? (value ? "registered-models/set-tag" : "registered-models/delete-tag")
                                       : (value ? "model-versions/set-tag" : "model-versions/delete-tag");
    return change(value ? "POST" : "DELETE", call, body);
}

QFuture<Result<QByteArray>> MlflowServer::artifact(std::string, CancellationToken token) {
    if (token.cancelled()) return ready<QByteArray>(fail(Error::cancelled()));
    return ready<QByteArray>(
        fail(ErrorKind::Unsupported, "MLflow finds artifacts by run or model version and path, not by digest", m_name));
}

}  // namespace pilothouse::connect::mlflow
