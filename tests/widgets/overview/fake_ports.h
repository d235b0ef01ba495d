// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>
#include <cmath>

#include "models/items/session.h"

/// Ports that answer from formulas, so that views can be driven without a store. Only for tests.
namespace pilothouse::test {

inline Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }
inline constexpr Duration kDay = std::chrono::hours(24);

template <class T>
QFuture<Result<T>> ready(Result<T> value) {
    return QtFuture::makeReadyFuture(std::move(value));
}

/// 40 requests an hour from 1 January 2013 until `until`; scored from April on.
class FakeLog final : public ports::PredictionLog {
public:
    TimeRange data{at("2013-01-01T05:00:00Z"), at("2013-07-10T04:00:00Z")};
    std::vector<std::string> models{"delay"};
    std::optional<Error> error;
    int aggregates = 0;
    bool held = false;  ///< answers wait for release()
    std::vector<std::function<void()>> waiting;
    std::vector<ports::AggregateRequest> asked;

    void release() {
        held = false;
        for (auto& w : std::exchange(waiting, {}))
            w();
    }
    double value(const ports::MeasureSpec& m, TimeRange bucket) const {
        const TimeRange known{std::max(bucket.start, data.start), std::min(bucket.end, data.end)};
        const double hours = known.empty() ? 0 : static_cast<double>(known.duration().count()) / 3.6e12;
        if (m.measure == ports::Measure::Count || m.measure == ports::Measure::Sum) return std::round(40 * hours);
        if (hours == 0) return std::nan("");
        const bool scored = bucket.end > at("2013-04-01T04:00:00Z");
        const double day = static_cast<double>((bucket.start - data.start).count()) / 8.64e13;
        switch (m.measure) {
            case ports::Measure::ErrorShare:
                return scored ? 0.002 : std::nan("");
            case ports::Measure::PositiveShare:
                return 0.23 + 0.1 * std::sin(day * 0.7);
            case ports::Measure::MissingShare:
                return 0.01;
            case ports::Measure::Quantile:
                if (!scored) return std::nan("");
                return m.field == "latency_ms" ? 1 + m.quantile
                                               : 0.25 + (m.quantile - 0.5) * 0.4 + 0.05 * std::sin(day);
            default:
                return scored ? 0.25 + 0.05 * std::sin(day) : std::nan("");
        }
    }
    QFuture<Result<ports::Aggregates>> aggregate(ports::AggregateRequest request, CancellationToken token) override {
        ++aggregates;
        asked.push_back(request);
        if (error) return ready(Result<ports::Aggregates>(fail(*error)));
        ports::Aggregates out;
        for (std::size_t m = 0; m < request.measures.size(); ++m) {
            ports::AggregateSeries s{{}, m, {}};
            for (std::size_t i = 0; i + 1 < request.edges.size(); ++i)
                s.values.push_back(value(request.measures[m], {request.edges[i], request.edges[i + 1]}));
            out.series.push_back(std::move(s));
        }
        if (!held) return ready(Result<ports::Aggregates>(std::move(out)));
        auto promise = std::make_shared<QPromise<Result<ports::Aggregates>>>();
        promise->start();
        waiting.push_back([promise, out, token] {
            promise->addResult(token.cancelled() ? Result<ports::Aggregates>(fail(Error::cancelled()))
                                                 : Result<ports::Aggregates>(out));
            promise->finish();
        });
        return promise->future();
    }
    QFuture<Result<ports::TopValues>> topValues(ports::TopValuesRequest, CancellationToken) override {
        if (error) return ready(Result<ports::TopValues>(fail(*error)));
        ports::TopValues out;
        for (const auto& m : models)
            out.values.push_back({m, 1'000});
        return ready(Result<ports::TopValues>(std::move(out)));
    }
    QFuture<Result<Extent>> extent(CancellationToken) override {
        return ready(Result<Extent>(Extent{data, models.empty() ? 0u : 180'000u, {}}));
    }
    std::vector<ports::FieldInfo> fieldsKnown;  ///< the fields it says it has
    QFuture<Result<std::vector<ports::FieldInfo>>> fields(CancellationToken) override {
        return ready(Result<std::vector<ports::FieldInfo>>(fieldsKnown));
    }
    QFuture<Result<ports::SearchPage>> search(ports::SearchRequest, CancellationToken) override {
        return ready(Result<ports::SearchPage>{});
    }
    QFuture<Result<std::uint64_t>> count(ports::Query, TimeRange, CancellationToken) override {
        return ready(Result<std::uint64_t>(0));
    }
    QFuture<Result<ports::TimeCounts>> timeCounts(ports::TimeCountsRequest, CancellationToken) override {
        return ready(Result<ports::TimeCounts>{});
    }
    QFuture<Result<std::vector<ports::FeatureCounts>>> featureCounts(ports::FeatureCountsRequest,
                                                                     CancellationToken) override {
        return ready(Result<std::vector<ports::FeatureCounts>>{});
    }
};

class FakeRegistry final : public ports::ModelRegistry {
public:
    std::vector<ports::ModelSummary> all{{"delay", 3, {{ports::kChampion, "v3"}}, {}}};
    QFuture<Result<std::vector<ports::ModelSummary>>> models(CancellationToken) override {
        return ready(Result<std::vector<ports::ModelSummary>>(all));
    }
    QFuture<Result<std::vector<ports::ModelVersion>>> versions(std::string, CancellationToken) override {
        return ready(Result<std::vector<ports::ModelVersion>>{});
    }
    QFuture<Result<std::vector<ports::AliasPeriod>>> aliasHistory(std::string model, CancellationToken) override {
        std::vector<ports::AliasPeriod> out;
        if (model == "delay")
            out = {{"delay", ports::kChampion, "v1", at("2013-04-01T04:30:00Z"), at("2013-05-01T04:30:00Z"),
                    "pipeline run 1", "first version"},
                   {"delay", ports::kChampion, "v2", at("2013-05-01T04:30:00Z"), at("2013-06-13T06:30:00Z"),
                    "pipeline run 2", "AUC difference 0.012 (0.004 – 0.021)"},
                   {"delay",
                    ports::kChampion,
                    "v3",
                    at("2013-06-13T06:30:00Z"),
                    {},
                    "pipeline run 41",
                    "AUC difference 0.031 (0.018 – 0.044)"}};
        return ready(Result<std::vector<ports::AliasPeriod>>(std::move(out)));
    }
    QFuture<Result<void>> setAlias(std::string, std::string, std::string, std::string, std::string) override {
        return ready(Result<void>{});
    }
    QFuture<Result<void>> removeAlias(std::string, std::string, std::string, std::string) override {
        return ready(Result<void>{});
    }
    QFuture<Result<void>> setTag(std::string, std::string, std::string, std::optional<std::string>,
                                 std::string) override {
        return ready(Result<void>{});
    }
    QFuture<Result<QByteArray>> artifact(std::string, CancellationToken) override {
        return ready(Result<QByteArray>{});
    }
};

inline ports::Alert alert(std::int64_t id, const char* model, const char* name, ports::Severity severity,
                          ports::AlertState state, Timestamp since) {
    ports::Alert a;
    a.id = id;
    a.model = model;
    a.name = name;
    a.monitor = std::string(model) + "-" + name;
    a.severity = severity;
    a.state = state;
    a.pendingSince = a.firingSince.emplace(since);
    if (state == ports::AlertState::Resolved) a.resolvedAt = since + 5 * kDay;
    a.window = {since - 7 * kDay, since};
    a.annotations["summary"] = "7 of 18 columns drift, most: temp_f 2.1 σ";
    return a;
}

class FakeAlerts final : public ports::AlertSource {
public:
    std::vector<ports::Alert> all;
    QFuture<Result<std::vector<ports::Alert>>> alerts(bool, CancellationToken) override {
        return ready(Result<std::vector<ports::Alert>>(all));
    }
    QFuture<Result<std::vector<ports::Silence>>> silences(CancellationToken) override {
        return ready(Result<std::vector<ports::Silence>>{});
    }
    QFuture<Result<std::string>> silence(ports::Silence) override { return ready(Result<std::string>(std::string())); }
    QFuture<Result<void>> expireSilence(std::string) override { return ready(Result<void>{}); }
};

class FakeRuns final : public ports::Orchestrator {
public:
    std::vector<ports::Run> all;  ///< newest first
    QFuture<Result<std::vector<ports::PipelineInfo>>> pipelines(CancellationToken) override {
        return ready(Result<std::vector<ports::PipelineInfo>>{});
    }
    QFuture<Result<std::vector<ports::Run>>> runs(std::size_t, CancellationToken) override {
        return ready(Result<std::vector<ports::Run>>(all));
    }
    QFuture<Result<ports::Run>> run(std::string id, CancellationToken) override {
        for (const auto& r : all)
            if (r.id == id) return ready(Result<ports::Run>(r));
        return ready(Result<ports::Run>(fail(ErrorKind::NotFound, "no run " + id)));
    }
    QFuture<Result<std::vector<ports::LogLine>>> log(std::string, std::string, std::int64_t,
                                                     CancellationToken) override {
        return ready(Result<std::vector<ports::LogLine>>{});
    }
    QFuture<Result<std::string>> trigger(std::string, std::map<std::string, std::string>, std::string) override {
        return ready(Result<std::string>(std::string()));
    }
    QFuture<Result<void>> cancel(std::string) override { return ready(Result<void>{}); }
};

inline ports::Run run(const char* id, ports::RunState state, Timestamp created, const char* result) {
    ports::Run r;
    r.id = id;
    r.pipeline = "train-delay";
    r.model = "delay";
    r.state = state;
    r.created = created;
    r.started = created;
    r.cause = "fall of the AUC firing since 9 Jul";
    r.result = result;
    if (state != ports::RunState::Running) r.finished = created + std::chrono::minutes(30);
    const auto task = [&](const char* name, std::vector<std::string> after, ports::TaskState s) {
        ports::Task t;
        t.name = name;
        t.after = std::move(after);
        t.state = s;
        t.progress = s == ports::TaskState::Running ? 0.61 : 0;
        r.tasks.push_back(std::move(t));
    };
    using enum ports::TaskState;
    const auto later = state == ports::RunState::Running ? Waiting : Succeeded;
    task("ingest", {}, Succeeded);
    task("validate", {"ingest"}, Succeeded);
    task("split", {"validate"}, Succeeded);
    task("profile", {"split"}, Succeeded);
    task("train", {"split"}, state == ports::RunState::Running ? Running : Succeeded);
    task("evaluate", {"train"}, later);
    task("gate", {"evaluate"}, later);
    task("register", {"gate", "profile"}, later);
    task("deploy", {"register"}, later);
    return r;
}

/// Weekly AUC and drift from April on.
class FakeMonitors final : public monitoring::MonitorReader {
public:
    FakeMonitors() : MonitorReader(nullptr) {}
    std::vector<ports::Evaluation> all;
    void fill(Timestamp until) {
        for (Timestamp start = at("2013-04-01T04:00:00Z"); start + 7 * kDay <= until; start += 7 * kDay) {
            const double week = static_cast<double>((start - at("2013-04-01T04:00:00Z")).count()) / 6.048e14;
            ports::Evaluation e;
            e.monitor = "delay-performance";
            e.kind = "performance";
            e.model = "delay";
            e.version = week < 4 ? "v1" : week < 10 ? "v2" : "v3";
            e.window = {start, start + 7 * kDay};
            e.evaluatedAt = e.window.end + std::chrono::hours(36);
            if (e.evaluatedAt > until) break;
            e.state = statistics::State::Ok;
            e.summary = "AUC 0.70";
            ports::Finding f;
            f.check = "auc";
            f.verdict.statistic = 0.69 + 0.02 * std::sin(week * 1.3);
            f.verdict.effect = f.verdict.statistic - 0.7;
            f.verdict.effectLow = f.verdict.effect - 0.015;
            f.verdict.effectHigh = f.verdict.effect + 0.015;
            f.verdict.threshold = 0.66;
            f.verdict.nCurrent = 6'200;
            e.findings = {f};
            all.push_back(e);
            e.monitor = "delay-features";
            e.kind = "drift";
            e.state = statistics::State::Drift;
            e.findings.clear();
            for (const char* column : {"temp_f", "dewpoint_f", "visibility_mi"}) {
                ports::Finding d;
                d.feature = column;
                d.check = "drift";
                d.verdict.effect = 0.3 * week + 0.1 * static_cast<double>(column[0] == 't');
                d.verdict.state = statistics::State::Drift;
                e.findings.push_back(d);
            }
            all.push_back(e);
        }
    }
    QFuture<Result<std::vector<ports::Evaluation>>> evaluations(monitoring::EvaluationsRequest request,
                                                                CancellationToken) const override {
        std::vector<ports::Evaluation> out;
        for (const auto& e : all)
            if ((request.model.empty() || e.model == request.model) && e.window.overlaps(request.range) &&
                (request.kinds.empty() ||
                 std::find(request.kinds.begin(), request.kinds.end(), e.kind) != request.kinds.end()))
                out.push_back(e);
        return ready(Result<std::vector<ports::Evaluation>>(std::move(out)));
    }
};

class FakeMetrics final : public ports::MetricSource {
public:
    std::optional<Error> error;
    std::vector<ports::RangeQuery> asked;
    std::string name() const override { return "prod"; }
    QFuture<Result<ports::MetricAnswer>> range(ports::RangeQuery query, CancellationToken) override {
        asked.push_back(query);
        if (error) return ready(Result<ports::MetricAnswer>(fail(*error)));
        ports::MetricAnswer out;
        ports::MetricSeries s;
        s.name = "cores";
        for (Timestamp t = query.range.start; t < query.range.end; t += query.step) {
            s.times.push_back(t.ns);
            s.values.push_back(0.4);
        }
        out.series.push_back(std::move(s));
        return ready(Result<ports::MetricAnswer>(std::move(out)));
    }
    QFuture<Result<ports::MetricAnswer>> instant(std::string, Timestamp, CancellationToken) override {
        return ready(Result<ports::MetricAnswer>{});
    }
    QFuture<Result<std::vector<std::string>>> metricNames(CancellationToken) override {
        return ready(Result<std::vector<std::string>>{});
    }
    QFuture<Result<std::string>> check(CancellationToken) override { return ready(Result<std::string>(std::string())); }
};

/// A workspace with a simulated clock at 10 July 2013 and fake ports; `full`: with alerts, runs and evaluations.
struct Desk {
    explicit Desk(bool full = true) {
        workspace = *workspace::Workspace::create(folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                  ClockKind::Simulated, "America/New_York");
        workspace->setSimulatedNow(at("2013-07-10T04:00:00Z"));
        if (full) {
            monitors->fill(workspace->now());
            alerts->all = {alert(12, "delay", "fall of the AUC", ports::Severity::Alarm, ports::AlertState::Firing,
                                 at("2013-07-09T16:00:00Z")),
                           alert(11, "delay", "drift of features", ports::Severity::Warning, ports::AlertState::Firing,
                                 at("2013-07-08T04:00:00Z")),
                           alert(4, "delay", "fall of the AUC", ports::Severity::Alarm, ports::AlertState::Resolved,
                                 at("2013-06-12T04:00:00Z"))};
            runs->all = {run("42", ports::RunState::Running, at("2013-07-09T16:00:00Z"), ""),
                         run("41", ports::RunState::Succeeded, at("2013-06-13T06:00:00Z"), "v3 deployed"),
                         run("40", ports::RunState::Refused, at("2013-05-25T06:00:00Z"),
                             "gate refused: AUC difference 0.002 (−0.009 – 0.013), limit > 0")};
        } else {
            log->models.clear();
            log->data = {log->data.start, log->data.start};
            registry->all.clear();
        }
        items::Session::Ports all;
        all.predictions = log;
        all.registry = registry;
        all.alerts = alerts;
        all.orchestrator = runs;
        all.monitors = monitors;
        all.metrics["prod"] = metrics;
        session = std::make_unique<items::Session>(workspace, std::move(all));
        session->lens().setRange({at("2013-04-01T04:00:00Z"), at("2013-07-10T04:00:00Z")});
    }
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::shared_ptr<FakeLog> log = std::make_shared<FakeLog>();
    std::shared_ptr<FakeRegistry> registry = std::make_shared<FakeRegistry>();
    std::shared_ptr<FakeAlerts> alerts = std::make_shared<FakeAlerts>();
    std::shared_ptr<FakeRuns> runs = std::make_shared<FakeRuns>();
    std::shared_ptr<FakeMonitors> monitors = std::make_shared<FakeMonitors>();
    std::shared_ptr<FakeMetrics> metrics = std::make_shared<FakeMetrics>();
    std::unique_ptr<items::Session> session;
};

}  // namespace pilothouse::test
