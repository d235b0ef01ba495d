// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/format.h"

#include <QLocale>
#include <array>
#include <cmath>

namespace pilothouse::theme {

namespace {

constexpr std::array<const char16_t*, 12> kMonths = {u"Jan", u"Feb", u"Mar", u"Apr", u"May", u"Jun",
                                                     u"Jul", u"Aug", u"Sep", u"Oct", u"Nov", u"Dec"};
const QString kNone = QStringLiteral("–");

QString month(int m) { return QString::fromUtf16(kMonths[static_cast<std::size_t>(m - 1)]); }

/// Fixed decimals, thousands separated, a real minus sign, and no "−0".
QString fixed(double value, int decimals) {
    static const QLocale locale = [] {
        QLocale l(QLocale::English, QLocale::UnitedStates);
        return l;
    }();
    QString text = locale.toString(std::abs(value), 'f', decimals);
    bool zero = true;
    for (const QChar c : text)
        zero = zero && (!c.isDigit() || c == u'0');
    if (value < 0 && !zero) text.prepend(QChar(0x2212));
    return text;
}

QString clockTime(Timestamp t, const Zone& zone) {
    const auto local = (t + zone.offsetAt(t)).ns;
    constexpr std::int64_t kDay = 86'400'000'000'000;
    const std::int64_t inDay = (local % kDay + kDay) % kDay;
    const int minutes = static_cast<int>(inDay / 60'000'000'000);
    return QStringLiteral("%1:%2")
        .arg(minutes / 60, 2, 10, QLatin1Char('0'))
        .arg(minutes % 60, 2, 10, QLatin1Char('0'));
}

bool isMidnight(Timestamp t, const Zone& zone) { return zone.startOfDay(t) == t; }

}  // namespace

QString number(double value, int significant) {
    if (std::isnan(value)) return kNone;
    if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    const double size = std::abs(value);
    if (size == 0) return QStringLiteral("0");
    if (size >= 1e15 || size < 1e-6) {
        const int exponent = static_cast<int>(std::floor(std::log10(size)));
        QString power = QString::number(exponent);
        power.replace(u'-', QChar(0x2212));
        return fixed(value / std::pow(10.0, exponent), significant - 1) + QStringLiteral("e") + power;
    }
    if (size >= 1000 || value == std::floor(value)) return fixed(value, 0);
    const int whole = static_cast<int>(std::floor(std::log10(size)));  // 0 for 1-9, -1 for 0.1-0.9
    return fixed(value, std::max(0, significant - 1 - whole));
}

QString count(std::uint64_t value) { return fixed(static_cast<double>(value), 0); }

QString shortCount(double value) {
    if (std::isnan(value)) return kNone;
    const double size = std::abs(value);
    if (size < 999.5) return value == std::floor(value) ? fixed(value, 0) : number(value, 3);
    struct Step {
        double factor;
        const char16_t* unit;
    };
    constexpr std::array<Step, 4> kSteps = {Step{1e12, u"T"}, Step{1e9, u"G"}, Step{1e6, u"M"}, Step{1e3, u"k"}};
    for (const Step& step : kSteps) {
        if (size < step.factor * 0.9995) continue;
        const double scaled = value / step.factor;
        const int decimals = std::abs(scaled) < 99.5 && scaled != std::floor(scaled) ? 1 : 0;
        return fixed(scaled, decimals) + QStringLiteral(" ") + QString::fromUtf16(step.unit);
    }
    return fixed(value, 0);
}

QString percent(double share, int decimals) {
    return std::isnan(share) ? kNone : fixed(share * 100, decimals) + QStringLiteral(" %");
}

QString withInterval(double value, double low, double high, int decimals) {
    if (std::isnan(value)) return kNone;
    if (std::isnan(low) || std::isnan(high)) return fixed(value, decimals);
    return QStringLiteral("%1 (%2 – %3)").arg(fixed(value, decimals), fixed(low, decimals), fixed(high, decimals));
}

QString duration(Duration d) {
    const double s = std::abs(static_cast<double>(d.count()) * 1e-9);
    const QString sign = d.count() < 0 ? QStringLiteral("−") : QString();
    const auto with = [&](double value, const QString& unit) {
        const int decimals = value < 9.95 && std::abs(value - std::round(value)) > 0.05 ? 1 : 0;
        return sign + fixed(value, decimals) + QStringLiteral(" ") + unit;
    };
    if (s == 0) return QStringLiteral("0 s");
    if (s < 1e-3) return with(s * 1e6, QStringLiteral("µs"));
    if (s < 1) return with(s * 1e3, QStringLiteral("ms"));
    if (s < 120) return with(s, QStringLiteral("s"));
    if (s < 120 * 60) return with(s / 60, QStringLiteral("min"));
    if (s < 72 * 3600) return with(s / 3600, QStringLiteral("h"));
    return with(s / 86400, QStringLiteral("days"));
}

QString milliseconds(double ms) {
    if (std::isnan(ms)) return kNone;
    if (ms >= 10'000) return number(ms / 1000, 3) + QStringLiteral(" s");
    return number(ms, 2) + QStringLiteral(" ms");
}

QString date(Timestamp t, const Zone& zone) {
    const CivilDate d = zone.date(t);
    return QStringLiteral("%1 %2 %3").arg(d.day).arg(month(d.month)).arg(d.year);
}

QString time(Timestamp t, const Zone& zone) { return date(t, zone) + QStringLiteral(" ") + clockTime(t, zone); }

QString range(const TimeRange& r, const Zone& zone) {
    const CivilDate a = zone.date(r.start);
    if (isMidnight(r.start, zone) && isMidnight(r.end, zone) && r.start < r.end) {
        const CivilDate b = zone.date(r.end - Duration(1));  // the last day that belongs to it
        const QString last = date(r.end - Duration(1), zone);
        if (a.year != b.year) return date(r.start, zone) + QStringLiteral(" – ") + last;
        if (a.month != b.month) return QStringLiteral("%1 %2 – ").arg(a.day).arg(month(a.month)) + last;
        if (a.day != b.day) return QStringLiteral("%1 – ").arg(a.day) + last;
        return last;
    }
    const CivilDate b = zone.date(r.end);
    const bool sameDay = a.year == b.year && a.month == b.month && a.day == b.day;
    if (sameDay) return time(r.start, zone) + QStringLiteral(" – ") + clockTime(r.end, zone);
    if (a.year != b.year) return time(r.start, zone) + QStringLiteral(" – ") + time(r.end, zone);
    return QStringLiteral("%1 %2 %3 – %4").arg(a.day).arg(month(a.month), clockTime(r.start, zone), time(r.end, zone));
}

QString verdictWord(const QString& state) {
    if (state == u"insufficient") return QStringLiteral("not enough data");
    if (state == u"unavailable") return QStringLiteral("not available");
    return state;
}

}  // namespace pilothouse::theme
