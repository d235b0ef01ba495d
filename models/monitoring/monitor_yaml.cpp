// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include "models/monitoring/formula.h"
#include "models/monitoring/map_reader.h"
#include "models/monitoring/monitor.h"
#include "models/monitoring/performance_rows.h"
#include "models/monitoring/suppression.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/multiclass.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::size_t kMaximumBytes = 1 << 20;
constexpr std::size_t kMaximumMonitors = 1'000;
constexpr int kMaximumPanes = 1'000;
constexpr double kLargestLimit = 1e12;

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
    const bool together = out.kind == MonitorKind::Multivariate;
    if (together && out.checks.empty()) out.checks = {"reconstruction", "domain"};
    std::set<std::string_view> known;
    if (quality)
        known = {"missing",  "range",     "unseen",      "completeness", "type",
                 "constant", "freshness", "cardinality", "duplicates"};
    if (together) known = {"reconstruction", "domain"};
    for (const std::string& check : out.checks)
        if (!known.contains(check))
            return fail(reader.error(reader.take("checks"), "checks: \"" + check + "\" is not a check of this kind"));
    if (!quality) return {};
    PH_TRY(reader.duration("freshness", out.freshness));
    const bool fresh = std::ranges::find(out.checks, "freshness") != out.checks.end();
    if (fresh && out.freshness <= Duration::zero())
        return fail(reader.error(reader.take("checks"), "checks: freshness needs \"freshness\", such as 2h"));
    if (!fresh && out.freshness > Duration::zero())
        return fail(reader.error(reader.take("freshness"), "freshness: is not among the checks"));
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

/// The quantile of a column that must not rise.
Status readLatency(MapReader& reader, MonitorDefinition& out) {
    if (out.kind != MonitorKind::Latency) return {};
    PH_TRY(reader.number("quantile", out.quantile, 0.01, 0.9999));
    PH_TRY(reader.within("limit", out.limit, 0, kLargestLimit));
    if (out.columns.size() > 1) return fail(reader.error(reader.take("columns"), "columns: one column is expected"));
    return {};
}

/// A formula and its limit.
Status readBusiness(MapReader& reader, MonitorDefinition& out) {
    if (out.kind != MonitorKind::Business) return {};
    PH_TRY(reader.text("formula", out.formula, true));
    if (const auto parsed = parseFormula(out.formula); !parsed)
        return fail(reader.error(reader.take("formula"), "formula: " + parsed.error().message));
    PH_TRY(reader.optionalNumber("at_least", out.atLeast, -kLargestLimit, kLargestLimit));
    PH_TRY(reader.optionalNumber("at_most", out.atMost, -kLargestLimit, kLargestLimit));
    if (out.atLeast.has_value() == out.atMost.has_value())
        return fail(reader.error(reader.take("formula"), "formula: one of \"at_least\" and \"at_most\" is expected"));
    return {};
}

/// Whether a limit can be one of the metric.
Status checkLimit(MapReader& reader, MonitorDefinition& out) {
    if (out.kind == MonitorKind::Latency) return readLatency(reader, out);
    const std::string metric = checkName(out, nullptr);
    const bool loss = lowerIsBetter(metric);
    const double least = loss ? 0 : metric == "r2" ? -kLargestLimit : 0, most = loss ? kLargestLimit : 1;
    return reader.within("limit", out.limit, least, most);
}

/// What performance is measured by.
Status readMeasured(MapReader& reader, MonitorDefinition& out) {
    const bool performance = out.kind == MonitorKind::Performance || out.kind == MonitorKind::LabelFree;
    for (const char* key : {"metric", "classes", "probabilities", "predicted"})
        if (!performance && !(out.kind == MonitorKind::Score && key == std::string_view("predicted")) &&
            reader.take(key).IsDefined())
            return fail(reader.error(reader.take(key), std::string(key) + ": is no key of this kind"));
    if (reader.take("metric").IsDefined()) PH_TRY(reader.word("metric", out.metric, metricNames()));
    PH_TRY(reader.list("classes", out.classes));
    PH_TRY(reader.list("probabilities", out.probabilities));
    PH_TRY(reader.text("predicted", out.predicted));
    PH_TRY(reader.number("limit", out.limit, -kLargestLimit, kLargestLimit));
    PH_TRY(checkLimit(reader, out));
    const std::set<std::string> names(out.classes.begin(), out.classes.end());
    if (out.classes.empty() && out.kind != MonitorKind::Score) {
        for (const char* key : {"probabilities", "predicted"})
            if (reader.take(key).IsDefined())
                return fail(reader.error(reader.take(key), std::string(key) + ": goes with a list of classes"));
        return {};
    }
    if (out.classes.empty()) return {};
    if (out.classes.size() < 2 || out.classes.size() > statistics::kMostClasses || names.size() != out.classes.size())
        return fail(reader.error(reader.take("classes"), "classes: 2 to 1,000 different names are expected"));
    if (!out.probabilities.empty() && out.probabilities.size() != out.classes.size())
        return fail(reader.error(reader.take("probabilities"), "probabilities: one column a class is expected"));
    if (out.probabilities.empty() && out.predicted.empty())
        return fail(reader.error(reader.take("classes"), "classes: need \"predicted\" or \"probabilities\", too"));
    if (!out.metric.empty() && !findMetric(Task::Multiclass, out.metric))
        return fail(reader.error(reader.take("metric"), "metric: " + out.metric + " is none of several classes"));
    const bool byProbability = out.metric == "auc" || out.metric == "log_loss";
    if (byProbability && out.probabilities.empty())
        return fail(reader.error(reader.take("metric"), "metric: " + out.metric + " needs \"probabilities\""));
    return {};
}

/// What is estimated without labels, or sampled from a reference.
Status readLabelFree(MapReader& reader, MonitorDefinition& out) {
    if (out.kind != MonitorKind::LabelFree && out.kind != MonitorKind::Multivariate) return {};
    PH_TRY(reader.duration("reference_time", out.referenceTime));
    if (out.referenceTime < std::chrono::hours(1))
        return fail(reader.error(reader.take("reference_time"), "reference_time: is shorter than an hour"));
    if (countsRows(out))
        return fail(
            reader.error(reader.take("window"), "window: this kind is judged by time, not by a number of rows"));
    if (out.kind == MonitorKind::Multivariate) return {};
    if (out.reference == "previous")
        return fail(reader.error(reader.take("reference"), "reference: estimates need that of a version"));
    for (const char* known : {"auc", "accuracy", "precision", "recall", "specificity", "f1", "average_precision",
                              "macro_f1", "macro_precision", "macro_recall", "mae", "rmse", "mape"})
        if (out.metric.empty() || out.metric == known) return {};
    return fail(reader.error(reader.take("metric"), "metric: " + out.metric + " is not estimated without labels"));
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
    PH_TRY(readMeasured(reader, out));
    PH_TRY(readLabelFree(reader, out));
    PH_TRY(readBusiness(reader, out));
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
