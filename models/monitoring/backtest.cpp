// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/backtest.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <deque>

#include "models/monitoring/alert_rules.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/log_extent.h"
#include "models/monitoring/reference_choice.h"

namespace pilothouse::monitoring {

using ports::AlertState;
using ports::Evaluation;
using ports::Finding;
using statistics::State;

namespace {

Result<std::vector<TimeRange>> windowsOf(const workspace::Workspace& workspace, workspace::Database& database,
                                         const MonitorDefinition& monitor, TimeRange range,
                                         const CancellationToken& token) {
    InputsDigest none;
    Evaluation nothing;
    const EvaluationContext context{
        .database = database, .zone = workspace.zone(), .now = workspace.now(), .token = token};
    PH_ASSIGN(const auto query, queryOf(Judging{context, monitor, {}, nothing, none}));
    PH_ASSIGN(const auto extent, extentOf(database, query, {}, token));
    std::vector<TimeRange> out;
    if (!extent) return out;
    const TimeRange first = firstWindow(monitor, workspace.zone(), std::max(range.start, extent->start));
    const Timestamp until = std::min({workspace.now(), range.end, extent->end + first.duration()});
    for (const TimeRange window :
         dueWindows(monitor, workspace.zone(), first.start + monitor.maturity, until + monitor.maturity))
        if (window.start >= first.start && window.end + monitor.maturity <= workspace.now() &&
            window.start < extent->end)
            out.push_back(window);
    return out;
}

/// What a finding's statistic must reach is told by its kind of check.
enum class Rule { Interval, Point, Limit, Fall, Rise, Fixed };

Rule ruleOf(const Finding& f) {
    if (lowerIsBetter(f.check)) return Rule::Rise;
    if (f.verdict.method == "order_statistics" || f.verdict.method == "formula_at_most") return Rule::Rise;
    if (f.verdict.method == "formula_at_least") return Rule::Fall;
    if (isMetric(f.check)) return Rule::Fall;
    if (f.check == "constant") return Rule::Fixed;
    if (f.check == "range" || f.check == "unseen" || f.check == "type" || f.check == "freshness") return Rule::Limit;
    const bool point = f.verdict.method == "poisson_dispersion" || f.verdict.method == "share_between_windows" ||
                       f.verdict.method == "log_level_between_windows";
    return point ? Rule::Point : Rule::Interval;
}

/// A finding's share of the window's false-alarm rate: columns with an own minimum effect are judged apart.
std::vector<double> sharesOf(const Evaluation& e) {
    std::vector<double> out(e.findings.size(), 1);
    std::size_t drifts = 0;
    for (const Finding& f : e.findings)
        drifts += f.check == "drift";
    if (e.kind != std::string_view("drift") || drifts == 0) return out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto minimum = std::ranges::find_if(e.findings, [&](const Finding& f) {
                                 return f.check == "drift" && f.feature == e.findings[i].feature;
                             })->verdict.minimumEffect;
        const auto together = std::ranges::count_if(
            e.findings, [&](const Finding& f) { return f.check == "drift" && f.verdict.minimumEffect == minimum; });
        out[i] = static_cast<double>(together) / static_cast<double>(drifts);
    }
    return out;
}

/// Where a fixed limit is all that counts, it is moved by the minimum effect.
double minimumAt(const Finding& f, double factor, double minimumEffect) {
    const double minimum = f.verdict.minimumEffect;
    const bool bounded = ruleOf(f) == Rule::Fall || ruleOf(f) == Rule::Rise;
    return bounded && minimum == 0 ? (factor - 1) * minimumEffect : factor * minimum;
}

State stateAt(const Finding& f, double rate, double minimum) {
    const statistics::Verdict& v = f.verdict;
    if (v.state == State::Unavailable || std::isnan(v.effect)) return v.state;
    bool drift = false;
    switch (ruleOf(f)) {
        case Rule::Interval:
            drift = v.qValue <= rate && v.effectLow > minimum;
            break;
        case Rule::Point:
            drift = v.qValue <= rate && (f.check == "traffic" ? std::abs(v.effect) : v.effect) >= minimum;
            break;
        case Rule::Limit:
            drift = v.effect > minimum;
            break;
        case Rule::Fixed:
            return v.state;
        case Rule::Fall:
            drift = v.effectHigh < -minimum;
            break;
        case Rule::Rise:
            drift = v.effectLow > minimum;
            break;
    }
    if (drift) return State::Drift;
    return v.state == State::Insufficient ? State::Insufficient : State::Ok;
}

/// The chance that the finding is called a drift where there is none.
double chanceOf(const Finding& f, double rate, double least, double together) {
    const statistics::Verdict& v = f.verdict;
    const double deviation = (v.effectHigh - v.effectLow) / 3.92;
    if (v.state == State::Unavailable || !(deviation > 0)) return 0;  // a fixed rule has no chance of its own
    const double minimum = least / deviation;
    const boost::math::normal normal;
    const auto above = [&](double z) { return boost::math::cdf(boost::math::complement(normal, z)); };
    switch (ruleOf(f)) {
        case Rule::Interval:
            return std::min(rate / together, 2 * above(minimum + 1.96));
        case Rule::Point:
            return std::min(rate / together, 2 * above(minimum));
        case Rule::Limit:
        case Rule::Fixed:
            return 0;
        case Rule::Fall:
        case Rule::Rise:
            return above(minimum + 1.96);
    }
    return 0;
}

/// At least k of m, where the newest is one of them.
double chanceOfAlert(double p, int k, int m) {
    double sum = 0, choose = 1;
    for (int i = 0; i < m; ++i) {
        if (i + 1 >= k) sum += choose * std::pow(p, i) * std::pow(1 - p, m - 1 - i);
        choose *= static_cast<double>(m - 1 - i) / (i + 1);
    }
    return p * std::min(1.0, sum);
}

double stepsPerWeek(const std::vector<Evaluation>& windows) {
    constexpr double kWeek = 7 * 86'400e9;
    if (windows.size() < 2)
        return windows.empty() ? 0 : kWeek / static_cast<double>(windows.front().window.duration().count());
    const double span = static_cast<double>((windows.back().window.start - windows.front().window.start).count());
    return kWeek * static_cast<double>(windows.size() - 1) / span;
}

}  // namespace

Result<Backtest> backtest(const workspace::Workspace& workspace, workspace::Database& database,
                          const MonitorDefinition& monitor, TimeRange range,
                          const std::function<void(std::size_t, std::size_t)>& progress,
                          const CancellationToken& token) {
    if (countsRows(monitor)) return fail(Error::invalid("a backtest goes by time, and this monitor counts rows"));
    Backtest out{monitor, {}, {}, false, 0};
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto windows, windowsOf(workspace, database, monitor, range, token));
    if (windows.size() > Backtest::kMostWindows) {
        windows.erase(windows.begin(), windows.end() - static_cast<std::ptrdiff_t>(Backtest::kMostWindows));
        out.cut = true;
    }
    ReferenceChoice references(workspace, database);
    for (std::size_t i = 0; i < windows.size(); ++i) {
        PH_TRY(token.check());
        if (progress) progress(i, windows.size());
        PH_ASSIGN(const auto reference, references.of(monitor, windows[i], {}, token));
        const EvaluationContext context{.database = database,
                                        .zone = workspace.zone(),
                                        .now = windows[i].end + monitor.maturity,
                                        .champion = reference.champion.get(),
                                        .noReference = reference.problem,
                                        .seed = seedOf(kMonitorSeed, windows[i]),
                                        .token = token,
                                        .earlier = &out.windows};
        PH_ASSIGN(auto judged, evaluate(context, monitor, windows[i]));
        if (reference.champion &&
            windows[i].overlaps({{reference.champion->profile.startNs}, {reference.champion->profile.endNs}}))
            ++out.withinReference;
        out.windows.push_back(std::move(judged.evaluation));
        out.referenceSince.push_back(reference.since);
    }
    PH_TRY(snapshot.commit());
    return out;
}

statistics::Interval strengthOf(const MonitorDefinition& monitor, const Evaluation& evaluation) {
    statistics::Interval out{statistics::kNaN, statistics::kNaN, statistics::kNaN};
    for (const Finding& f : evaluation.findings) {
        const statistics::Verdict& v = f.verdict;
        const Rule rule = ruleOf(f);
        if (v.state == State::Unavailable || std::isnan(v.effect) || rule == Rule::Fixed) continue;
        // A limit that nothing is added to is met at a factor of 1, and moved by the minimum effect.
        const double unit =
            minimumAt(f, 2, monitor.options.minimumEffect) - minimumAt(f, 1, monitor.options.minimumEffect);
        const double offset = 1 - minimumAt(f, 1, monitor.options.minimumEffect) / unit;
        if (!(unit > 0)) continue;
        const double sign = rule == Rule::Fall || (rule == Rule::Point && v.effect < 0) ? -1 : 1;
        const auto times = [&](double effect) { return offset + sign * effect / unit; };
        if (!std::isnan(out.value) && times(v.effect) <= out.value) continue;
        out = {times(v.effect), times(sign > 0 ? v.effectLow : v.effectHigh),
               times(sign > 0 ? v.effectHigh : v.effectLow)};
    }
    return out;
}

Strictness strictnessOf(const MonitorDefinition& monitor) {
    return {monitor.options.falseAlarmRate, 1, monitor.persistence, monitor.of};
}

BacktestOutcome outcomeAt(const Backtest& backtest, const Strictness& strictness) {
    BacktestOutcome out;
    std::optional<AlertState> open;
    std::deque<State> last;  // newest first
    Timestamp since = kTimestampMin;
    double chances = 0;
    for (std::size_t w = 0; w < backtest.windows.size(); ++w) {
        Evaluation e = backtest.windows[w];
        const auto shares = sharesOf(e);
        double chance = 0;
        for (std::size_t i = 0; i < e.findings.size(); ++i) {
            Finding& f = e.findings[i];
            const double rate = strictness.falseAlarmRate * shares[i];
            const double minimum = minimumAt(f, strictness.effectFactor, backtest.monitor.options.minimumEffect);
            chance += chanceOf(f, rate, minimum, static_cast<double>(e.findings.size()));
            f.verdict.state = stateAt(f, rate, minimum);
        }
        const State state = worstState(e.findings);
        out.states.push_back(state);
        out.drifting += state == State::Drift;
        out.insufficient += state == State::Insufficient;
        out.unavailable += state == State::Unavailable;
        out.judged += state != State::Unavailable;
        if (state != State::Unavailable)
            chances += chanceOfAlert(std::min(1.0, chance), strictness.persistence, strictness.of);
        const Timestamp at = e.evaluatedAt;
        if (backtest.referenceSince[w] != since) {
            // Another reference: what was open about the former one ends, and its windows do not count.
            if (open == AlertState::Firing) out.alarms.back().resolved = at;
            open.reset();
            last.clear();
            since = backtest.referenceSince[w];
        }
        last.push_front(state);
        if (last.size() > static_cast<std::size_t>(strictness.of)) last.pop_back();
        const std::vector<State> states(last.begin(), last.end());
        switch (decide(open, states, strictness.persistence, strictness.of)) {
            case AlertMove::None:
                break;
            case AlertMove::Open:
                open = AlertState::Pending;
                break;
            case AlertMove::OpenFiring:
            case AlertMove::Fire:
                open = AlertState::Firing;
                out.alarms.push_back({at, {}});
                break;
            case AlertMove::Resolve:
                if (open == AlertState::Firing) out.alarms.back().resolved = at;
                open.reset();
                break;
        }
    }
    out.falseAlarmsPerWeek =
        out.judged == 0 ? statistics::kNaN : chances / static_cast<double>(out.judged) * stepsPerWeek(backtest.windows);
    return out;
}

}  // namespace pilothouse::monitoring
