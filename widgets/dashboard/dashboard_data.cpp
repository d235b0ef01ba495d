// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dashboard/dashboard_data.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/items/join.h"
#include "models/items/model_health.h"

namespace pilothouse::dashboard {

using chart::Lane;
using chart::Series;
using chart::SeriesBuffer;
using chart::StatTile;

namespace {

constexpr std::size_t kRuns = 200;
constexpr std::int64_t kPointsOfPromQl = 800;
constexpr std::size_t kMostDrifting = 5;  ///< columns of a lane

Duration promQlStep(TimeRange range) {
    return std::max<Duration>(std::chrono::seconds(1), range.duration() / kPointsOfPromQl);
}

bool same(const ports::MeasureSpec& a, const ports::MeasureSpec& b) {
    return a.measure == b.measure && a.field == b.field && a.quantile == b.quantile;
}

/// Whether the log can have a measure; an empty text, or why it cannot.
QString problemOf(const ports::MeasureSpec& m, const DashboardRequest& request) {
    const bool there = m.field.empty() || request.fields.empty() ||
                       std::ranges::find(request.fields, m.field, &ports::FieldInfo::name) != request.fields.end();
    return there ? QString() : QStringLiteral("no field \"%1\"").arg(QString::fromStdString(m.field));
}

/// All measures of a dashboard, each asked once.
struct Measures {
    std::vector<ports::MeasureSpec> all;
    std::size_t place(const ports::MeasureSpec& m) {
        for (std::size_t i = 0; i < all.size(); ++i)
            if (same(all[i], m)) return i;
        all.push_back(m);
        return all.size() - 1;
    }
};

struct Collected {
    std::optional<ports::Aggregates> lanes, periods;
    std::string logError, monitorError;
    std::vector<ports::Evaluation> evaluations;
    ports::PredictionLog::Extent extent;
    std::map<std::pair<std::size_t, std::size_t>, ports::MetricAnswer> metrics;  ///< (lane, series)
    std::map<std::size_t, std::string> metricErrors;                             ///< lane
    DashboardAnswer answer;
};

/// The period before the range, of the same length; whole days where the range is.
TimeRange periodBefore(TimeRange r) { return {r.start - r.duration(), r.start}; }

const std::vector<double>* valuesOf(const std::optional<ports::Aggregates>& got, std::size_t measure) {
    if (!got) return nullptr;
    for (const auto& s : got->series)
        if (s.measure == measure) return &s.values;
    return nullptr;
}

class Maker {
public:
    Maker(const DashboardDefinition& definition, const DashboardRequest& request, Measures measures, Collected got)
        : m_definition(definition), m_request(request), m_measures(std::move(measures)), m_got(std::move(got)) {
        m_maturity = items::labelMaturity(m_got.evaluations);
        m_metric = items::watchedMetric(m_got.evaluations);
    }
    DashboardAnswer make() {
        for (std::size_t i = 0; i < m_definition.lanes.size(); ++i)
            m_got.answer.lanes.push_back(lane(i));
        for (const auto& t : m_definition.tiles)
            m_got.answer.tiles.push_back(tile(t));
        return std::move(m_got.answer);
    }

private:
    [[nodiscard]] bool needsLabels(const ports::MeasureSpec& m) const {
        return m.measure == ports::Measure::PositiveShare;
    }
    [[nodiscard]] bool isTotal(const ports::MeasureSpec& m) const {
        return m.measure == ports::Measure::Count || m.measure == ports::Measure::Sum;
    }

    std::shared_ptr<const SeriesBuffer> samples(const ports::MeasureSpec& m) {
        const auto* values = valuesOf(m_got.lanes, m_measures.place(m));
        if (!values) return std::make_shared<SeriesBuffer>();
        const Timestamp until = needsLabels(m) ? m_request.now - m_maturity : m_request.now;
        return std::make_shared<SeriesBuffer>(
            chart::bucketSeries(m_request.buckets.edges, *values, until, isTotal(m) || needsLabels(m)));
    }
    void addMeasure(Lane& lane, const SeriesDefinition& definition) {
        Series s;
        s.name = QString::fromStdString(definition.name);
        s.draw = definition.draw;
        s.token = definition.color;
        s.values = samples(definition.source.measure);
        if (const QString problem = problemOf(definition.source.measure, m_request); !problem.isEmpty()) {
            lane.state = Lane::State::Error;
            lane.stateText = problem;
        }
        if (definition.low) s.low = samples(*definition.low), s.high = samples(*definition.high);
        if (!m_got.logError.empty()) {
            lane.state = Lane::State::Error;
            lane.stateText = QString::fromStdString(m_got.logError);
        }
        lane.series.push_back(std::move(s));
    }
    [[nodiscard]] QString metricTitle() const {
        return m_metric == "auc" ? QStringLiteral("AUC") : QString::fromStdString(m_metric);
    }
    void addPerformance(Lane& lane) {
        std::map<std::string, std::array<std::shared_ptr<SeriesBuffer>, 3>> versions;
        auto limit = std::make_shared<SeriesBuffer>();
        for (const auto& w : items::metricOf(m_got.evaluations, m_metric)) {
            auto& b = versions[w.version];
            for (auto& buffer : b)
                if (!buffer) buffer = std::make_shared<SeriesBuffer>();
            const Timestamp middle = w.window.start + w.window.duration() / 2;
            b[0]->append(middle, w.value);
            b[1]->append(middle, w.low);
            b[2]->append(middle, w.high);
            limit->append(w.window.start, w.limit);
            limit->append(w.window.end, w.limit);
        }
        for (const auto& [version, b] : versions) {
            Series s;
            s.name = version.empty() ? metricTitle() : QString::fromStdString(version);
            if (!version.empty() && m_metric != "auc") s.name += u' ' + metricTitle();
            s.draw = chart::Draw::Points;
            s.values = b[0];
            s.low = b[1];
            s.high = b[2];
            lane.series.push_back(std::move(s));
        }
        if (!limit->extremes().any()) return;
        Series line;
        line.name = QStringLiteral("limit");
        line.draw = chart::Draw::Step;
        line.values = limit;
        line.token = theme::Token::Alarm;
        lane.series.push_back(std::move(line));
    }
    void addDrift(Lane& lane, const SeriesDefinition& definition) {
        for (const std::string& column : driftingColumns(definition.source.column)) {
            auto values = std::make_shared<SeriesBuffer>();
            for (const auto& e : m_got.evaluations) {
                if (e.kind != "drift") continue;
                double effect = statistics::kNaN;
                for (const auto& f : e.findings)
                    if (f.check == "drift" && f.feature == column) effect = f.verdict.effect;
                values->append(e.window.start + e.window.duration() / 2, effect);
            }
            Series s;
            s.name = QString::fromStdString(definition.name.empty() ? column : definition.name);
            s.draw = definition.draw;
            s.token = definition.color;
            s.values = std::move(values);
            lane.series.push_back(std::move(s));
        }
    }
    /// "*": those with the largest effects in the range, as many as a lane can be read with.
    [[nodiscard]] std::vector<std::string> driftingColumns(const std::string& column) const {
        if (column != "*") return {column};
        std::map<std::string, double> largest;
        for (const auto& e : m_got.evaluations)
            for (const auto& f : e.findings)
                if (e.kind == "drift" && f.check == "drift" && m_request.range.overlaps(e.window) &&
                    std::isfinite(f.verdict.effect))
                    largest[f.feature] = std::max(largest[f.feature], f.verdict.effect);
        std::vector<std::pair<std::string, double>> bySize(largest.begin(), largest.end());
        std::ranges::stable_sort(bySize, std::greater(), &std::pair<std::string, double>::second);
        std::vector<std::string> out;
        for (const auto& [name, effect] : bySize)
            if (out.size() < kMostDrifting) out.push_back(name);
        return out;
    }
    void addMetrics(Lane& lane, std::size_t laneIndex, std::size_t index, const SeriesDefinition& definition) {
        const auto found = m_got.metrics.find({laneIndex, index});
        if (found == m_got.metrics.end()) return;
        for (const auto& metric : found->second.series) {
            Series s;
            QString labels;
            for (const auto& [key, value] : metric.labels)
                labels +=
                    (labels.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromStdString(key + "=" + value);
            s.colorName = QString::fromStdString(definition.name) + labels;
            s.name = definition.name.empty() || found->second.series.size() > 1
                         ? (labels.isEmpty() ? QString::fromStdString(metric.name) : labels)
                         : QString::fromStdString(definition.name);
            s.draw = definition.draw;
            s.token = found->second.series.size() > 1 ? std::nullopt : definition.color;
            s.values = std::make_shared<SeriesBuffer>(metric.times, metric.values);
            s.maxGap = promQlStep(m_request.range) * 5 / 2;
            lane.series.push_back(std::move(s));
        }
    }
    Lane lane(std::size_t index) {
        const LaneDefinition& d = m_definition.lanes[index];
        Lane lane;
        lane.title = QString::fromStdString(d.title);
        lane.note = QString::fromStdString(d.note);
        lane.kind = d.kind;
        lane.fromZero = d.fromZero;
        lane.stretch = d.stretch;
        lane.limits = d.limits;
        bool measures = false, monitors = false;
        for (std::size_t i = 0; i < d.series.size(); ++i) {
            const SeriesDefinition& s = d.series[i];
            switch (s.source.kind) {
                case Source::Kind::Measure:
                    addMeasure(lane, s), measures = true;
                    break;
                case Source::Kind::Monitor:
                    s.source.monitorKind == "performance" ? addPerformance(lane) : addDrift(lane, s);
                    monitors = true;
                    break;
                case Source::Kind::PromQl:
                    addMetrics(lane, index, i, s);
                    break;
            }
        }
        if (measures) {
            const QString by = QStringLiteral("by ") + chart::bucketWord(m_request.buckets.unit);
            lane.note = lane.note.isEmpty() ? by : by + QStringLiteral(", ") + lane.note;
        }
        if (monitors && !m_request.filterNote.empty())
            lane.note += QStringLiteral(", ") + QString::fromStdString(m_request.filterNote);
        if (monitors && !m_got.monitorError.empty()) {
            lane.state = Lane::State::Error;
            lane.stateText = QString::fromStdString(m_got.monitorError);
        } else if (const auto failed = m_got.metricErrors.find(index); failed != m_got.metricErrors.end()) {
            lane.state = Lane::State::Error;
            lane.stateText = QString::fromStdString(failed->second);
        }
        if (lane.state == Lane::State::Ready &&
            std::none_of(lane.series.begin(), lane.series.end(),
                         [](const Series& s) { return s.values && s.values->extremes().any(); })) {
            lane.state = Lane::State::Empty;
            lane.stateText = monitors ? QStringLiteral("no window in this range has been judged")
                                      : QStringLiteral("no data in this range");
        }
        return lane;
    }
    /// The log reaches back over the whole period before: half a period would compare unlike lengths.
    [[nodiscard]] bool wholeBefore() const {
        const TimeRange before = periodBefore(m_request.range);
        return m_got.extent.rows > 0 && m_got.extent.range.start <= before.start + before.duration() / 50;
    }
    /// The metric over the range: the mean of its windows, weighted by their rows.
    [[nodiscard]] std::optional<double> meanMetric(TimeRange range, std::uint64_t* n) const {
        double sum = 0, weight = 0;
        for (const auto& w : items::metricOf(m_got.evaluations, m_metric)) {
            if (!range.overlaps(w.window) || w.window.end > range.end + w.window.duration() / 2) continue;
            sum += w.value * static_cast<double>(w.n);
            weight += static_cast<double>(w.n);
        }
        if (n) *n = static_cast<std::uint64_t>(weight);
        if (weight == 0) return std::nullopt;
        return sum / weight;
    }
    void fillMetricTile(StatTile::Content& c) const {
        std::uint64_t n = 0;
        const auto value = meanMetric(m_request.range, &n);
        c.stateText = QStringLiteral("no week judged yet");
        if (!value) return;
        c.state = StatTile::State::Ready;
        c.value = *value;
        if (wholeBefore()) c.previous = meanMetric(periodBefore(m_request.range), nullptr);
        c.note = QStringLiteral("mean of weeks, n ") + valueText(static_cast<double>(n), chart::ValueKind::Count);
        for (const auto& w : items::metricOf(m_got.evaluations, m_metric))
            if (m_request.range.overlaps(w.window)) c.trend.push_back(w.value);
    }
    void fillMeasureTile(StatTile::Content& c, const ports::MeasureSpec& m) {
        if (!m_got.logError.empty()) {
            c.state = StatTile::State::Error;
            c.stateText = QString::fromStdString(m_got.logError);
            return;
        }
        if (const QString problem = problemOf(m, m_request); !problem.isEmpty()) {
            c.state = StatTile::State::Error;
            c.stateText = problem;
            return;
        }
        const std::size_t place = m_measures.place(m);
        const auto* periods = valuesOf(m_got.periods, place);
        const auto* line = valuesOf(m_got.lanes, place);
        if (!periods || periods->size() < 2 || std::isnan((*periods)[1]) ||
            (m.measure == ports::Measure::Count && (*periods)[1] == 0)) {
            c.stateText = needsLabels(m) ? QStringLiteral("no labels yet") : QStringLiteral("no data");
            return;
        }
        c.state = StatTile::State::Ready;
        c.value = (*periods)[1];
        // A period before the first row is no period to compare with.
        if (wholeBefore() && !std::isnan((*periods)[0]) && !(isTotal(m) && (*periods)[0] == 0))
            c.previous = (*periods)[0];
        if (line) {
            const SeriesBuffer trend = chart::bucketSeries(m_request.buckets.edges, *line, m_request.now, isTotal(m));
            for (std::size_t i = 0; i < trend.size(); ++i)
                c.trend.push_back(trend.value(i));
        }
    }
    StatTile::Content tile(const TileDefinition& d) {
        StatTile::Content c;
        c.state = StatTile::State::Empty;
        c.note = QString::fromStdString(d.note);
        c.judged = d.better != TileDefinition::Better::Neither;
        c.lessIsBetter = d.better == TileDefinition::Better::Less;
        if (d.source.kind == Source::Kind::Measure)
            fillMeasureTile(c, d.source.measure);
        else if (d.source.monitorKind == "performance")
            fillMetricTile(c);
        if (c.state == StatTile::State::Ready && c.note.isEmpty() && c.previous)
            c.note = QStringLiteral("against the period before");
        return c;
    }

    const DashboardDefinition& m_definition;
    const DashboardRequest& m_request;
    Measures m_measures;
    Collected m_got;
    Duration m_maturity{};
    std::string m_metric;  ///< that the model is watched by
};

Measures measuresOf(const DashboardDefinition& definition, const DashboardRequest& request) {
    Measures all, out;
    for (const auto& lane : definition.lanes)
        for (const auto& s : lane.series) {
            if (s.source.kind == Source::Kind::Measure) all.place(s.source.measure);
            if (s.low) all.place(*s.low), all.place(*s.high);
        }
    for (const auto& t : definition.tiles)
        if (t.source.kind == Source::Kind::Measure) all.place(t.source.measure);
    for (const ports::MeasureSpec& m : all.all)
        if (problemOf(m, request).isEmpty()) out.place(m);
    return out;
}

void askMetrics(items::Join<Collected>& join, const items::Session::Ports& ports, const DashboardDefinition& definition,
                const DashboardRequest& request, const CancellationToken& token) {
    for (std::size_t lane = 0; lane < definition.lanes.size(); ++lane) {
        const LaneDefinition& d = definition.lanes[lane];
        for (std::size_t i = 0; i < d.series.size(); ++i) {
            if (d.series[i].source.kind != Source::Kind::PromQl) continue;
            const auto source = ports.metrics.find(d.connection);
            if (source == ports.metrics.end()) {
                join.like(
                    QtFuture::makeReadyFuture(Result<bool>(true)),
                    [lane, name = d.connection](Collected& c, bool) {
                        c.metricErrors[lane] = "this workspace has no connection \"" + name +
                                               "\"; add it with: pilothouse connect add prometheus URL --name " + name;
                    },
                    [](Collected&, const Error&) {});
                continue;
            }
            join.like(
                source->second->range({d.series[i].source.expression, request.range, promQlStep(request.range)}, token),
                [lane, i](Collected& c, ports::MetricAnswer got) {
                    c.metrics[{lane, i}] = std::move(got);
                },
                [lane](Collected& c, const Error& error) { c.metricErrors[lane] = error.text(); });
        }
    }
}

}  // namespace

QFuture<Result<DashboardAnswer>> loadDashboard(const items::Session::Ports& ports,
                                               const DashboardDefinition& definition, DashboardRequest request,
                                               CancellationToken token) {
    items::Join<Collected> join;
    const Measures measures = measuresOf(definition, request);
    const auto logFailed = [](Collected& c, const Error& error) { c.logError = error.text(); };
    if (ports.predictions && !measures.all.empty() && request.buckets.edges.size() > 1) {
        join.like(
            ports.predictions->aggregate({request.query, request.buckets.edges, measures.all, {}}, token),
            [](Collected& c, ports::Aggregates got) { c.lanes = std::move(got); }, logFailed);
        const TimeRange before = periodBefore(request.range);
        join.like(
            ports.predictions->aggregate(
                {request.query, {before.start, before.end, request.range.end}, measures.all, {}}, token),
            [](Collected& c, ports::Aggregates got) { c.periods = std::move(got); }, logFailed);
    }
    if (ports.predictions)
        join.like(
            ports.predictions->extent(token), [](Collected& c, ports::PredictionLog::Extent got) { c.extent = got; },
            logFailed);
    if (ports.monitors)
        join.like(
            ports.monitors->evaluations({request.model,
                                         {"drift", "performance"},
                                         {periodBefore(request.range).start, request.range.end},
                                         {},
                                         0,
                                         true,
                                         false},
                                        token),
            [](Collected& c, std::vector<ports::Evaluation> got) { c.evaluations = std::move(got); },
            [](Collected& c, const Error& error) { c.monitorError = error.text(); });
    const auto unseen = [](Collected&, const Error&) {};  // marks on the axis: their own views tell of errors
    if (ports.alerts)
        join.like(
            ports.alerts->alerts(false, token),
            [](Collected& c, std::vector<ports::Alert> got) { c.answer.alerts = std::move(got); }, unseen);
    if (ports.registry && !request.model.empty())
        join.like(
            ports.registry->aliasHistory(request.model, token),
            [](Collected& c, std::vector<ports::AliasPeriod> got) { c.answer.aliases = std::move(got); }, unseen);
    if (ports.orchestrator)
        join.like(
            ports.orchestrator->runs(kRuns, token),
            [](Collected& c, std::vector<ports::Run> got) { c.answer.runs = std::move(got); }, unseen);
    askMetrics(join, ports, definition, request, token);
    return join.answer().then(
        [definition, request = std::move(request), measures](Result<Collected> got) -> Result<DashboardAnswer> {
            if (!got) return fail(got.error());
            return Maker(definition, request, measures, std::move(*got)).make();
        });
}

}  // namespace pilothouse::dashboard
