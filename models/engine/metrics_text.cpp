// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/metrics_text.h"

#include <QString>
#include <QStringDecoder>
#include <array>
#include <charconv>
#include <cmath>

#include "models/monitoring/label_matchers.h"

namespace pilothouse::engine {

namespace {

std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || (quotes && c == '"')) out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::string sound(const std::string& utf8) {
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(QByteArrayView(utf8.data(), static_cast<qsizetype>(utf8.size())));
    return decoder.hasError() ? QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())).toStdString()
                              : utf8;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 32> text{};
    const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

/// The base units that names end in (https://prometheus.io/docs/practices/naming/).
std::string unitOf(const std::string& name) {
    for (const char* unit : {"seconds", "bytes", "ratio"})
        if (name.ends_with(std::string("_") + unit)) return unit;
    return {};
}

}  // namespace

void MetricsText::family(std::string name, Type type, std::string help) {
    m_families.push_back({std::move(name), std::move(help), type, {}});
}

void MetricsText::add(const Labels& labels, double value) {
    if (m_series >= kMaxSeries) {
        ++m_dropped;
        return;
    }
    std::string written;
    for (const auto& [name, text] : labels) {
        if (text.empty() || name.starts_with("__") || !monitoring::isLabelName(name)) continue;
        written += (written.empty() ? "{" : ",") + name + "=\"" + escaped(sound(text), true) + '"';
    }
    if (!written.empty()) written += '}';
    m_families.back().samples.emplace_back(std::move(written), value);
    ++m_series;
}

std::string MetricsText::text(bool openMetrics) const {
    std::string out;
    const auto write = [&](const Family& f) {
        if (f.samples.empty()) return;
        const bool counter = f.type == Type::Counter;
        const std::string sample = f.name + (counter ? "_total" : "");
        const std::string& shown = openMetrics ? f.name : sample;
        out += "# HELP " + shown + ' ' + escaped(f.help, openMetrics) + "\n# TYPE " + shown +
               (counter ? " counter\n" : " gauge\n");
        if (const std::string unit = unitOf(f.name); openMetrics && !unit.empty())
            out += "# UNIT " + shown + ' ' + unit + '\n';
        for (const auto& [labels, value] : f.samples)
            out += sample + labels + ' ' + number(value) + '\n';
    };
    for (const Family& f : m_families)
        write(f);
    write({"pilothouse_metrics_dropped_series",
           "Series that were left out because there are too many",
           Type::Gauge,
           {{"", static_cast<double>(m_dropped)}}});
    if (openMetrics) out += "# EOF\n";
    return out;
}

bool MetricsText::wantsOpenMetrics(std::string_view accept) {
    // Whoever can read it lists it first (Prometheus does), with a parameter for its version.
    const auto at = accept.find("application/openmetrics-text");
    const auto plain = accept.find("text/plain");
    return at != std::string_view::npos && (plain == std::string_view::npos || at < plain);
}

}  // namespace pilothouse::engine
