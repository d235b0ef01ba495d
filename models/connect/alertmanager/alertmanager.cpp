// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/alertmanager/alertmanager.h"

#include "models/base/ready.h"
#include "models/connect/alertmanager/alertmanager_json.h"

namespace pilothouse::connect::alertmanager {

namespace {

/// It answers 500 when a silence is ended that has ended.
bool alreadyExpired(const HttpAnswer& answer) {
    return answer.status >= 400 && answer.body.contains("already expired");
}

/// Chains a parser to an answer; it runs on the worker's thread.
template <class T>
QFuture<Result<T>> parsed(QFuture<Result<HttpAnswer>> answer, std::string source,
                          Result<T> (*parse)(const QByteArray&, const std::string&)) {
    return answer.then([source = std::move(source), parse](Result<HttpAnswer> got) -> Result<T> {
        if (!got) return fail(got.error());
        if (got->status != 200) return fail(parseError(*got, source));
        return parse(got->body, source);
    });
}

}  // namespace

Result<std::shared_ptr<Alertmanager>> Alertmanager::create(std::string name, const std::string& url,
                                                           HttpOptions options) {
    PH_ASSIGN(QUrl base, baseUrl(url, "http://localhost:9093"));
    return std::shared_ptr<Alertmanager>(new Alertmanager(std::move(name), std::move(base), std::move(options)));
}

QUrl Alertmanager::path(const char* path) const {
    QUrl url = m_url;
    url.setPath(m_url.path() + QStringLiteral("/api/v2/") + QLatin1String(path));
    return url;
}

QFuture<Result<ports::ReceiverAnswer>> Alertmanager::send(std::vector<ports::OutgoingAlert> alerts,
                                                          CancellationToken token) {
    return m_http.postJson(path("alerts"), postableAlerts(alerts), std::move(token))
        .then([](Result<HttpAnswer> got) -> Result<ports::ReceiverAnswer> {
            if (!got) return fail(got.error());
            // A wait that the server asks for counts from the time of day, not from a workspace's clock.
            return readAnswer(*got, QDateTime::currentDateTimeUtc());
        });
}

QFuture<Result<std::string>> Alertmanager::check(CancellationToken token) {
    return m_http.get(path("status"), std::move(token))
        .then([name = m_name](Result<HttpAnswer> got) -> Result<std::string> {
            if (!got) return fail(got.error());
            if (got->status != 200)
                return fail(ErrorKind::Unavailable, readAnswer(*got, QDateTime::currentDateTimeUtc()).reason, name);
            PH_ASSIGN(const std::string version, parseStatus(got->body, name));
            return "Alertmanager " + version;
        });
}

QFuture<Result<std::vector<ports::Alert>>> Alertmanager::alerts(bool, CancellationToken token) {
    return parsed<std::vector<ports::Alert>>(m_http.get(path("alerts"), std::move(token)), m_name, parseAlerts);
}

QFuture<Result<std::vector<AlertGroup>>> Alertmanager::groups(CancellationToken token) {
    return parsed<std::vector<AlertGroup>>(m_http.get(path("alerts/groups"), std::move(token)), m_name, parseGroups);
}

QFuture<Result<std::vector<ports::Silence>>> Alertmanager::silences(CancellationToken token) {
    return parsed<std::vector<ports::Silence>>(m_http.get(path("silences"), std::move(token)), m_name, parseSilences);
}

QFuture<Result<std::string>> Alertmanager::silence(ports::Silence silence) {
    if (silence.matchers.empty())
        return ready<std::string>(fail(ErrorKind::InvalidInput, "a silence needs a label to match", m_name));
    return parsed<std::string>(m_http.postJson(path("silences"), postableSilence(silence), {}), m_name, parseSilenceId);
}

QFuture<Result<void>> Alertmanager::expireSilence(std::string id) {
    QUrl url = path("silence/");
    url.setPath(url.path() + QString::fromStdString(id), QUrl::DecodedMode);
    // An id with a slash or dots would be another path.
    if (!isSilenceId(id))
        return ready<void>(fail(ErrorKind::NotFound, "there is no silence of this id", id.substr(0, 100)));
    return m_http.send({.url = url, .method = "DELETE"}, {})
        .then([name = m_name](Result<HttpAnswer> got) -> Result<void> {
            if (!got) return fail(got.error());
            if (got->status == 200 || alreadyExpired(*got)) return {};
            Error error = parseError(*got, name);
            if (got->body.contains("not found")) error.kind = ErrorKind::NotFound;  // it answers 500
            return fail(std::move(error));
        });
}

}  // namespace pilothouse::connect::alertmanager
