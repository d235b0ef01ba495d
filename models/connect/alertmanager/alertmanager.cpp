// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/alertmanager/alertmanager.h"

#include "models/connect/alertmanager/alertmanager_json.h"

namespace pilothouse::connect::alertmanager {

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

}  // namespace pilothouse::connect::alertmanager
