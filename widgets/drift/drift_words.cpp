// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_words.h"

#include <cmath>

#include "widgets/theme/format.h"

namespace pilothouse::drift {
namespace {

using statistics::State;

bool inSigma(const std::string& method) { return method.find("sigma") != std::string::npos; }

/// Two or three digits that matter, never an exponent.
QString plain(double value) {
    const double size = std::abs(value);
    return QLocale::c().toString(value, 'f', size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

}  // namespace

QString effectText(double value, const std::string& method) {
    if (!std::isfinite(value)) return u"–"_qs;
    if (inSigma(method)) return plain(value) + u" σ"_qs;
    return theme::percent(value, std::abs(value) < 0.1 ? 1 : 0);
}

QString intervalText(const statistics::Verdict& v) {
    if (!std::isfinite(v.effectLow) || !std::isfinite(v.effectHigh)) return {};
    if (inSigma(v.method)) return plain(v.effectLow) + u" – "_qs + plain(v.effectHigh) + u" σ"_qs;
    return QLocale::c().toString(100 * v.effectLow, 'f', 1) + u" – "_qs + theme::percent(v.effectHigh, 1);
}

QString methodWords(const std::string& method) {
    if (method == "wasserstein_sigma") return u"Wasserstein / σ of the reference, frozen bins"_qs;
    if (method == "total_variation") return u"total variation, categories of the reference"_qs;
    if (method == "missing_share") return u"difference of the missing shares"_qs;
    if (method == "unseen_share") return u"share of unseen categories"_qs;
    if (method == "log_distinct_between_windows") return u"different values against the windows before"_qs;
    if (method == "share_between_windows") return u"share against the windows before"_qs;
    if (method == "outside_range") return u"share beyond the range of the reference"_qs;
    return QString::fromStdString(method).replace(u'_', u' ');
}

QString pText(double p) {
    if (!std::isfinite(p)) return u"–"_qs;
    if (p < 0.0001) return u"< 0.0001"_qs;
    return QLocale::c().toString(p, 'f', p < 0.01 ? 4 : 3);
}

QString stateWord(State state) {
    switch (state) {
        case State::Ok:
            return u"ok"_qs;
        case State::Drift:
            return u"drift"_qs;
        case State::Insufficient:
            return u"not enough data"_qs;
        case State::Unavailable:
            return u"not judged"_qs;
    }
    return {};
}

theme::Mark stateMark(State state, ports::Severity severity) {
    switch (state) {
        case State::Ok:
            return theme::Mark::Ok;
        case State::Drift:
            return severity == ports::Severity::Alarm ? theme::Mark::Alarm : theme::Mark::Warning;
        case State::Insufficient:
        case State::Unavailable:
            return theme::Mark::Unknown;
    }
    return theme::Mark::Unknown;
}

QString shortDate(Timestamp t, const Zone& zone) {
    const CivilDate d = zone.date(t);
    return QLocale::c().toString(QDate(d.year, d.month, d.day), u"d MMM");
}

QString windowName(const TimeRange& window, const Zone& zone) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(window.duration()).count();
    if (hours >= 160 && hours <= 176) return u"Week of "_qs + shortDate(window.start, zone);
    if (hours <= 26) return shortDate(window.start, zone);
    return theme::range(window, zone);
}

}  // namespace pilothouse::drift
