// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonObject>
#include <algorithm>
#include <map>

#include "models/engine/report_parts.h"
#include "models/monitoring/evaluator.h"

namespace pilothouse::engine {

using ports::Evaluation;
using ports::Finding;
using statistics::State;

namespace {

struct Month {
    std::vector<double> effects;
    int drifted = 0;
};

/// What is safe to say of an effect, its interval's lower end; effects of different units are compared by how many
/// times the least that matters they are.
double sizeOf(const statistics::Verdict& v) {
    const double low = std::isnan(v.effectLow) ? v.effect : v.effectLow;
    return v.minimumEffect > 0 ? low / v.minimumEffect : low;
}

struct Feature {
    int judged = 0, drifted = 0;
    Finding largest;
    TimeRange window;  ///< of the largest
    std::map<QString, Month> months;

    void add(const Evaluation& e, const Finding& f, const QString& month) {
        ++judged;
        drifted += f.verdict.state == State::Drift;
        if (judged == 1 || std::pair(sizeOf(f.verdict), f.verdict.effect) >
                               std::pair(sizeOf(largest.verdict), largest.verdict.effect)) {
            largest = f;
            window = e.window;
        }
        months[month].effects.push_back(f.verdict.effect);
        months[month].drifted += f.verdict.state == State::Drift;
    }
};

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

QJsonObject toJson(const std::string& name, const Feature& feature, const Zone& zone) {
    const statistics::Verdict& v = feature.largest.verdict;
    QJsonArray months;
    for (const auto& [month, of] : feature.months)
        months.append(QJsonObject{{QStringLiteral("month"), month},
                                  {QStringLiteral("median_effect"), jsonReal(median(of.effects))},
                                  {QStringLiteral("drifted"), of.drifted},
                                  {QStringLiteral("judged"), static_cast<qint64>(of.effects.size())}});
    return {{QStringLiteral("feature"), jsonText(name)},
            {QStringLiteral("judged"), feature.judged},
            {QStringLiteral("drifted"), feature.drifted},
            {QStringLiteral("method"), jsonText(v.method)},
            {QStringLiteral("effect"), jsonReal(v.effect)},
            {QStringLiteral("effect_text"), jsonText(monitoring::effectText(feature.largest))},
            {QStringLiteral("interval"), QJsonArray{jsonReal(v.effectLow), jsonReal(v.effectHigh)}},
            {QStringLiteral("minimum_effect"), jsonReal(v.minimumEffect)},
            {QStringLiteral("largest_from"), calendarDay(zone, feature.window.start)},
            {QStringLiteral("months"), months}};
}

}  // namespace

QString calendarDay(const Zone& zone, Timestamp t) { return jsonText((t + zone.offsetAt(t)).toIso().substr(0, 10)); }

QJsonArray driftJson(const std::vector<Evaluation>& evaluations, const Zone& zone) {
    std::map<std::string, Feature> features;
    for (const Evaluation& e : evaluations)
        for (const Finding& f : e.findings)
            if (f.check == "drift" && !std::isnan(f.verdict.effect))
                features[f.feature].add(e, f, calendarDay(zone, e.window.start).first(7));
    std::vector<std::pair<std::string, Feature>> bySize(features.begin(), features.end());
    std::ranges::stable_sort(bySize, std::greater(), [](const auto& entry) {
        const statistics::Verdict& v = entry.second.largest.verdict;
        return std::pair(sizeOf(v), v.effect);
    });
    QJsonArray out;
    for (const auto& [name, feature] : bySize)
        out.append(toJson(name, feature, zone));
    return out;
}

QJsonArray daysJson(const std::vector<Evaluation>& evaluations, const Zone& zone) {
    QJsonArray out;
    for (const Evaluation& e : evaluations)
        if (e.state == State::Drift && (e.kind == "traffic" || e.kind == "quality"))
            out.append(QJsonObject{{QStringLiteral("day"), calendarDay(zone, e.window.start)},
                                   {QStringLiteral("kind"), jsonText(e.kind)},
                                   {QStringLiteral("monitor"), jsonText(e.monitor)},
                                   {QStringLiteral("rows"), jsonCount(e.rows)},
                                   {QStringLiteral("summary"), jsonText(e.summary)}});
    return out;
}

}  // namespace pilothouse::engine
