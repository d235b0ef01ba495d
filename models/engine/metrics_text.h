// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pilothouse::engine {

/// Metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
/// (https://prometheus.io/docs/instrumenting/exposition_formats/,
/// https://prometheus.io/docs/specs/om/open_metrics_spec/) The number of series is bounded: those beyond are counted by
/// pilothouse_metrics_dropped_series, and left out.
class MetricsText {
public:
    enum class Type { Gauge, Counter };
    using Labels = std::map<std::string, std::string>;
    static constexpr std::size_t kMaxSeries = 20'000;

    /// The samples to follow are of this metric. Name without "_total", which counters get; it ends in its base unit.
    void family(std::string name, Type type, std::string help);
    /// NaN and infinities are written as such. Labels without a value, or with a name that none can have, are left out;
    /// bytes that are no UTF-8 become replacement characters, for one of them would spoil the whole answer.
    void add(const Labels& labels, double value);
    void add(double value) { add({}, value); }

    [[nodiscard]] std::string text(bool openMetrics) const;
    [[nodiscard]] std::size_t series() const { return m_series; }

    static constexpr const char* kTextType = "text/plain; version=0.0.4; charset=utf-8";
    static constexpr const char* kOpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    /// Whether an Accept header prefers OpenMetrics.
    [[nodiscard]] static bool wantsOpenMetrics(std::string_view accept);

private:
    struct Family {
        std::string name, help;
        Type type = Type::Gauge;
        std::vector<std::pair<std::string, double>> samples;  ///< labels as written
    };
    std::vector<Family> m_families;
    std::size_t m_series = 0, m_dropped = 0;
};

}  // namespace pilothouse::engine
