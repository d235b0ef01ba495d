// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/performance_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/monitoring/monitor.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/verdict.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::items {

namespace {

constexpr std::size_t kMostVersions = 6;
constexpr std::size_t kMostWindows = 2000;
constexpr std::uint64_t kReferenceRows = 50'000, kLeastReference = 300, kLeastOfAClass = 30;
constexpr Duration kReferenceTime = std::chrono::hours(24 * 28);
constexpr double kCurveSteps = 200;  // a picture is not wider
constexpr std::size_t kReliabilityBins = 10, kScatterPoints = 1500, kResidualBins = 40;
constexpr int kWindowResamples = 100, kOverallResamples = 400;

/// Labelled rows as the statistics want them: outcomes of a binary model are 1 above 0.5.
struct Split {
    std::vector<double> outcomes;
    std::uint64_t labelled = 0;
};
Split outcomesOf(const ScoredRows& rows, PerformanceTask task) {
    Split out{rows.outcomes, 0};
    for (double& o : out.outcomes) {
        if (std::isnan(o)) continue;
        ++out.labelled;
        if (task == PerformanceTask::Binary) o = o > 0.5 ? 1 : 0;
    }
    return out;
}

/// Not registered: the rows say what they are.
PerformanceTask inferredTask(const ScoredRows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows.scores[i] < 0 || rows.scores[i] > 1) return PerformanceTask::Regression;
        const double o = rows.outcomes[i];
        if (!std::isnan(o) && o != 0 && o != 1) return PerformanceTask::Regression;
    }
    return PerformanceTask::Binary;
}

void describe(VersionPerformance& v, const PerformanceContext& context, const ScoredRows& rows) {
    v.task = inferredTask(rows);
    for (const ports::ModelVersion& known : context.versions) {
        if (known.version != v.version) continue;
        v.registered = true;
        v.threshold = known.threshold;
        v.positiveClass = known.positiveClass;
        if (known.task == "binary")
            v.task = PerformanceTask::Binary;
        else if (known.task == "regression")
            v.task = PerformanceTask::Regression;
        else if (!known.task.empty())
            v.task = PerformanceTask::Other;
    }
    if (v.task == PerformanceTask::Other)
        v.problem =
            "its task is neither binary nor regression: the log holds one score a row, which says nothing of "
            "the other classes";
}

BinaryPicture pictureOf(const ScoredRows& rows, const std::vector<std::uint32_t>& clusters, double threshold) {
    BinaryPicture p;
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> ids;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (std::isnan(rows.outcomes[i])) continue;
        scores.push_back(rows.scores[i]);
        outcomes.push_back(rows.outcomes[i] > 0.5);
        if (!clusters.empty()) ids.push_back(clusters[i]);
    }
    p.labelled = scores.size();
    p.confusion = statistics::confusion(scores, outcomes, threshold);
    const auto roc = statistics::rocCurve(scores, outcomes), pr = statistics::precisionRecallCurve(scores, outcomes);
    const auto atThreshold = [&](const std::vector<statistics::CurvePoint>& curve) {
        statistics::CurvePoint at{statistics::kNaN, statistics::kNaN, threshold};
        for (const auto& point : curve)
            if (point.threshold >= threshold) at = point;
        return at;
    };
    p.rocAtThreshold = atThreshold(roc);
    p.precisionRecallAtThreshold = atThreshold(pr);
    p.roc = statistics::thinned(roc, kCurveSteps);
    p.precisionRecall = statistics::thinned(pr, kCurveSteps);
    p.auc = statistics::rocAuc(scores, outcomes);
    p.averagePrecision = statistics::averagePrecision(scores, outcomes);
    const auto positive = static_cast<double>(p.confusion.truePositive + p.confusion.falseNegative);
    p.prevalence = p.labelled == 0 ? statistics::kNaN : positive / static_cast<double>(p.labelled);
    p.reliability = statistics::reliability(scores, outcomes, ids, kReliabilityBins);
    return p;
}

RegressionPicture regressionOf(const ScoredRows& rows) {
    RegressionPicture p;
    std::vector<std::size_t> labelled;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!std::isnan(rows.outcomes[i])) labelled.push_back(i);
    p.labelled = labelled.size();
    if (labelled.empty()) return p;
    const std::size_t step = std::max<std::size_t>(1, labelled.size() / kScatterPoints);
    std::vector<double> residuals;
    for (std::size_t k = 0; k < labelled.size(); ++k) {
        const std::size_t i = labelled[k];
        residuals.push_back(rows.outcomes[i] - rows.scores[i]);
        if (k % step == 0) p.points.emplace_back(rows.scores[i], rows.outcomes[i]);
    }
    // One wild residual must not flatten all others: the bins span the middle 99 %.
    std::sort(residuals.begin(), residuals.end());
    const auto quantile = [&](double q) {
        return residuals[static_cast<std::size_t>(q * static_cast<double>(residuals.size() - 1))];
    };
    const double low = quantile(0.005), high = quantile(0.995);
    const double width = high > low ? (high - low) / kResidualBins : 1;
    for (std::size_t b = 0; b < kResidualBins; ++b)
        p.histogram.push_back({low + width * static_cast<double>(b), low + width * static_cast<double>(b + 1), 0});
    for (const double r : residuals) {
        const double place = std::clamp((r - low) / width, 0.0, static_cast<double>(kResidualBins - 1));
        ++p.histogram[static_cast<std::size_t>(place)].n;
    }
    return p;
}

/// The rows' places by window.
std::vector<std::vector<std::uint32_t>> placesByWindow(const ScoredRows& rows, const std::vector<TimeRange>& windows) {
    std::vector<std::vector<std::uint32_t>> out(windows.size());
    std::size_t last = 0;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const Timestamp t{rows.times[i]};
        if (last >= windows.size() || !windows[last].contains(t)) {
            const auto it = std::upper_bound(windows.begin(), windows.end(), t,
                                             [](Timestamp a, const TimeRange& w) { return a < w.start; });
            if (it == windows.begin()) continue;
            last = static_cast<std::size_t>(it - windows.begin()) - 1;
            if (!windows[last].contains(t)) continue;
        }
        out[last].push_back(i);
    }
    return out;
}

/// The model for the estimate, and the picture of the rows that it was fitted on.
struct Fitted {
    std::optional<statistics::Cbpe> cbpe;
    TimeRange range;
};

class Measuring {
public:
    Measuring(workspace::Database& database, const PerformanceQuestion& question, const PerformanceContext& context,
              const CancellationToken& token)
        : m_database(database), m_question(question), m_context(context), m_token(token) {}

    Result<PerformanceReport> run() {
        m_report.question = m_question;
        m_report.labelDelay = m_context.labelDelay;
        PH_ASSIGN(ScoredLog log, readScored(m_database, m_question.zone,
                                            {query(), m_question.range, m_context.cluster, {}, 0, {}}, m_token));
        chooseWindows(log);
        describeClusters();
        for (const std::string& name : chosenVersions(log)) {
            PH_TRY(m_token.check());
            PH_ASSIGN(auto v, measure(name, log.versions[name]));
            m_report.rows += v.rows;
            m_report.labelled += v.labelled;
            m_report.versions.push_back(std::move(v));
        }
        std::stable_sort(m_report.versions.begin(), m_report.versions.end(),
                         [](const auto& a, const auto& b) { return a.seen.end > b.seen.end; });
        chooseShown(log);
        return std::move(m_report);
    }

private:
    [[nodiscard]] ports::Query query() const {
        if (m_question.version.empty()) return m_question.rows;
        std::string text = "(" + predictions::equalsClause("version", m_question.version);
        if (!m_question.compareWith.empty())
            text += " OR " + predictions::equalsClause("version", m_question.compareWith);
        const auto versions = predictions::parseQuery(text + ")");
        if (!versions) return m_question.rows;
        return m_question.rows.root.op == ports::QueryOp::All ? *versions
                                                              : predictions::conjunction(m_question.rows, *versions);
    }
    void chooseWindows(const ScoredLog& log) {
        std::int64_t first = kTimestampMax.ns, last = kTimestampMin.ns;
        for (const auto& [name, rows] : log.versions)
            for (const std::int64_t t : rows.times) {
                first = std::min(first, t);
                last = std::max(last, t);
            }
        if (first > last) return;
        TimeRange range{{first}, {last + 1}};
        // Windows reach to the ends of the range where it does not go far beyond the rows.
        const Duration span = range.duration();
        if (m_question.range.start > range.start - span) range.start = m_question.range.start;
        if (m_question.range.end < range.end + span) range.end = m_question.range.end;
        m_report.unit = m_question.unit.value_or(unitFor(range.duration()));
        m_windows = windowsOf(range, m_question.zone, m_report.unit);
    }
    /// A window no longer than a day holds one cluster where days are clusters.
    [[nodiscard]] bool clusteredWindows() const {
        const bool byDate =
            std::find(m_context.cluster.begin(), m_context.cluster.end(), "date") != m_context.cluster.end();
        return !byDate || m_context.cluster.size() > 1 || m_report.unit >= WindowUnit::Week;
    }
    void describeClusters() {
        if (m_context.cluster.empty()) {
            m_report.clusterWords = "rows are taken as independent (no monitor of the model names a cluster)";
            return;
        }
        std::string names;
        for (const std::string& c : m_context.cluster)
            names += (names.empty() ? "" : ", ") + c;
        m_report.clusterWords =
            "rows of one " + names + " depend on each other (monitor " + m_context.clusterSource + ")";
        if (!clusteredWindows())
            m_report.clusterWords += "; within a window, which is one such cluster, they are taken as independent";
    }
    [[nodiscard]] std::vector<std::string> chosenVersions(ScoredLog& log) const {
        std::vector<std::string> names;
        if (!m_question.version.empty()) {
            names.push_back(m_question.version);
            if (!m_question.compareWith.empty() && m_question.compareWith != m_question.version)
                names.push_back(m_question.compareWith);
            return names;
        }
        for (const auto& [name, rows] : log.versions)
            names.push_back(name);
        std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
            return log.versions[a].size() > log.versions[b].size();
        });
        if (names.size() > kMostVersions) names.resize(kMostVersions);
        return names;
    }
    void chooseShown(ScoredLog& log) {
        auto& versions = m_report.versions;
        if (versions.empty()) return;
        const auto place = [&](const std::string& name) -> std::optional<std::size_t> {
            for (std::size_t i = 0; i < versions.size(); ++i)
                if (versions[i].version == name) return i;
            return std::nullopt;
        };
        if (!m_question.version.empty()) {
            m_report.shown = place(m_question.version).value_or(0);
        } else {  // the one that scored most of the newest fifth
            const Timestamp newest = versions.front().seen.end;
            Timestamp oldest = newest;
            for (const auto& v : versions)
                oldest = std::min(oldest, v.seen.start);
            const std::int64_t from = (newest - (newest - oldest) / 5).ns;
            std::ptrdiff_t most = -1;
            for (std::size_t i = 0; i < versions.size(); ++i) {
                const auto& times = log.versions[versions[i].version].times;
                const auto n = std::count_if(times.begin(), times.end(), [&](std::int64_t t) { return t >= from; });
                if (n > most) {
                    most = n;
                    m_report.shown = i;
                }
            }
        }
        const auto compared = place(m_question.compareWith);
        if (compared && *compared != m_report.shown) m_report.compared = compared;
    }

    Result<VersionPerformance> measure(const std::string& name, const ScoredRows& rows) {
        VersionPerformance v;
        v.version = name;
        v.rows = rows.size();
        v.unscored = rows.unscored;
        describe(v, m_context, rows);
        if (rows.size() == 0) {
            v.problem = "no row in this range was scored by " + name;
            return v;
        }
        const auto [first, last] = std::minmax_element(rows.times.begin(), rows.times.end());
        v.seen = {{*first}, {*last + 1}};
        if (!v.problem.empty()) return v;
        v.labelled = outcomesOf(rows, v.task).labelled;
        auto overall = measureRows(rows, v.task, v.threshold, kOverallResamples);
        if (!overall) {
            v.problem = overall.error().text();
            return v;
        }
        v.overall = std::move(*overall);
        PH_ASSIGN(const Fitted fitted, fit(v));
        PH_TRY(measureWindows(v, rows, fitted));
        if (v.labelled == 0) return v;
        if (v.task == PerformanceTask::Binary) v.binary = pictureOf(rows, rows.clusters, v.threshold);
        if (v.task == PerformanceTask::Regression) v.regression = regressionOf(rows);
        return v;
    }

    Status measureWindows(VersionPerformance& v, const ScoredRows& rows, const Fitted& fitted) {
        const auto places = placesByWindow(rows, m_windows);
        for (std::size_t w = 0; w < m_windows.size(); ++w) {
            PH_TRY(m_token.check());
            if (places[w].empty()) continue;
            ScoredRows part = rows.picked(places[w]);
            if (!clusteredWindows()) part.clusters.clear();
            WindowPerformance out;
            out.window = m_windows[w];
            out.rows = part.size();
            out.labelled = outcomesOf(part, v.task).labelled;
            out.mature = out.window.end + m_context.labelDelay <= m_question.now;
            PH_ASSIGN(out.metrics, measureRows(part, v.task, v.threshold, kWindowResamples));
            if (fitted.cbpe && out.window.start >= fitted.range.end) estimate(v, part, fitted, out);
            v.windows.push_back(std::move(out));
        }
        return {};
    }
    static void estimate(const VersionPerformance& v, const ScoredRows& part, const Fitted& fitted,
                         WindowPerformance& out) {
        std::vector<std::uint8_t> called(part.size());
        for (std::size_t i = 0; i < part.size(); ++i)
            called[i] = part.scores[i] >= v.threshold;
        const auto estimates = fitted.cbpe->estimate(part.scores, called);
        if (!estimates) return;
        out.estimates = estimates->metrics;
        out.outsideReference = estimates->outsideReference;
    }

    /// CBPE on the version's first labelled rows in the log, whatever the lens looks at.
    Result<Fitted> fit(VersionPerformance& v) {
        Fitted out;
        if (v.task != PerformanceTask::Binary) {
            v.estimateNote = "there is no estimate without labels for a regression here";
            return out;
        }
        const auto query = predictions::parseQuery(predictions::equalsClause("model", m_question.model) + " " +
                                                   predictions::equalsClause("version", v.version) + " labelled");
        if (!query || m_question.model.empty()) {
            v.estimateNote = "no estimate without labels: the lens holds all models; choose one";
            return out;
        }
        PH_ASSIGN(
            ScoredLog log,
            readScored(m_database, m_question.zone,
                       {*query, TimeRange::all(), m_context.cluster, {}, kReferenceRows, kReferenceTime}, m_token));
        const ScoredRows& all = log.versions[v.version];
        std::vector<std::uint32_t> places;
        const std::int64_t end =
            all.times.empty() ? 0 : *std::min_element(all.times.begin(), all.times.end()) + kReferenceTime.count();
        std::uint64_t positives = 0;
        for (std::uint32_t i = 0; i < all.size() && places.size() < kReferenceRows; ++i) {
            if (all.times[i] >= end) continue;
            places.push_back(i);
            positives += all.outcomes[i] > 0.5;
        }
        const ScoredRows rows = all.picked(places);
        const std::uint64_t negatives = rows.size() - positives;
        if (rows.size() < kLeastReference || std::min(positives, negatives) < kLeastOfAClass) {
            v.estimateNote = "no estimate without labels: the first 28 days of " + v.version + " in the log hold " +
                             std::to_string(rows.size()) + " labelled rows (" + std::to_string(positives) +
                             " positive); at least 300 with 30 of each class are needed as its reference";
            return out;
        }
        std::vector<std::uint8_t> called(rows.size()), outcomes(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            called[i] = rows.scores[i] >= v.threshold;
            outcomes[i] = rows.outcomes[i] > 0.5;
        }
        auto fitted = statistics::Cbpe::fit(rows.scores, called, outcomes);
        if (!fitted) {
            v.estimateNote = "no estimate without labels: " + fitted.error().text();
            return out;
        }
        const auto [first, last] = std::minmax_element(rows.times.begin(), rows.times.end());
        out.range = {{*first}, {*last + 1}};
        out.cbpe = std::move(*fitted);
        v.reference = EstimateReference{out.range, rows.size(), out.cbpe->calibrated()};
        v.referencePicture = pictureOf(rows, rows.clusters, v.threshold);
        v.estimateNote = "windows that begin before the end of the reference get no estimate";
        return out;
    }

    workspace::Database& m_database;
    const PerformanceQuestion& m_question;
    const PerformanceContext& m_context;
    const CancellationToken& m_token;
    std::vector<TimeRange> m_windows;
    PerformanceReport m_report;
};

}  // namespace

Result<PerformanceContext> performanceContext(workspace::Database& database, const std::string& model) {
    PerformanceContext out;
    PH_ASSIGN(out.versions, workspace::registry::versions(database, model));
    PH_ASSIGN(auto rows,
              database.prepare("SELECT definition FROM monitor WHERE removed IS NULL AND model = ?1 ORDER BY name"));
    rows.bindAll(model);
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        const auto monitors = monitoring::parseMonitors(rows.text(0), "monitor");
        if (!monitors) continue;  // its words are missing then; the rows can be measured without
        for (const monitoring::MonitorDefinition& m : *monitors) {
            if (m.kind != monitoring::MonitorKind::Performance) continue;
            out.labelDelay = m.maturity;
            out.cluster = m.cluster;
            out.clusterSource = m.name;
        }
    }
}

Result<std::vector<statistics::MetricValue>> measureRows(const ScoredRows& rows, PerformanceTask task, double threshold,
                                                         int resamples) {
    std::vector<statistics::MetricValue> none;
    const Split split = outcomesOf(rows, task);
    if (split.labelled == 0) return none;
    const statistics::MetricOptions options{threshold, resamples, 1};
    if (task == PerformanceTask::Regression) {
        PH_ASSIGN(auto labelled, statistics::labelledRegression(rows.scores, split.outcomes, rows.clusters));
        return statistics::measureRegression(labelled, 0.5, options);
    }
    PH_ASSIGN(auto labelled, statistics::labelledRows(rows.scores, split.outcomes, rows.clusters));
    return statistics::measureBinary(labelled, options);
}

Result<PerformanceReport> measurePerformance(workspace::Database& database, const PerformanceQuestion& question,
                                             const PerformanceContext& context, const CancellationToken& token) {
    return Measuring(database, question, context, token).run();
}

WindowUnit unitFor(Duration range) {
    using std::chrono::hours;
    if (range <= hours(49)) return WindowUnit::Hour;
    if (range <= hours(24 * 71)) return WindowUnit::Day;
    if (range <= hours(24 * 732)) return WindowUnit::Week;
    return WindowUnit::Month;
}

std::vector<TimeRange> windowsOf(TimeRange range, const Zone& zone, WindowUnit unit) {
    std::vector<TimeRange> out;
    const auto next = [&](Timestamp t) {
        switch (unit) {
            case WindowUnit::Hour:
                return t + std::chrono::hours(1);
            case WindowUnit::Day:
                return zone.nextMidnight(t);
            case WindowUnit::Week:
                return zone.addDays(t, 7);
            case WindowUnit::Month:
                break;
        }
        return zone.addMonths(t, 1);
    };
    Timestamp start = zone.startOfDay(range.start);
    if (unit == WindowUnit::Hour) start = start + (range.start - start) / std::chrono::hours(1) * std::chrono::hours(1);
    if (unit == WindowUnit::Week) start = zone.startOfWeek(range.start);
    if (unit == WindowUnit::Month) {
        CivilDate first = zone.date(range.start);
        first.day = 1;
        start = zone.midnight(first);
    }
    while (start < range.end && out.size() < kMostWindows) {
        const Timestamp end = next(start);
        out.push_back({std::max(start, range.start), std::min(end, range.end)});
        start = end;
    }
    return out;
}

}  // namespace pilothouse::items
