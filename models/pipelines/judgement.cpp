// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/judgement.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <charconv>
#include <cmath>
#include <sstream>

#include "models/pipelines/dataset.h"

namespace pilothouse::pipelines {

namespace {

QJsonValue number(double value) { return std::isfinite(value) ? QJsonValue(value) : QJsonValue(); }
double number(const QJsonValue& value) {
    return value.isDouble() ? value.toDouble() : std::numeric_limits<double>::quiet_NaN();
}

std::string label(const std::string& metric, const Judgement& judgement) {
    if (metric == "auc") return "AUC";
    if (metric == "auc_baseline") return "AUC of the baseline";
    if (metric == "auc_difference_baseline") return "AUC difference to the baseline";
    if (metric == "auc_champion") return "AUC of " + judgement.champion;
    if (metric == "auc_difference_champion")
        return "AUC difference" + (judgement.champion.empty() ? std::string() : " to " + judgement.champion);
    std::string text = metric;
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string limitText(const GateRule& rule) {
    char buffer[32];
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, rule.limit);
    const std::string bound = rule.bound == GateRule::Bound::Low    ? "lower bound "
                              : rule.bound == GateRule::Bound::High ? "upper bound "
                                                                    : "";
    const std::string word = rule.comparison == ">"    ? "above "
                             : rule.comparison == ">=" ? "at least "
                             : rule.comparison == "<"  ? "below "
                                                       : "at most ";
    return "limit: " + bound + word + std::string(buffer, end);
}

bool holds(double value, const std::string& comparison, double limit) {
    if (comparison == ">") return value > limit;
    if (comparison == ">=") return value >= limit;
    if (comparison == "<") return value < limit;
    return value <= limit;
}

}  // namespace

std::string toJson(const Judgement& judgement) {
    QJsonArray metrics;
    for (const ports::Metric& m : judgement.metrics)
        metrics.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(m.name)},
                                   {QStringLiteral("value"), number(m.value)},
                                   {QStringLiteral("low"), number(m.low)},
                                   {QStringLiteral("high"), number(m.high)},
                                   {QStringLiteral("n"), static_cast<qint64>(m.n)}});
    return QJsonDocument(QJsonObject{{QStringLiteral("format"), 1},
                                     {QStringLiteral("metrics"), metrics},
                                     {QStringLiteral("champion"), QString::fromStdString(judgement.champion)},
                                     {QStringLiteral("champion_note"), QString::fromStdString(judgement.championNote)}})
        .toJson(QJsonDocument::Compact)
        .toStdString();
}

Result<Judgement> judgementFromJson(std::string_view json) {
    const QJsonObject object =
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size()))).object();
    if (object.value(QStringLiteral("format")).toInt() != 1)
        return fail(ErrorKind::Unsupported, "the evaluation has a format that this program does not read");
    Judgement out;
    out.champion = object.value(QStringLiteral("champion")).toString().toStdString();
    out.championNote = object.value(QStringLiteral("champion_note")).toString().toStdString();
    for (const QJsonValue& value : object.value(QStringLiteral("metrics")).toArray()) {
        const QJsonObject m = value.toObject();
        out.metrics.push_back({m.value(QStringLiteral("name")).toString().toStdString(),
                               number(m.value(QStringLiteral("value"))), number(m.value(QStringLiteral("low"))),
                               number(m.value(QStringLiteral("high"))),
                               static_cast<std::uint64_t>(m.value(QStringLiteral("n")).toInteger())});
    }
    return out;
}

Result<GateRule> parseRule(std::string_view text) {
    const auto wrong = [&](const std::string& why) {
        return fail(Error::invalid("rule \"" + std::string(text) + "\": " + why +
                                   "; as in \"auc_difference_baseline low > 0\""));
    };
    std::istringstream words{std::string(text)};
    std::vector<std::string> parts;
    for (std::string word; words >> word;)
        parts.push_back(word);
    GateRule rule;
    if (const auto when = std::find(parts.begin(), parts.end(), "when"); when != parts.end()) {
        const std::vector<std::string> condition(when + 1, parts.end());
        if (condition == std::vector<std::string>{"champion"})
            rule.when = GateRule::When::Champion;
        else if (condition == std::vector<std::string>{"no", "champion"})
            rule.when = GateRule::When::NoChampion;
        else
            return wrong("\"when\" is followed by \"champion\" or \"no champion\"");
        parts.erase(when, parts.end());
    }
    if (parts.size() < 3 || parts.size() > 4) return wrong("a metric, a comparison and a limit are expected");
    rule.metric = parts[0];
    if (parts.size() == 4) {
        if (parts[1] == "low")
            rule.bound = GateRule::Bound::Low;
        else if (parts[1] == "high")
            rule.bound = GateRule::Bound::High;
        else if (parts[1] != "value")
            return wrong("\"" + parts[1] + "\" is none of value, low, high");
    }
    rule.comparison = parts[parts.size() - 2];
    if (rule.comparison != ">" && rule.comparison != ">=" && rule.comparison != "<" && rule.comparison != "<=")
        return wrong("\"" + rule.comparison + "\" is none of >, >=, <, <=");
    const std::string& limit = parts.back();
    const auto [end, code] = std::from_chars(limit.data(), limit.data() + limit.size(), rule.limit);
    if (code != std::errc() || end != limit.data() + limit.size() || !std::isfinite(rule.limit))
        return wrong("\"" + limit + "\" is not a number");
    return rule;
}

RuleVerdict applyRule(const GateRule& rule, const Judgement& judgement) {
    RuleVerdict verdict;
    const bool champion = !judgement.champion.empty();
    if ((rule.when == GateRule::When::Champion && !champion) || (rule.when == GateRule::When::NoChampion && champion)) {
        verdict.passed = true;
        verdict.applies = false;
        verdict.text =
            label(rule.metric, judgement) + (champion ? ": not asked, " + judgement.champion + " is in production"
                                                      : ": no version is in production yet");
        return verdict;
    }
    const ports::Metric* metric = nullptr;
    for (const ports::Metric& m : judgement.metrics)
        if (m.name == rule.metric) metric = &m;
    const double value = !metric                               ? std::numeric_limits<double>::quiet_NaN()
                         : rule.bound == GateRule::Bound::Low  ? metric->low
                         : rule.bound == GateRule::Bound::High ? metric->high
                                                               : metric->value;
    if (std::isnan(value)) {
        verdict.text = label(rule.metric, judgement) + " was not computed" +
                       (judgement.championNote.empty() ? std::string() : " (" + judgement.championNote + ")") + ", " +
                       limitText(rule);
        return verdict;
    }
    verdict.passed = holds(value, rule.comparison, rule.limit);
    verdict.text = label(rule.metric, judgement) + " " + shown(*metric) + ", " + limitText(rule);
    return verdict;
}

std::string shown(const ports::Metric& metric) {
    if (std::isnan(metric.low) || std::isnan(metric.high)) return shown(metric.value);
    return shown(metric.value) + " (" + shown(metric.low) + " \u2013 " + shown(metric.high) + ")";
}

}  // namespace pilothouse::pipelines
