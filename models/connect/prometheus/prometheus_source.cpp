// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/prometheus/prometheus_source.h"

#include <algorithm>

#include "models/base/ready.h"
#include "models/connect/prometheus/prometheus_answer.h"

namespace pilothouse::connect::prometheus {

namespace {

constexpr std::int64_t kDefaultPoints = 300;
constexpr std::int64_t kMillisecond = 1'000'000;

QString seconds(std::int64_t ns) {
    const std::int64_t ms = ns / kMillisecond;
    return QStringLiteral("%1%2.%3")
        .arg(ms < 0 ? QStringLiteral("-") : QString())
        .arg(std::abs(ms) / 1000)
        .arg(std::abs(ms) % 1000, 3, 10, QLatin1Char('0'));
}

std::string_view view(const QByteArray& bytes) { return {bytes.constData(), static_cast<std::size_t>(bytes.size())}; }

/// Chains a parser to an answer; it runs on the worker's thread.
template <class T>
QFuture<Result<T>> parsed(QFuture<Result<HttpAnswer>> answer, std::string source,
                          Result<T> (*parse)(std::string_view, const std::string&)) {
    return answer.then([source = std::move(source), parse](Result<HttpAnswer> got) -> Result<T> {
        if (!got) return fail(got.error());
        if (got->status != 200) return fail(parseError(got->status, view(got->body), source));
        return parse(view(got->body), source);
    });
}

}  // namespace

Result<std::shared_ptr<PrometheusSource>> PrometheusSource::create(std::string name, const std::string& url,
                                                                   HttpOptions options) {
    PH_ASSIGN(QUrl base, baseUrl(url, "http://localhost:9090"));
    return std::shared_ptr<PrometheusSource>(
        new PrometheusSource(std::move(name), std::move(base), std::move(options)));
}

QUrl PrometheusSource::path(const char* path) const {
    QUrl url = m_url;
    url.setPath(m_url.path() + QStringLiteral("/api/v1/") + QLatin1String(path));
    return url;
}

QFuture<Result<ports::MetricAnswer>> PrometheusSource::range(ports::RangeQuery query, CancellationToken token) {
    using Answer = Result<ports::MetricAnswer>;
    if (query.range.empty()) return ready<ports::MetricAnswer>(Answer(ports::MetricAnswer{}));
    const std::int64_t length = query.range.duration().count();
    const std::int64_t step =
        std::max(kMillisecond, query.step.count() > 0 ? query.step.count() : length / kDefaultPoints);
    if (length / step > kMaxPoints)
        return ready<ports::MetricAnswer>(fail(ErrorKind::InvalidInput,
                                               "the step is too short: " + std::to_string(length / step) +
                                                   " points a series, of " + std::to_string(kMaxPoints) +
                                                   " that Prometheus gives",
                                               m_name));
    QUrlQuery form;
    const auto add = [&form](const char* key, const QString& value) {
        form.addQueryItem(QLatin1String(key), QString::fromLatin1(QUrl::toPercentEncoding(value)));
    };
    add("query", QString::fromStdString(query.expression));
    add("start", seconds(query.range.start.ns));
    add("end", seconds(query.range.end.ns - kMillisecond));
    add("step", seconds(step));
    return parsed<ports::MetricAnswer>(m_http.post(path("query_range"), form, std::move(token)), m_name, parseQuery);
}

QFuture<Result<ports::MetricAnswer>> PrometheusSource::instant(std::string expression, Timestamp at,
                                                               CancellationToken token) {
    QUrlQuery form;
    form.addQueryItem(QStringLiteral("query"),
                      QString::fromLatin1(QUrl::toPercentEncoding(QString::fromStdString(expression))));
    form.addQueryItem(QStringLiteral("time"), seconds(at.ns));
    return parsed<ports::MetricAnswer>(m_http.post(path("query"), form, std::move(token)), m_name, parseQuery);
}

QFuture<Result<std::vector<std::string>>> PrometheusSource::metricNames(CancellationToken token) {
    return parsed<std::vector<std::string>>(m_http.get(path("label/__name__/values"), std::move(token)), m_name,
                                            parseNames);
}

QFuture<Result<std::string>> PrometheusSource::check(CancellationToken token) {
    return m_http.get(path("status/buildinfo"), std::move(token))
        .then([source = m_name](Result<HttpAnswer> got) -> Result<std::string> {
            if (!got) return fail(got.error());
            if (got->status != 200) return fail(parseError(got->status, view(got->body), source));
            PH_ASSIGN(const std::string version, parseVersion(view(got->body), source));
            return "Prometheus " + version;
        });
}

}  // namespace pilothouse::connect::prometheus
