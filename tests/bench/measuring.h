// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QFile>
#include <algorithm>
#include <functional>
#include <vector>

#include "models/base/result.h"

/// What the benchmarks of the prediction log measure with. An error ends the program.
namespace pilothouse::bench {

/// Milliseconds.
inline double elapsed(const std::function<void()>& work) {
    QElapsedTimer timer;
    timer.start();
    work();
    return static_cast<double>(timer.nsecsElapsed()) * 1e-6;
}

inline double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

/// Resident memory of this process in MB: now ("VmRSS") or at its most ("VmHWM").
inline double memoryMegabytes(const char* what) {
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith(what))
            return line.mid(line.indexOf(':') + 1).trimmed().split(' ').front().toDouble() / 1024;
    return 0;
}

template <class T>
T need(Result<T> result) {
    if (!result) qFatal("%s", result.error().text().c_str());
    return std::move(*result);
}
inline void need(const Status& status) {
    if (!status) qFatal("%s", status.error().text().c_str());
}

}  // namespace pilothouse::bench
