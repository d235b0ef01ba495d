// SPDX-License-Identifier: GPL-3.0-or-later
// ingest, split and profile: from rows to what the model learns from and is measured on.
#include <algorithm>

#include "models/pipelines/dataset.h"
#include "models/pipelines/step.h"
#include "models/pipelines/validation.h"
#include "models/statistics/profile.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::pipelines {

namespace {

std::string iso(Timestamp t) { return t.toIso(); }

Result<Duration> duration(const Parameters& parameters, const std::string& name, Duration fallback) {
    const std::string text = parameters.text(name);
    if (text.empty()) return fallback;
    const auto parsed = parseDuration(text);
    if (!parsed || parsed->count() < 0)
        return fail(Error::invalid(name + ": \"" + text + "\" is not a duration (as in 36h or 21d)"));
    return *parsed;
}

// ---- ingest

Status checkIngest(const Parameters& p) {
    const std::string source = p.text("source", "log");
    if (source != "log" && source != "csv")
        return fail(Error::invalid("source: \"" + source + "\" is unknown; known: log, csv"));
    if ((source == "csv") != p.has("file"))
        return fail(Error::invalid(source == "csv" ? "source csv needs the parameter \"file\""
                                                   : "the parameter \"file\" needs source: csv"));
    PH_TRY(p.integer("months", 3, 1, 120));
    PH_TRY(duration(p, "maturity", {}));
    return {};
}

/// The latest months of which every outcome had the time to become known: late outcomes come last, so that taking what
/// is there at the end of the range would flatter.
Result<TimeRange> logRange(const StepContext& context) {
    PH_ASSIGN(const std::int64_t months, context.parameters.integer("months", 3, 1, 120));
    PH_ASSIGN(const Duration maturity, duration(context.parameters, "maturity", {}));
    const Zone& zone = context.workspace->zone();
    return TimeRange{zone.addMonths(zone.startOfDay(context.runStart), -static_cast<int>(months)),
                     zone.startOfDay(context.runStart - maturity)};
}

Result<StepResult> ingest(StepContext& context) {
    PH_TRY(checkIngest(context.parameters));
    DataSource source;
    source.knownBefore = context.runStart;
    source.file = context.parameters.text("file");
    context.output("source", source.file.empty() ? "prediction log" : source.file);
    if (source.file.empty()) {
        PH_ASSIGN(source.range, logRange(context));
        context.log("reading rows of model " + context.definition->model + " from " + iso(source.range.start) + " to " +
                    iso(source.range.end) + ", with outcomes known before " + iso(context.runStart));
        context.output("range_start", iso(source.range.start));
        context.output("range_end", iso(source.range.end));
    } else {
        context.log("reading " + source.file);
    }
    PH_ASSIGN(auto data, readDataset(context, source));
    context.output("rows", grouped(data->rows.rows), "rows");
    context.output("without_outcome", grouped(data->unlabelled), "rows");
    context.output("digest", data->digest);
    context.log(grouped(data->rows.rows) + " rows with an outcome, " + grouped(data->unlabelled) +
                " without one left out");
    if (data->repeated > 0)
        context.log(grouped(data->repeated) + " rows of other versions for the same requests left out");
    context.scratch("dataset") = std::shared_ptr<const Dataset>(data);
    return StepResult::done();
}

// ---- validate

Result<StepResult> validate(StepContext& context) {
    PH_ASSIGN(const auto data, dataset(context));
    PH_ASSIGN(const ValidationLimits limits, validationLimits(context.parameters));
    PH_ASSIGN(const auto problems, validateRows(*context.definition, *data, limits, context.workspace->zone()));
    context.output("columns", std::to_string(context.definition->columns.size()));
    context.output("features", std::to_string(context.definition->features.size()));
    for (const std::string& problem : problems)
        context.log(problem, "error");
    if (!problems.empty()) {
        constexpr std::size_t kShown = 5;
        std::string reason;
        for (std::size_t i = 0; i < std::min(kShown, problems.size()); ++i)
            reason += (i ? "; " : "") + problems[i];
        if (problems.size() > kShown)
            reason += "; and " + std::to_string(problems.size() - kShown) + " more (see the log)";
        return StepResult::refuse(reason);
    }
    const auto positives = std::count(data->outcomes.begin(), data->outcomes.end(), std::uint8_t{1});
    const double share =
        static_cast<double>(positives) / static_cast<double>(std::max<std::size_t>(1, data->rows.rows));
    context.output("positive_share", percent(share));
    context.log(grouped(data->rows.rows) + " rows pass; " + percent(share) + " are " +
                (context.definition->positiveClass.empty() ? "positive" : context.definition->positiveClass));
    return StepResult::done();
}

// ---- split

Status checkSplit(const Parameters& p) {
    PH_TRY(duration(p, "held_out", {}));
    PH_ASSIGN(const double share, p.number("held_out_share", 0.2));
    if (share <= 0 || share >= 1) return fail(Error::invalid("held_out_share: must lie between 0 and 1"));
    return {};
}

/// Midnight, so many days before the end of the rows' last day; rows without a time are split by their order.
Result<std::size_t> splitPlace(StepContext& context, const Dataset& data) {
    PH_ASSIGN(const Duration heldOut, duration(context.parameters, "held_out", std::chrono::hours(21 * 24)));
    PH_ASSIGN(const double share, context.parameters.number("held_out_share", 0.2));
    const std::size_t rows = data.rows.rows;
    if (data.times.empty() || rows == 0) return rows - static_cast<std::size_t>(share * static_cast<double>(rows));
    const Zone& zone = context.workspace->zone();
    Timestamp end = zone.nextMidnight({data.times.back()});
    if (context.hasInput("range_end")) {
        PH_ASSIGN(const std::string text, context.input("range_end"));
        end = Timestamp::parseIso(text).value_or(end);
    }
    const auto days = static_cast<int>(heldOut / std::chrono::hours(24));
    const Timestamp boundary = zone.addDays(end, -days) - heldOut % std::chrono::hours(24);
    context.output("boundary", iso(boundary));
    context.output("training_start", iso(zone.startOfDay({data.times.front()})));
    context.output("held_out_end", iso(end));
    return static_cast<std::size_t>(std::lower_bound(data.times.begin(), data.times.end(), boundary.ns) -
                                    data.times.begin());
}

Result<StepResult> split(StepContext& context) {
    PH_TRY(checkSplit(context.parameters));
    PH_ASSIGN(const auto data, dataset(context));
    PH_ASSIGN(const std::size_t place, splitPlace(context, *data));
    const auto both = [&](std::size_t first, std::size_t last) {
        const auto begin = data->outcomes.begin();
        const auto positives = std::count(begin + static_cast<std::ptrdiff_t>(first),
                                          begin + static_cast<std::ptrdiff_t>(last), std::uint8_t{1});
        return positives > 0 && static_cast<std::size_t>(positives) < last - first;
    };
    context.output("training_rows", grouped(place), "rows");
    context.output("held_out_rows", grouped(data->rows.rows - place), "rows");
    context.log(grouped(place) + " rows for training, " + grouped(data->rows.rows - place) + " held out");
    if (!both(0, place))
        return StepResult::refuse("the " + grouped(place) + " training rows do not hold both outcomes");
    if (!both(place, data->rows.rows))
        return StepResult::refuse("the " + grouped(data->rows.rows - place) +
                                  " held-out rows do not hold both outcomes");
    return StepResult::done();
}

// ---- profile

Result<statistics::ProfileOptions> profileOptions(const Parameters& p) {
    statistics::ProfileOptions options;
    PH_ASSIGN(const std::int64_t bins, p.integer("bins", 20, 2, 1000));
    PH_ASSIGN(const std::int64_t categories, p.integer("categories", 50, 1, 10'000));
    options.bins = static_cast<std::size_t>(bins);
    options.categories = static_cast<std::size_t>(categories);
    return options;
}

Status checkProfile(const Parameters& p) {
    PH_TRY(profileOptions(p));
    return {};
}

Result<StepResult> profile(StepContext& context) {
    PH_ASSIGN(const auto options, profileOptions(context.parameters));
    PH_ASSIGN(const auto data, dataset(context));
    PH_ASSIGN(const SplitRows rows, splitOf(context, *data));
    PH_ASSIGN(const auto clusters,
              clusterIds(*data, context.workspace->zone(), context.parameters.list("cluster"), 0, rows.training));
    statistics::Profile made;
    made.model = context.definition->model;
    made.rows = rows.training;
    if (rows.training > 0 && !data->times.empty()) {
        made.startNs = data->times.front();
        made.endNs = data->times[rows.training - 1] + 1;
    }
    for (const FeatureUse& feature : context.definition->features) {
        PH_TRY(context.check());
        const ports::Column* column = data->rows.find(feature.name);
        if (!column || column->type == ports::ColumnType::Time) continue;
        if (column->type == ports::ColumnType::Number) {
            made.columns.push_back(statistics::profileNumeric(
                feature.name, std::span(column->numbers).first(rows.training), clusters, options));
        } else {
            made.columns.push_back(statistics::profileCategorical(
                feature.name, std::span(column->codes).first(rows.training), column->dictionary, clusters, options));
        }
        context.progress(static_cast<double>(made.columns.size()) /
                         static_cast<double>(context.definition->features.size()));
    }
    const std::string json = statistics::toJson(made);
    PH_ASSIGN(const std::string digest,
              workspace::artifacts::put(*context.workspace, *context.database,
                                        std::span(reinterpret_cast<const std::uint8_t*>(json.data()), json.size()),
                                        "application/json", context.taskEnd));
    context.output("feature_profile", digest, "sha256");
    context.output("profiled_columns", std::to_string(made.columns.size()));
    context.log(std::to_string(made.columns.size()) + " columns of " + grouped(rows.training) + " rows profiled");
    return StepResult::done();
}

}  // namespace

void addDataSteps(StepRegistry& registry) {
    registry.add("ingest", {ingest, {"source", "file", "months", "maturity"}, checkIngest, "read labelled rows"});
    registry.add("validate", {validate,
                              {"minimum_rows", "key", "maximum_duplicates", "maximum_outside"},
                              [](const Parameters& p) -> Status {
                                  PH_TRY(validationLimits(p));
                                  return {};
                              },
                              "hold rows and features to what is declared"});
    registry.add("split", {split, {"held_out", "held_out_share"}, checkSplit, "hold out the latest rows"});
    registry.add("profile", {profile,
                             {"bins", "categories", "cluster"},
                             checkProfile,
                             "freeze what the training rows look like, for drift"});
}

}  // namespace pilothouse::pipelines
