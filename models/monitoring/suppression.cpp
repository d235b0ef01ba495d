// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/suppression.h"

#include <yaml-cpp/yaml.h>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

using ports::Alert;
using ports::AlertState;
using ports::Matcher;
using ports::MatchOperator;

namespace {

constexpr std::size_t kMaximumBytes = 1 << 20, kMaximumRules = 1'000;
constexpr const char* kSetting = "alerts.inhibit_rules";

Error at(const YAML::Node& node, const std::string& file, std::string what) {
    return Error::invalid(std::move(what), file + ":" + std::to_string(node.Mark().line + 1));
}

Result<std::vector<std::string>> texts(const YAML::Node& node, const std::string& file, const std::string& key) {
    std::vector<std::string> out;
    if (!node.IsSequence()) return fail(at(node, file, key + ": a list is expected"));
    if (node.size() > LabelMatchers::kMaxMatchers) return fail(at(node, file, key + ": the list is too long"));
    for (const YAML::Node& item : node) {
        if (!item.IsScalar()) return fail(at(item, file, key + ": a list of texts is expected"));
        out.push_back(item.Scalar());
    }
    return out;
}

Result<std::vector<Matcher>> matchers(const YAML::Node& node, const std::string& file, const std::string& key) {
    PH_ASSIGN(const auto lines, texts(node, file, key));
    std::vector<Matcher> out;
    for (const std::string& line : lines) {
        auto matcher = parseMatcher(line);
        if (!matcher) return fail(at(node, file, key + ": " + matcher.error().text()));
        out.push_back(std::move(*matcher));
    }
    if (auto compiled = LabelMatchers::compile(out); !compiled)
        return fail(at(node, file, key + ": " + compiled.error().text()));
    return out;
}

Result<InhibitRule> readRule(const YAML::Node& node, const std::string& file) {
    if (!node.IsMap()) return fail(at(node, file, "a rule's keys are expected"));
    InhibitRule out;
    for (const auto& entry : node) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
        if (key == "source_matchers") {
            PH_ASSIGN(out.source, matchers(entry.second, file, key));
        } else if (key == "target_matchers") {
            PH_ASSIGN(out.target, matchers(entry.second, file, key));
        } else if (key == "equal") {
            PH_ASSIGN(out.equal, texts(entry.second, file, key));
            for (const std::string& label : out.equal)
                if (!isLabelName(label))
                    return fail(at(entry.second, file, "equal: \"" + label.substr(0, 200) + "\" is no label"));
        } else {
            return fail(at(entry.first, file, "the key \"" + key.substr(0, 200) + "\" is not known"));
        }
    }
    if (out.source.empty() || out.target.empty())
        return fail(at(node, file, "a rule needs source_matchers and target_matchers"));
    return out;
}

struct CompiledRule {
    LabelMatchers source, target;
    const InhibitRule* rule;
    struct Source {
        const Alert* alert;
        bool isTarget;
    };
    std::vector<Source> firing;
};

bool equalIn(const std::vector<std::string>& names, const Labels& a, const Labels& b) {
    const auto value = [](const Labels& labels, const std::string& name) {
        const auto found = labels.find(name);
        return found == labels.end() ? std::string_view() : std::string_view(found->second);
    };
    return std::ranges::all_of(names, [&](const std::string& name) { return value(a, name) == value(b, name); });
}

void inhibit(std::vector<Alert>& alerts, const std::vector<InhibitRule>& rules) {
    std::vector<CompiledRule> compiled;
    for (const InhibitRule& rule : rules) {
        auto source = LabelMatchers::compile(rule.source);
        auto target = LabelMatchers::compile(rule.target);
        if (source && target) compiled.push_back({std::move(*source), std::move(*target), &rule, {}});
    }
    for (CompiledRule& c : compiled)
        for (const Alert& a : alerts)
            if (a.state == AlertState::Firing && c.source.match(a.labels))
                c.firing.push_back({&a, c.target.match(a.labels)});
    for (Alert& a : alerts) {
        if (a.state == AlertState::Resolved) continue;
        for (const CompiledRule& c : compiled) {
            if (c.firing.empty() || !c.target.match(a.labels)) continue;
            const bool bothSides = c.source.match(a.labels);
            for (const auto& [source, isTarget] : c.firing) {
                if (source == &a || (bothSides && isTarget) || !equalIn(c.rule->equal, source->labels, a.labels))
                    continue;
                if (std::ranges::find(a.inhibitedBy, source->fingerprint) == a.inhibitedBy.end())
                    a.inhibitedBy.push_back(source->fingerprint);
                break;  // one is reason enough, as in Alertmanager
            }
        }
    }
}

}  // namespace

Result<std::vector<InhibitRule>> parseInhibitRules(std::string_view yaml, const std::string& file) {
    if (yaml.size() > kMaximumBytes) return fail(Error::invalid("more than 1 MiB of rules", file));
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        std::vector<InhibitRule> out;
        if (root.IsNull()) return out;
        if (!root.IsMap()) return fail(Error::invalid("the key \"inhibit_rules\" is expected", file));
        const YAML::Node list = root["inhibit_rules"];
        if (!list.IsDefined() || list.IsNull()) return out;
        if (!list.IsSequence()) return fail(at(list, file, "inhibit_rules: a list is expected"));
        if (list.size() > kMaximumRules) return fail(at(list, file, "more than 1,000 rules"));
        for (const YAML::Node& node : list) {
            PH_ASSIGN(auto rule, readRule(node, file));
            out.push_back(std::move(rule));
        }
        return out;
    } catch (const YAML::Exception& e) {
        return fail(Error::invalid(e.msg, e.mark.is_null() ? file : file + ":" + std::to_string(e.mark.line + 1)));
    } catch (const std::exception& e) {
        return fail(Error::invalid(e.what(), file));
    }
}

Status saveInhibitRules(workspace::Database& database, const std::string& yaml, const std::string& file) {
    PH_TRY(parseInhibitRules(yaml, file));
    return workspace::Workspace::setSetting(database, kSetting, yaml);
}

Result<std::vector<InhibitRule>> readInhibitRules(workspace::Database& database) {
    PH_ASSIGN(const auto yaml, workspace::Workspace::setting(database, kSetting));
    return parseInhibitRules(yaml.value_or(""), kSetting);
}

std::string matchersJson(const std::vector<Matcher>& matchers) {
    QJsonArray array;
    for (const Matcher& m : matchers)
        array.append(QJsonObject{
            {QStringLiteral("name"), QString::fromStdString(m.label)},
            {QStringLiteral("value"), QString::fromStdString(m.value)},
            {QStringLiteral("isRegex"), m.op == MatchOperator::Matches || m.op == MatchOperator::NotMatches},
            {QStringLiteral("isEqual"), m.op == MatchOperator::Equal || m.op == MatchOperator::Matches}});
    return QJsonDocument(array).toJson(QJsonDocument::Compact).toStdString();
}

std::vector<Matcher> matchersFrom(std::string_view json) {
    const auto document = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    std::vector<Matcher> out;
    const QJsonObject object = document.object();
    for (auto it = object.begin(); it != object.end(); ++it)
        out.push_back({it.key().toStdString(), it.value().toString().toStdString(), MatchOperator::Equal});
    for (const QJsonValue& value : document.array()) {
        const bool regex = value[QLatin1String("isRegex")].toBool();
        const bool equal = value[QLatin1String("isEqual")].toBool(true);
        out.push_back({value[QLatin1String("name")].toString().toStdString(),
                       value[QLatin1String("value")].toString().toStdString(),
                       regex ? (equal ? MatchOperator::Matches : MatchOperator::NotMatches)
                             : (equal ? MatchOperator::Equal : MatchOperator::NotEqual)});
    }
    return out;
}

void suppress(std::vector<Alert>& alerts, const std::vector<ports::Silence>& silences,
              const std::vector<InhibitRule>& rules, Timestamp now) {
    for (const ports::Silence& silence : silences) {
        if (!silence.range.contains(now) || silence.matchers.empty()) continue;
        const auto matchers = LabelMatchers::compile(silence.matchers);
        if (!matchers) continue;
        for (Alert& a : alerts)
            if (a.state != AlertState::Resolved && matchers->match(a.labels)) {
                a.silenced = true;
                a.silencedBy.push_back(silence.id);
            }
    }
    inhibit(alerts, rules);
}

}  // namespace pilothouse::monitoring
