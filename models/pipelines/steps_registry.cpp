// SPDX-License-Identifier: GPL-3.0-or-later
// register and deploy: what passed the gate becomes a version, and the version in production. Both take effect in the
// transaction in which their task succeeds, so that a run that goes on after a break does neither twice.
#include "models/pipelines/dataset.h"
#include "models/pipelines/judgement.h"
#include "models/pipelines/step.h"
#include "models/statistics/profile.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::pipelines {

namespace {

Result<std::string> textOf(StepContext& context, const std::string& input) {
    PH_ASSIGN(const std::string digest, context.input(input));
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(*context.workspace, digest));
    return std::string(bytes.begin(), bytes.end());
}

Result<Timestamp> timeOf(StepContext& context, const std::string& input) {
    PH_ASSIGN(const std::string text, context.input(input));
    const auto time = Timestamp::parseIso(text);
    if (!time) return fail(ErrorKind::Corrupt, input + ": \"" + text + "\" is not a time");
    return *time;
}

/// The features' profile with the score's beside it.
Result<statistics::Profile> wholeProfile(StepContext& context) {
    PH_ASSIGN(const std::string features, textOf(context, "feature_profile"));
    PH_ASSIGN(statistics::Profile profile, statistics::profileFromJson(features));
    PH_ASSIGN(const std::string scores, textOf(context, "score_profile"));
    PH_ASSIGN(const statistics::Profile score, statistics::profileFromJson(scores));
    for (const statistics::ColumnProfile& column : score.columns)
        profile.columns.push_back(column);
    return profile;
}

Result<ports::ModelVersion> versionOf(StepContext& context) {
    const PipelineDefinition& definition = *context.definition;
    ports::ModelVersion version;
    version.model = definition.model;
    version.created = context.taskEnd;
    version.runId = std::to_string(context.runId);
    version.task = definition.task;
    version.positiveClass = definition.positiveClass;
    version.threshold = definition.threshold;
    for (const FeatureUse& feature : definition.features)
        version.features.push_back(feature.name);
    PH_ASSIGN(version.artifactDigest, context.input("model"));
    PH_ASSIGN(std::string rows, context.input("training_rows"));
    std::erase(rows, ',');
    version.trainingRows = std::strtoull(rows.c_str(), nullptr, 10);
    if (context.hasInput("boundary")) {
        PH_ASSIGN(version.trainedOn.start, timeOf(context, "training_start"));
        PH_ASSIGN(version.trainedOn.end, timeOf(context, "boundary"));
        PH_ASSIGN(version.evaluatedOn.end, timeOf(context, "held_out_end"));
        version.evaluatedOn.start = version.trainedOn.end;
    }
    PH_ASSIGN(const std::string evaluation, textOf(context, "evaluation"));
    PH_ASSIGN(Judgement judgement, judgementFromJson(evaluation));
    version.metrics = std::move(judgement.metrics);
    for (const TaskDefinition& task : definition.tasks)
        if (task.step == "train") version.parameters = resolve(task.parameters, context.runParameters).scalars;
    version.tags["pipeline"] = definition.name;
    PH_ASSIGN(version.tags["data_digest"], context.input("digest"));
    PH_ASSIGN(version.tags["data_source"], context.input("source"));
    if (!judgement.champion.empty()) version.tags["compared_with"] = judgement.champion;
    return version;
}

Result<StepResult> registerVersion(StepContext& context) {
    PH_ASSIGN(statistics::Profile profile, wholeProfile(context));
    PH_ASSIGN(ports::ModelVersion version, versionOf(context));
    context.onCommit([&context, profile, version](workspace::Database& database) mutable -> Status {
        PH_ASSIGN(version.version, workspace::registry::nextVersion(database, version.model));
        profile.version = version.version;
        const std::string json = statistics::toJson(profile);
        PH_ASSIGN(version.profileDigest,
                  workspace::artifacts::put(*context.workspace, database,
                                            std::span(reinterpret_cast<const std::uint8_t*>(json.data()), json.size()),
                                            "application/json", context.taskEnd));
        PH_TRY(workspace::registry::addVersion(database, version));
        context.output("version", version.version);
        context.output("profile", version.profileDigest, "sha256");
        context.setProducedVersion(version.version);
        context.setResult(version.version + " registered");
        return {};
    });
    return StepResult::done();
}

Result<StepResult> deploy(StepContext& context) {
    PH_ASSIGN(const std::string version, context.input("version"));
    const std::string alias = context.parameters.text("alias", ports::kChampion);
    std::string reason = "passed the gate";
    if (context.hasInput("verdict")) {
        PH_ASSIGN(const std::string verdict, context.input("verdict"));
        reason += ": " + verdict;
    }
    context.output("alias", alias);
    context.output("from", context.runEnd.toIso());
    context.log(version + " is " + alias + " from " + context.runEnd.toIso());
    context.onCommit([&context, version, alias, reason](workspace::Database& database) -> Status {
        PH_TRY(workspace::registry::setAlias(database, context.definition->model, alias, version, context.runEnd,
                                             "pipeline run " + std::to_string(context.runId), reason));
        context.setResult(version + " deployed");
        return {};
    });
    return StepResult::done();
}

}  // namespace

void addRegistrySteps(StepRegistry& registry) {
    registry.add("register", {registerVersion, {}, {}, "add the model to the registry, with metrics and profile"});
    registry.add("deploy", {deploy, {"alias"}, {}, "name the version the one in production"});
}

}  // namespace pilothouse::pipelines
