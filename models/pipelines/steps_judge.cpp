// SPDX-License-Identifier: GPL-3.0-or-later
// evaluate and gate: what the model is worth on rows that it has not seen, beside a simple baseline and the version in
// production, and whether that suffices.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "models/pipelines/dataset.h"
#include "models/pipelines/judgement.h"
#include "models/pipelines/scorer.h"
#include "models/pipelines/step.h"
#include "models/statistics/performance.h"
#include "models/statistics/profile.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::pipelines {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct EvaluateOptions {
    int resamples = 400;
    std::uint64_t seed = 1;
    std::vector<std::string> baseline, cluster;
    double smoothing = 20;
};

Result<EvaluateOptions> evaluateOptions(const Parameters& p) {
    EvaluateOptions options;
    PH_ASSIGN(const std::int64_t resamples, p.integer("resamples", 400, 50, 100'000));
    PH_ASSIGN(const std::int64_t seed, p.integer("seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
    PH_ASSIGN(options.smoothing, p.number("smoothing", 20));
    if (options.smoothing < 0) return fail(Error::invalid("smoothing: must not be negative"));
    options.resamples = static_cast<int>(resamples);
    options.seed = static_cast<std::uint64_t>(seed);
    options.baseline = p.list("baseline");
    options.cluster = p.list("cluster");
    return options;
}

Status checkEvaluate(const Parameters& p) {
    PH_TRY(evaluateOptions(p));
    return {};
}

/// The baseline: a group's share of positives among the training rows, drawn to the overall share by as many rows as
/// `smoothing` says. Held-out rows of a group that training never saw get the overall share.
Result<std::vector<double>> baselineScores(const Dataset& data, const Zone& zone, const SplitRows& split,
                                           const EvaluateOptions& options) {
    PH_ASSIGN(const RowKey key, RowKey::of(data, zone, options.baseline));
    struct Group {
        double rows = 0, positives = 0;
    };
    std::unordered_map<std::uint64_t, Group> groups;
    Group overall;
    for (std::size_t r = 0; r < split.training; ++r)
        for (Group* group : {&groups[key(r)], &overall}) {
            ++group->rows;
            group->positives += data.outcomes[r];
        }
    const double share = overall.positives / std::max(1.0, overall.rows);
    std::vector<double> out;
    for (std::size_t r = split.training; r < split.all; ++r) {
        const auto it = groups.find(key(r));
        const Group group = it == groups.end() ? Group{} : it->second;
        const double weight = group.rows + options.smoothing;
        out.push_back(weight > 0 ? (group.positives + options.smoothing * share) / weight : share);
    }
    return out;
}

ports::Metric metric(const std::string& name, const statistics::Interval& interval, std::size_t n) {
    return {name, interval.value, interval.low, interval.high, n};
}

/// What evaluate works on.
struct Held {
    const Dataset& data;
    SplitRows split;
    std::vector<std::size_t> indices;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> clusters;
    std::vector<double> scores;
};

/// The version in production is measured on the held-out rows that come after all those it was trained on. Whatever
/// keeps that from being done goes into the note, and the gate refuses for it.
Status compareWithChampion(StepContext& context, const EvaluateOptions& options, const Held& held, Judgement& out) {
    const std::string& model = context.definition->model;
    PH_ASSIGN(const auto name,
              workspace::registry::aliasAt(*context.database, model, ports::kChampion, context.runStart));
    if (!name) return {};
    out.champion = *name;
    PH_ASSIGN(const auto version, workspace::registry::version(*context.database, model, *name));
    if (!version) {
        out.championNote = "version " + *name + " is not in the registry";
        return {};
    }
    auto scorer = Scorer::load(*context.workspace, *version);
    if (!scorer) {
        out.championNote = scorer.error().text();
        return {};
    }
    if (held.data.times.empty()) {
        out.championNote = "the rows have no time, so that it is not known which ones " + *name + " was trained on";
        return {};
    }
    const auto from = static_cast<std::size_t>(
        std::lower_bound(held.data.times.begin(), held.data.times.end(), version->trainedOn.end.ns) -
        held.data.times.begin());
    const std::size_t skip = std::max(from, held.split.training) - held.split.training;
    const std::span<const std::size_t> rows = std::span(held.indices).subspan(skip);
    PH_ASSIGN(const std::vector<double> theirs, (*scorer)->score(held.data.rows, rows));
    const auto outcomes = std::span(held.outcomes).subspan(skip);
    const auto positives = static_cast<std::size_t>(std::count(outcomes.begin(), outcomes.end(), std::uint8_t{1}));
    if (positives == 0 || positives == outcomes.size()) {
        out.championNote =
            "the " + grouped(outcomes.size()) + " rows that neither was trained on do not hold both outcomes";
        return {};
    }
    PH_ASSIGN(const auto clusters, clusterIds(held.data, context.workspace->zone(), options.cluster,
                                              held.split.training + skip, held.split.all));
    const auto ours = std::span(held.scores).subspan(skip);
    out.metrics.push_back(metric("auc_champion",
                                 statistics::aucInterval(theirs, outcomes, clusters, options.resamples, options.seed),
                                 outcomes.size()));
    out.metrics.push_back(metric(
        "auc_difference_champion",
        statistics::aucDifference(ours, theirs, outcomes, clusters, options.resamples, options.seed), outcomes.size()));
    context.log("compared with " + *name + " on " + grouped(outcomes.size()) + " rows that neither was trained on");
    return {};
}

Result<std::string> putJson(StepContext& context, const std::string& json) {
    return workspace::artifacts::put(*context.workspace, *context.database,
                                     std::span(reinterpret_cast<const std::uint8_t*>(json.data()), json.size()),
                                     "application/json", context.taskEnd);
}

Result<StepResult> evaluate(StepContext& context) {
    PH_ASSIGN(const EvaluateOptions options, evaluateOptions(context.parameters));
    PH_ASSIGN(const auto data, dataset(context));
    PH_ASSIGN(const SplitRows split, splitOf(context, *data));
    PH_ASSIGN(const std::string digest, context.input("model"));
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(*context.workspace, digest));
    PH_ASSIGN(const auto scorer, Scorer::fromBytes(bytes, "new"));
    const Zone& zone = context.workspace->zone();

    Held held{*data, split, split.heldOutIndices(), {}, {}, {}};
    held.outcomes.assign(data->outcomes.begin() + static_cast<std::ptrdiff_t>(split.training), data->outcomes.end());
    PH_ASSIGN(held.clusters, clusterIds(*data, zone, options.cluster, split.training, split.all));
    PH_ASSIGN(held.scores, scorer->score(data->rows, held.indices));
    const std::size_t n = held.outcomes.size();
    context.progress(0.1);

    Judgement out;
    out.metrics.push_back(metric(
        "auc", statistics::aucInterval(held.scores, held.outcomes, held.clusters, options.resamples, options.seed), n));
    PH_TRY(context.check());
    context.progress(0.3);
    out.metrics.push_back({"log_loss", statistics::logLoss(held.scores, held.outcomes), kNone, kNone, n});
    out.metrics.push_back({"brier", statistics::brierScore(held.scores, held.outcomes), kNone, kNone, n});
    out.metrics.push_back(
        {"average_precision", statistics::averagePrecision(held.scores, held.outcomes), kNone, kNone, n});
    const auto positives = std::count(held.outcomes.begin(), held.outcomes.end(), std::uint8_t{1});
    out.metrics.push_back({"positive_share", static_cast<double>(positives) / static_cast<double>(n), kNone, kNone, n});
    if (!options.baseline.empty()) {
        PH_ASSIGN(const std::vector<double> baseline, baselineScores(*data, zone, split, options));
        out.metrics.push_back(metric(
            "auc_baseline",
            statistics::aucInterval(baseline, held.outcomes, held.clusters, options.resamples, options.seed), n));
        PH_TRY(context.check());
        out.metrics.push_back(metric("auc_difference_baseline",
                                     statistics::aucDifference(held.scores, baseline, held.outcomes, held.clusters,
                                                               options.resamples, options.seed),
                                     n));
    }
    context.progress(0.6);
    PH_TRY(context.check());
    PH_TRY(compareWithChampion(context, options, held, out));
    for (const ports::Metric& m : out.metrics) {
        context.log(m.name + " " + shown(m) + ", n = " + grouped(m.n));
        context.output(m.name, shown(m));
    }
    if (!out.championNote.empty())
        context.log("no comparison with " + out.champion + ": " + out.championNote, "warning");

    // The scores that drift is measured against are those of rows that the model has not learnt from.
    statistics::Profile scores;
    scores.model = context.definition->model;
    scores.rows = n;
    scores.columns.push_back(
        statistics::profileNumeric(std::string(ports::field::score), held.scores, held.clusters, {}));
    PH_ASSIGN(const std::string scoreProfile, putJson(context, statistics::toJson(scores)));
    PH_ASSIGN(const std::string judged, putJson(context, toJson(out)));
    context.output("score_profile", scoreProfile, "sha256");
    context.output("evaluation", judged, "sha256");
    if (!out.champion.empty()) context.output("champion", out.champion);
    return StepResult::done();
}

// ---- gate

Result<std::vector<GateRule>> gateRules(const Parameters& p) {
    std::vector<GateRule> rules;
    for (const std::string& text : p.list("rules")) {
        PH_ASSIGN(GateRule rule, parseRule(text));
        rules.push_back(std::move(rule));
    }
    if (rules.empty()) return fail(Error::invalid("rules: at least one rule is expected"));
    return rules;
}

Status checkGate(const Parameters& p) {
    PH_TRY(gateRules(p));
    return {};
}

Result<StepResult> gate(StepContext& context) {
    PH_ASSIGN(const auto rules, gateRules(context.parameters));
    PH_ASSIGN(const std::string digest, context.input("evaluation"));
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(*context.workspace, digest));
    PH_ASSIGN(const Judgement judgement,
              judgementFromJson(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
    std::string refusal, decisive;
    for (const GateRule& rule : rules) {
        const RuleVerdict verdict = applyRule(rule, judgement);
        context.log((verdict.passed ? "pass: " : "refuse: ") + verdict.text, verdict.passed ? "info" : "warning");
        if (!verdict.passed) refusal += (refusal.empty() ? "" : "; ") + verdict.text;
        if (verdict.applies) decisive = verdict.text;
    }
    context.output("verdict", refusal.empty() ? decisive : refusal);
    return refusal.empty() ? StepResult::done() : StepResult::refuse(refusal);
}

}  // namespace

void addJudgeSteps(StepRegistry& registry) {
    registry.add("evaluate", {evaluate,
                              {"resamples", "seed", "baseline", "smoothing", "cluster"},
                              checkEvaluate,
                              "measure on the held-out rows, beside a baseline and the version in production"});
    registry.add("gate", {gate, {"rules"}, checkGate, "refuse what does not hold to the rules"});
}

}  // namespace pilothouse::pipelines
