// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <cmath>
#include <string>
#include <vector>

#include "models/statistics/drift.h"
#include "models/statistics/random.h"

namespace pilothouse::test {

/// The committed answers of SciPy, scikit-learn and NumPy (make_fixtures.py).
inline QJsonObject reference() {
    QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/reference.json"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no reference.json");
    return QJsonDocument::fromJson(file.readAll()).object();
}

/// Committed answers of one script: data/NAME.json of make_NAME.py.
inline QJsonObject fixture(const char* name) {
    QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/%1.json").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no %s.json", name);
    return QJsonDocument::fromJson(file.readAll()).object();
}

inline QJsonArray cases(const char* file, const char* name) {
    const QJsonArray out = fixture(file)[QLatin1String(name)].toArray();
    if (out.isEmpty()) qFatal("no cases in %s.json", file);
    return out;
}

inline QJsonArray cases(const char* name) {
    const QJsonArray out = reference()[QLatin1String(name)].toArray();
    if (out.isEmpty()) qFatal("no cases in reference.json");
    return out;
}

template <class T = double>
std::vector<T> numbers(const QJsonValue& value) {
    std::vector<T> out;
    for (const QJsonValue& x : value.toArray())
        out.push_back(static_cast<T>(x.toDouble()));
    return out;
}

inline bool close(double a, double b, double tolerance) {
    const bool ok = std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
    if (!ok) qInfo("%.17g is not %.17g within %g", a, b, tolerance);
    return ok;
}

/// Within a relative error, for what may be tiny (a p-value).
inline bool relative(double a, double b, double tolerance) {
    const bool ok = std::abs(a - b) <= tolerance * std::abs(b);
    if (!ok) qInfo("%.17g is not %.17g within a relative %g", a, b, tolerance);
    return ok;
}

inline std::vector<double> normals(statistics::Random& random, std::size_t n, double mean = 0, double deviation = 1) {
    std::vector<double> out(n);
    for (double& x : out)
        x = mean + deviation * random.normal();
    return out;
}

inline std::vector<std::uint32_t> codes(statistics::Random& random, std::size_t n, const std::vector<double>& shares) {
    std::vector<std::uint32_t> out(n);
    for (auto& code : out) {
        double u = random.uniform();
        code = 0;
        while (code + 1 < shares.size() && u >= shares[code])
            u -= shares[code++];
    }
    return out;
}

inline std::vector<std::string> dictionary(std::size_t n) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < n; ++i)
        out.push_back("value " + std::to_string(i));
    return out;
}

/// `each` rows a cluster, in order.
inline std::vector<std::uint32_t> blocks(std::size_t rows, std::size_t each) {
    std::vector<std::uint32_t> out(rows);
    for (std::size_t i = 0; i < rows; ++i)
        out[i] = static_cast<std::uint32_t>(i / each);
    return out;
}

inline statistics::ColumnDrift judge(const statistics::ColumnProfile& profile, const statistics::CurrentCounts& counts,
                                     const statistics::DriftOptions& options = {}) {
    return statistics::judgeDrift(std::span(&profile, 1), std::span(&counts, 1), options).front();
}

}  // namespace pilothouse::test
