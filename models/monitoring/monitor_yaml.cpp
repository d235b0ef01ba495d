// SPDX-License-Identifier: GPL-3.0-or-later
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>

#include "models/monitoring/label_matchers.h"
#include "models/monitoring/monitor.h"
#include "models/monitoring/suppression.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::size_t kMaximumBytes = 1 << 20;
constexpr std::size_t kMaximumMonitors = 1'000;
constexpr std::size_t kMaximumList = 10'000;
constexpr int kMaximumPanes = 1'000;
constexpr std::size_t kMaximumLabels = 50, kMaximumText = 4096;

/// Reads one monitor's keys; keeps the file's name for errors, and which keys were read so that others can be refused.
class MapReader {
public:
    MapReader(const YAML::Node& map, std::string file) : m_map(map), m_file(std::move(file)) {}

    [[nodiscard]] Error error(const YAML::Node& at, const std::string& what) const {
        const YAML::Mark mark = at.IsDefined() ? at.Mark() : m_map.Mark();
        return Error::invalid(what, m_file + ":" + std::to_string(mark.line + 1));
    }

    Status text(const char* key, std::string& out, bool required = false) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) {
            if (required) return fail(error(m_map, std::string("the key \"") + key + "\" is missing"));
            return {};
        }
        if (!node.IsScalar()) return fail(error(node, std::string(key) + ": a text is expected"));
        out = node.Scalar();
        if (required && out.empty()) return fail(error(node, std::string(key) + ": is empty"));
        return {};
    }

    Status number(const char* key, double& out, double low, double high) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        PH_ASSIGN(out, scalar(node, key));
        if (!(out >= low && out <= high))
            return fail(error(node, std::string(key) + ": " + node.Scalar() + " is not within " + shown(low) + " and " +
                                        shown(high)));
        return {};
    }

    Status integer(const char* key, int& out, int low, int high) {
        double value = out;
        PH_TRY(number(key, value, low, high));
        if (value != static_cast<int>(value))
            return fail(error(take(key), std::string(key) + ": a whole number is expected"));
        out = static_cast<int>(value);
        return {};
    }

    Status duration(const char* key, Duration& out) {
        std::string written;
        PH_TRY(text(key, written));
        if (written.empty()) return {};
        const auto parsed = parseDuration(written);
        if (!parsed || parsed->count() < 0)
            return fail(
                error(take(key), std::string(key) + ": \"" + written + "\" is not a duration such as 36h or 14d"));
        out = *parsed;
        return {};
    }

    Status list(const char* key, std::vector<std::string>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsSequence()) return fail(error(node, std::string(key) + ": a list is expected"));
        if (node.size() > kMaximumList) return fail(error(node, std::string(key) + ": the list is too long"));
        out.clear();
        for (const YAML::Node& item : node) {
            if (!item.IsScalar()) return fail(error(item, std::string(key) + ": a list of texts is expected"));
            out.push_back(item.Scalar());
        }
        return {};
    }

    Status numbers(const char* key, std::map<std::string, double>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": columns with a number are expected"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) return fail(error(entry.first, std::string(key) + ": a column is expected"));
            PH_ASSIGN(const double value, scalar(entry.second, key));
            if (value < 0) return fail(error(entry.second, std::string(key) + ": is negative"));
            out[entry.first.Scalar()] = value;
        }
        return {};
    }

    /// Names of labels or annotations, with their texts.
    Status labels(const char* key, std::map<std::string, std::string>& out, const std::set<std::string>& reserved) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": names with a text are expected"));
        if (node.size() > kMaximumLabels) return fail(error(node, std::string(key) + ": there are too many"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar() || !isLabelName(entry.first.Scalar()) || !entry.second.IsScalar())
                return fail(
                    error(entry.first, std::string(key) + ": a name (letters, digits, _) with a text is expected"));
            if (reserved.contains(entry.first.Scalar()))
                return fail(error(entry.first, std::string(key) + ": " + entry.first.Scalar() + " is set by itself"));
            if (entry.second.Scalar().size() > kMaximumText)
                return fail(error(entry.second, std::string(key) + ": the text is too long"));
            out[entry.first.Scalar()] = entry.second.Scalar();
        }
        return {};
    }

    Status ranges(const char* key, std::map<std::string, std::pair<double, double>>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": columns with [low, high] are expected"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar() || !entry.second.IsSequence() || entry.second.size() != 2)
                return fail(error(entry.first, std::string(key) + ": \"column: [low, high]\" is expected"));
            PH_ASSIGN(const double low, scalar(entry.second[0], key));
            PH_ASSIGN(const double high, scalar(entry.second[1], key));
            if (!(low <= high)) return fail(error(entry.second, std::string(key) + ": low is above high"));
            out[entry.first.Scalar()] = {low, high};
        }
        return {};
    }

    /// One of the words of a fixed list.
    Status word(const char* key, std::string& out, const std::vector<std::string>& words) {
        PH_TRY(text(key, out));
        if (std::find(words.begin(), words.end(), out) != words.end()) return {};
        std::string all;
        for (const std::string& w : words)
            all += (all.empty() ? "" : ", ") + w;
        return fail(error(take(key), std::string(key) + ": \"" + out + "\" is not one of " + all));
    }

    YAML::Node take(const char* key) {
        m_known.insert(key);
        return m_map[key];
    }

    [[nodiscard]] Status nothingElse() const {
        for (const auto& entry : m_map) {
            if (!entry.first.IsScalar()) return fail(error(entry.first, "a key must be a text"));
            if (!m_known.contains(entry.first.Scalar()))
                return fail(error(entry.first, "the key \"" + entry.first.Scalar() + "\" is not known"));
        }
        return {};
    }

private:
    [[nodiscard]] Result<double> scalar(const YAML::Node& node, const char* key) const {
        double value = 0;
        if (node.IsScalar()) {
            const std::string& s = node.Scalar();
            const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), value);
            if (code == std::errc() && end == s.data() + s.size() && std::isfinite(value)) return value;
        }
        return fail(error(node, std::string(key) + ": a number is expected"));
    }
    static std::string shown(double value) {
        char text[32];
        const auto [end, code] = std::to_chars(text, text + sizeof text, value);
        return std::string(text, end);
    }

    const YAML::Node m_map;
    std::string m_file;
    std::set<std::string> m_known;
};

Status readKind(MapReader& reader, MonitorDefinition& out) {
    std::string kind;
    std::vector<std::string> kinds;
    for (const MonitorKind k : kMonitorKinds)
        kinds.emplace_back(toString(k));
    PH_TRY(reader.word("kind", kind, kinds));
    for (const MonitorKind k : kMonitorKinds)
        if (kind == toString(k)) out.kind = k;
    return {};
}

/// "2 of 3"
Status readPersistence(MapReader& reader, MonitorDefinition& out) {
    std::string written;
    PH_TRY(reader.text("persistence", written));
    if (written.empty()) return {};
    int k = 0, m = 0, used = 0;
    if (std::sscanf(written.c_str(), "%d of %d%n", &k, &m, &used) != 2 || used != static_cast<int>(written.size()) ||
        k < 1 || m < k || m > 100)
        return fail(
            reader.error(reader.take("persistence"), "persistence: \"" + written + "\" is not of the form \"2 of 3\""));
    out.persistence = k;
    out.of = m;
    return {};
}

Status readChecks(MapReader& reader, MonitorDefinition& out) {
    PH_TRY(reader.list("checks", out.checks));
    const bool quality = out.kind == MonitorKind::Quality;
    if (quality && out.checks.empty()) out.checks = {"missing", "range", "unseen"};
    for (const std::string& check : out.checks)
        if (!quality || (check != "missing" && check != "range" && check != "unseen" && check != "completeness"))
            return fail(reader.error(reader.take("checks"), "checks: \"" + check + "\" is not a check of this kind"));
    return {};
}

Status readSize(MapReader& reader, const char* key, std::string& out) {
    PH_TRY(reader.text(key, out));
    if (out.empty() || parseWindowSize(out)) return {};
    return fail(reader.error(reader.take(key), std::string(key) + ": \"" + out +
                                                   "\" is not day, week, a duration such as 6h or 14d (a minute to 400 "
                                                   "days), or a number of rows such as 10000 rows (10 to 10^9)"));
}

Status readWindow(MapReader& reader, MonitorDefinition& out) {
    PH_TRY(readSize(reader, "window", out.window));
    PH_TRY(readSize(reader, "step", out.step));
    const bool before = looksBack(out.kind);
    if (before && parseWindowSize(out.window)->unit == WindowSize::Unit::Rows)
        return fail(reader.error(reader.take("window"),
                                 "window: what is compared with the windows before is judged by "
                                 "time, not by a number of rows"));
    if (out.step.empty() || out.step == out.window) return {};
    if (before)
        return fail(reader.error(reader.take("step"),
                                 "step: windows that are compared with those before must follow "
                                 "each other"));
    const WindowSize window = *parseWindowSize(out.window), step = *parseWindowSize(out.step);
    if (window.unit != step.unit || window.amount % step.amount != 0 || window.amount / step.amount > kMaximumPanes)
        return fail(reader.error(reader.take("step"),
                                 "step: the window must be a whole number of steps, 1,000 at most, and "
                                 "both in days, both in hours, or both in rows"));
    return {};
}

Status readSource(MapReader& reader, MonitorDefinition& out) {
    PH_TRY(reader.text("query", out.query));
    if (const auto parsed = predictions::parseQuery(out.query); !parsed)
        return fail(reader.error(reader.take("query"), "query: " + parsed.error().message));
    PH_TRY(reader.text("reference", out.reference));
    const bool known = out.reference == "champion" || out.reference == "newest" || out.reference == "previous" ||
                       (out.reference.starts_with("version ") && out.reference.size() > 8);
    if (out.reference == "previous" && countsRows(out))
        return fail(reader.error(reader.take("reference"),
                                 "reference: the window before is known for windows by time "
                                 "only"));
    if (known) return {};
    return fail(reader.error(reader.take("reference"), "reference: \"" + out.reference +
                                                           "\" is not one of champion, newest, previous, version V"));
}

Result<MonitorDefinition> readMonitor(const YAML::Node& node, const std::string& file) {
    MapReader reader(node, file);
    if (!node.IsMap()) return fail(reader.error(node, "a monitor's keys are expected"));
    MonitorDefinition out;
    PH_TRY(reader.text("name", out.name, true));
    PH_TRY(reader.text("model", out.model, true));
    PH_TRY(readKind(reader, out));
    PH_TRY(reader.text("description", out.description));
    out.alert = out.name;
    PH_TRY(reader.text("alert", out.alert));
    if (looksBack(out.kind)) out.window = "day";
    PH_TRY(readWindow(reader, out));
    PH_TRY(readSource(reader, out));
    PH_TRY(reader.duration("maturity", out.maturity));
    PH_TRY(reader.list("columns", out.columns));
    PH_TRY(reader.list("cluster", out.cluster));
    PH_TRY(reader.number("false_alarm_rate", out.options.falseAlarmRate, 1e-6, 0.5));
    PH_TRY(reader.number("minimum_effect", out.options.minimumEffect, 0, 100));
    PH_TRY(reader.numbers("minimum_effects", out.minimumEffects));
    PH_TRY(reader.number("minimum_missing_effect", out.options.minimumMissingEffect, 0, 1));
    PH_TRY(reader.number("power", out.options.power, 0.01, 0.999));
    PH_TRY(reader.integer("resamples", out.options.resamples, 100, 100'000));
    PH_TRY(reader.number("limit", out.limit, 0, 1));
    PH_TRY(readPersistence(reader, out));
    std::string severity = ports::toString(out.severity);
    PH_TRY(reader.word("severity", severity, {"info", "warning", "alarm"}));
    out.severity = *ports::severityFrom(severity);
    PH_TRY(reader.labels("labels", out.labels, {"alertname", "model", "monitor", "severity"}));
    PH_TRY(reader.labels("annotations", out.annotations, {"summary"}));
    PH_TRY(reader.text("triggers", out.triggers));
    PH_TRY(reader.duration("cool_down", out.coolDown));
    PH_TRY(reader.integer("reference_windows", out.referenceWindows, 2, 1'000));
    PH_TRY(readChecks(reader, out));
    PH_TRY(reader.ranges("ranges", out.ranges));
    PH_TRY(reader.nothingElse());
    out.source = YAML::Dump(node) + "\n";
    return out;
}

}  // namespace

Result<std::vector<MonitorDefinition>> parseMonitors(std::string_view yaml, const std::string& file) {
    if (yaml.size() > kMaximumBytes) return fail(Error::invalid("more than 1 MiB of monitors", file));
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (!root.IsMap())
            return fail(Error::invalid("a monitor's keys, or a list under \"monitors\", is expected", file));
        std::vector<MonitorDefinition> out;
        const YAML::Node list = root["monitors"];
        if (!list.IsDefined()) {
            PH_ASSIGN(auto monitor, readMonitor(root, file));
            out.push_back(std::move(monitor));
            return out;
        }
        if (!list.IsSequence()) return fail(Error::invalid("monitors: a list is expected", file));
        if (list.size() > kMaximumMonitors) return fail(Error::invalid("more than 1,000 monitors", file));
        if (root.size() != (root["inhibit_rules"].IsDefined() ? 2u : 1u))
            return fail(Error::invalid("only the key \"inhibit_rules\" may stand beside a list of monitors", file));
        PH_TRY(parseInhibitRules(yaml, file));
        std::set<std::string> names;
        for (const YAML::Node& node : list) {
            PH_ASSIGN(auto monitor, readMonitor(node, file));
            if (!names.insert(monitor.name).second)
                return fail(Error::invalid("the monitor \"" + monitor.name + "\" is declared twice",
                                           file + ":" + std::to_string(node.Mark().line + 1)));
            out.push_back(std::move(monitor));
        }
        return out;
    } catch (const YAML::Exception& e) {
        return fail(Error::invalid(e.msg, e.mark.is_null() ? file : file + ":" + std::to_string(e.mark.line + 1)));
    } catch (const std::exception& e) {
        return fail(Error::invalid(e.what(), file));
    }
}

}  // namespace pilothouse::monitoring
