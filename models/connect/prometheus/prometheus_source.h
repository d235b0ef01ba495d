// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/connect/http/http_client.h"
#include "models/ports/metric_source.h"

namespace pilothouse::connect::prometheus {

/// Prometheus, and what speaks its HTTP API (version 1). Thread: any; nothing is asked unless a caller asks.
class PrometheusSource final : public ports::MetricSource {
public:
    /// Points a series that Prometheus gives for one range query.
    static constexpr std::int64_t kMaxPoints = 11'000;

    /// InvalidInput for an address that is not http or https, or that holds a user or a password.
    static Result<std::shared_ptr<PrometheusSource>> create(std::string name, const std::string& url,
                                                            HttpOptions options = {});

    [[nodiscard]] std::string name() const override { return m_name; }
    /// Step 0: about 300 points. More than kMaxPoints is InvalidInput before anything is sent. The end is left out.
    QFuture<Result<ports::MetricAnswer>> range(ports::RangeQuery query, CancellationToken token) override;
    QFuture<Result<ports::MetricAnswer>> instant(std::string expression, Timestamp at,
                                                 CancellationToken token) override;
    QFuture<Result<std::vector<std::string>>> metricNames(CancellationToken token) override;
    QFuture<Result<std::string>> check(CancellationToken token) override;

private:
    PrometheusSource(std::string name, QUrl url, HttpOptions options)
        : m_name(std::move(name)), m_url(std::move(url)), m_http(std::move(options)) {}
    [[nodiscard]] QUrl path(const char* path) const;

    std::string m_name;
    QUrl m_url;
    HttpClient m_http;
};

}  // namespace pilothouse::connect::prometheus
