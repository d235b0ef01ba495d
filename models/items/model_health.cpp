// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/model_health.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/items/join.h"
#include "models/monitoring/performance_metrics.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {

using statistics::State;

namespace {

constexpr std::size_t kMaxModels = 200;
constexpr std::size_t kRuns = 50;
constexpr Duration kLookBack = std::chrono::hours(24 * 35);  // weekly windows judged late still count as "latest"

ports::Query ofModel(const std::string& model) {
    ports::Query query;
    query.text = predictions::equalsClause("model", model);
    if (auto parsed = predictions::parseQuery(query.text)) query = *parsed;
    return query;
}

/// What the first question finds out: which models there are.
struct Names {
    std::map<std::string, std::string> champions;
    std::set<std::string> logged;
    std::vector<std::string> problems;
};

QFuture<Result<Names>> askNames(const Session::Ports& ports, TimeRange range, const CancellationToken& token) {
    Join<Names> join;
    if (ports.registry)
        join.like(
            ports.registry->models(token),
            [](Names& names, const std::vector<ports::ModelSummary>& models) {
                for (const auto& m : models) {
                    const auto champion = m.aliases.find(ports::kChampion);
                    names.champions[m.name] = champion == m.aliases.end() ? std::string() : champion->second;
                }
            },
            [](Names& names, const Error& error) { names.problems.push_back("registry: " + error.text()); });
    if (ports.predictions)
        join.like(
            ports.predictions->topValues({{}, range, std::string(ports::field::model), kMaxModels}, token),
            [](Names& names, const ports::TopValues& top) {
                for (const auto& v : top.values)
                    names.logged.insert(v.value);
            },
            [](Names& names, const Error& error) { names.problems.push_back("prediction log: " + error.text()); });
    return join.answer();
}

void fillTraffic(ModelHealth& health, const ports::Aggregates& got) {
    for (const auto& s : got.series) {
        if (s.measure == 0) health.traffic = s.values;
        if (s.measure == 1) health.score = s.values;
    }
}

void fillTotals(ModelHealth& health, const ports::Aggregates& got) {
    for (const auto& s : got.series) {
        if (s.values.empty()) continue;
        if (s.measure == 0) health.requests = s.values[0];
        if (s.measure == 1) health.errorShare = s.values[0];
        if (s.measure == 2) health.p95Ms = s.values[0];
    }
}

void askModel(Join<OverviewSnapshot>& join, const Session::Ports& ports, const OverviewRequest& request,
              std::size_t index, const std::string& model, const CancellationToken& token) {
    const auto missed = [model](OverviewSnapshot& s, const Error& error) {
        s.problems.push_back(model + ": " + error.text());
    };
    if (ports.predictions) {
        using ports::Measure;
        const std::string score(ports::field::score), latency(ports::field::latencyMs);
        if (request.edges.size() > 1)
            join.like(
                ports.predictions->aggregate(
                    {ofModel(model), request.edges, {{Measure::Count, {}, 0}, {Measure::Mean, score, 0}}, {}}, token),
                [index](OverviewSnapshot& s, const ports::Aggregates& got) { fillTraffic(s.models[index], got); },
                missed);
        join.like(
            ports.predictions->aggregate(
                {ofModel(model),
                 {request.range.start, request.range.end},
                 {{Measure::Count, {}, 0}, {Measure::ErrorShare, {}, 0}, {Measure::Quantile, latency, 0.95}},
                 {}},
                token),
            [index](OverviewSnapshot& s, const ports::Aggregates& got) { fillTotals(s.models[index], got); }, missed);
    }
    if (ports.registry)
        join.like(
            ports.registry->aliasHistory(model, token),
            [](OverviewSnapshot& s, std::vector<ports::AliasPeriod> periods) {
                s.aliases.insert(s.aliases.end(), periods.begin(), periods.end());
            },
            missed);
}

const ports::Run* runningOf(const std::vector<ports::Run>& runs, const std::string& model) {
    for (const auto& r : runs)
        if (r.state == ports::RunState::Running && (model.empty() || r.model == model)) return &r;
    return nullptr;
}

/// The largest drift effect, carried from weekly windows onto the sparkline's buckets.
std::vector<double> driftLine(const std::vector<ports::Evaluation>& evaluations, const std::vector<Timestamp>& edges) {
    std::vector<double> out(edges.empty() ? 0 : edges.size() - 1, statistics::kNaN);
    for (const auto& e : evaluations) {
        const auto effects = driftEffects({e});
        if (effects.empty()) continue;
        for (std::size_t i = 0; i < out.size(); ++i)
            if (e.window.overlaps({edges[i], edges[i + 1]})) out[i] = effects[0].second;
    }
    return out;
}

void finish(OverviewSnapshot& s, const OverviewRequest& request) {
    for (ModelHealth& m : s.models) {
        std::vector<ports::Evaluation> own;
        std::copy_if(s.evaluations.begin(), s.evaluations.end(), std::back_inserter(own),
                     [&](const ports::Evaluation& e) { return e.model == m.model; });
        judge(m, s.alerts, own);
        while (!m.traffic.empty() && request.edges[m.traffic.size()] > request.now)
            m.traffic.pop_back();
        m.drift = driftLine(own, request.edges);
        if (auto auc = metricOf(own); !auc.empty()) m.auc = auc.back();
        if (const ports::Run* run = runningOf(s.runs, m.model)) {
            m.runId = run->id;
            m.inProgress = run->pipeline;
            if (s.shownRun && s.shownRun->id == run->id)
                for (const auto& task : s.shownRun->tasks)
                    if (task.state == ports::TaskState::Running) m.inProgress = run->pipeline + ": " + task.name;
        }
    }
    std::stable_sort(s.models.begin(), s.models.end(), [](const ModelHealth& a, const ModelHealth& b) {
        return a.state != b.state ? a.state < b.state : a.model < b.model;
    });
    std::stable_sort(s.aliases.begin(), s.aliases.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
}

QFuture<Result<OverviewSnapshot>> askSnapshot(const Session::Ports& ports, const OverviewRequest& request,
                                              const Names& names, const CancellationToken& token) {
    OverviewSnapshot initial;
    initial.problems = names.problems;
    std::set<std::string> all = names.logged;
    for (const auto& [name, champion] : names.champions)
        all.insert(name);
    for (const std::string& name : all) {
        if (initial.models.size() >= kMaxModels) break;
        ModelHealth health;
        health.model = name;
        if (const auto known = names.champions.find(name); known != names.champions.end())
            health.version = known->second;
        health.requests = health.errorShare = health.p95Ms = statistics::kNaN;
        initial.models.push_back(std::move(health));
    }
    const std::vector<ModelHealth> models = initial.models;
    Join<OverviewSnapshot> join(std::move(initial));
    for (std::size_t i = 0; i < models.size(); ++i)
        askModel(join, ports, request, i, models[i].model, token);
    const auto missed = [](const char* what) {
        return [what](OverviewSnapshot& s, const Error& error) {
            s.problems.push_back(std::string(what) + ": " + error.text());
        };
    };
    if (ports.alerts)
        join.like(
            ports.alerts->alerts(false, token),
            [](OverviewSnapshot& s, std::vector<ports::Alert> alerts) { s.alerts = std::move(alerts); },
            missed("alerts"));
    if (ports.monitors) {
        monitoring::EvaluationsRequest evaluations;
        evaluations.range = {std::min(request.range.start, request.range.end - kLookBack), request.range.end};
        join.like(
            ports.monitors->evaluations(std::move(evaluations), token),
            [](OverviewSnapshot& s, std::vector<ports::Evaluation> got) { s.evaluations = std::move(got); },
            missed("monitors"));
    }
    if (ports.orchestrator)
        join.like(
            ports.orchestrator->runs(kRuns, token)
                .then([orchestrator = ports.orchestrator, token](Result<std::vector<ports::Run>> runs) {
                    using Both = std::pair<std::vector<ports::Run>, std::optional<ports::Run>>;
                    if (!runs) return QtFuture::makeReadyFuture(Result<Both>(fail(runs.error())));
                    if (runs->empty()) return QtFuture::makeReadyFuture(Result<Both>(Both{}));
                    const ports::Run* running = runningOf(*runs, {});
                    const std::string id = running ? running->id : runs->front().id;
                    return orchestrator->run(id, token).then(
                        [all = std::move(*runs)](Result<ports::Run> one) -> Result<Both> {
                            if (!one) return fail(one.error());
                            return Both{all, std::move(*one)};
                        });
                })
                .unwrap(),
            [](OverviewSnapshot& s, std::pair<std::vector<ports::Run>, std::optional<ports::Run>> got) {
                s.runs = std::move(got.first);
                s.shownRun = std::move(got.second);
            },
            missed("runs"));
    return join.answer().then([request](Result<OverviewSnapshot> got) {
        if (got) finish(*got, request);
        return got;
    });
}

}  // namespace

const char* toString(HealthState state) {
    switch (state) {
        case HealthState::Alarm:
            return "alarm";
        case HealthState::Warning:
            return "warning";
        case HealthState::Ok:
            return "ok";
        case HealthState::Unknown:
            break;
    }
    return "unknown";
}

bool ModelHealth::operator==(const ModelHealth& o) const {
    // NaN equals NaN here: an unchanged row is not painted again.
    const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    const auto sameLine = [&same](const std::vector<double>& a, const std::vector<double>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    };
    const auto sameAuc = [&same](const WindowMetric& a, const WindowMetric& b) {
        return a.window == b.window && same(a.value, b.value) && same(a.low, b.low) && same(a.high, b.high) &&
               same(a.limit, b.limit);
    };
    return model == o.model && version == o.version && state == o.state && why == o.why && same(requests, o.requests) &&
           same(errorShare, o.errorShare) && same(p95Ms, o.p95Ms) && inProgress == o.inProgress && firing == o.firing &&
           auc.has_value() == o.auc.has_value() && (!auc || sameAuc(*auc, *o.auc)) && sameLine(traffic, o.traffic) &&
           sameLine(score, o.score) && sameLine(drift, o.drift);
}

std::string watchedMetric(const std::vector<ports::Evaluation>& evaluations) {
    std::string out;
    Timestamp newest = kTimestampMin;
    for (const auto& e : evaluations) {
        if (e.kind != "performance") continue;
        for (const auto& f : e.findings) {
            if (f.check == "auc") return f.check;
            if (!monitoring::isMetric(f.check) || e.window.start < newest) continue;
            newest = e.window.start;
            out = f.check;
        }
    }
    return out;
}

std::vector<WindowMetric> metricOf(const std::vector<ports::Evaluation>& evaluations, std::string_view metric) {
    std::vector<WindowMetric> out;
    for (const auto& e : evaluations) {
        if (e.kind != "performance") continue;
        for (const auto& f : e.findings) {
            const auto& v = f.verdict;
            if (f.check != metric || !std::isfinite(v.statistic)) continue;
            // A verdict's interval is of its effect: the distance from the reference, of a loss in parts of that.
            const bool loss = monitoring::lowerIsBetter(f.check);
            const double reference = loss ? v.statistic / (1 + v.effect) : v.statistic - v.effect;
            const auto at = [&](double effect) { return loss ? reference * (1 + effect) : reference + effect; };
            out.push_back({e.window, e.version, v.statistic, at(v.effectLow), at(v.effectHigh), v.threshold,
                           f.missingShare, v.nCurrent});
        }
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const WindowMetric& a, const WindowMetric& b) { return a.window.start < b.window.start; });
    return out;
}

std::vector<std::pair<Timestamp, double>> driftEffects(const std::vector<ports::Evaluation>& evaluations) {
    std::vector<std::pair<Timestamp, double>> out;
    for (const auto& e : evaluations) {
        if (e.kind != "drift") continue;
        double largest = statistics::kNaN;
        for (const auto& f : e.findings)
            if (f.check == "drift" && std::isfinite(f.verdict.effect)) largest = std::fmax(largest, f.verdict.effect);
        if (!std::isnan(largest)) out.emplace_back(e.window.start + e.window.duration() / 2, largest);
    }
    return out;
}

Duration labelMaturity(const std::vector<ports::Evaluation>& evaluations) {
    std::optional<Duration> shortest;
    for (const auto& e : evaluations)
        if (e.kind == "performance" && e.evaluatedAt >= e.window.end)
            shortest = std::min(shortest.value_or(e.evaluatedAt - e.window.end), e.evaluatedAt - e.window.end);
    return shortest.value_or(std::chrono::hours(36));
}

void judge(ModelHealth& health, const std::vector<ports::Alert>& alerts,
           const std::vector<ports::Evaluation>& evaluations) {
    std::vector<std::string> reasons;
    bool alarm = false, warning = false;
    for (const auto& a : alerts) {
        if (a.model != health.model || a.state != ports::AlertState::Firing) continue;
        ++health.firing;
        if (a.suppressed()) continue;
        alarm = alarm || a.severity == ports::Severity::Alarm;
        warning = warning || a.severity == ports::Severity::Warning;
        if (a.severity != ports::Severity::Info) reasons.push_back(a.name);
    }
    std::map<std::string, const ports::Evaluation*> latest;
    for (const auto& e : evaluations)
        if (e.model == health.model) {
            auto& place = latest[e.monitor];
            if (!place || place->window.start < e.window.start) place = &e;
        }
    std::size_t judged = 0;
    std::string unknown;
    for (const auto& [monitor, e] : latest) {
        if (e->state == State::Ok || e->state == State::Drift)
            ++judged;
        else if (unknown.empty())
            unknown = e->summary;
    }
    if (alarm || warning) {
        health.state = alarm ? HealthState::Alarm : HealthState::Warning;
        for (const auto& r : reasons)
            health.why += (health.why.empty() ? "" : " · ") + r;
        for (const auto& [monitor, e] : latest)
            if (e->kind == "drift" && e->state == State::Drift) {
                const auto columns = std::count_if(e->findings.begin(), e->findings.end(), [](const ports::Finding& f) {
                    return f.check == "drift" && f.verdict.state == State::Drift;
                });
                const auto of = std::count_if(e->findings.begin(), e->findings.end(),
                                              [](const auto& f) { return f.check == "drift"; });
                if (columns > 0)
                    health.why += " · " + std::to_string(columns) + " of " + std::to_string(of) + " columns drift";
            }
    } else if (judged > 0) {
        health.state = HealthState::Ok;
    } else {
        health.state = HealthState::Unknown;
        health.why = !unknown.empty() ? unknown : latest.empty() ? "no monitor has judged it yet" : "not enough data";
    }
}

QFuture<Result<OverviewSnapshot>> loadOverview(const Session::Ports& ports, OverviewRequest request,
                                               CancellationToken token) {
    return askNames(ports, request.range, token)
        .then([ports, request = std::move(request), token](Result<Names> names) {
            if (!names) return QtFuture::makeReadyFuture(Result<OverviewSnapshot>(fail(names.error())));
            return askSnapshot(ports, request, *names, token);
        })
        .unwrap();
}

}  // namespace pilothouse::items
