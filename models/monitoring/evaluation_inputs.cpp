// SPDX-License-Identifier: GPL-3.0-or-later
// What an evaluation was made from, and making it again.
#include <QJsonDocument>
#include <QJsonObject>
#include <bit>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_runner.h"
#include "models/monitoring/monitor_store.h"
#include "models/monitoring/profile_store.h"
#include "models/monitoring/reference_choice.h"

namespace pilothouse::monitoring {

using ports::Evaluation;
using ports::Finding;
using workspace::Database;

namespace {

void add(InputsDigest& digest, const Finding& f) {
    const statistics::Verdict& v = f.verdict;
    for (const std::string* text : {&f.feature, &f.check, &v.reason, &v.method})
        digest.add(*text);
    digest.add(std::string_view(statistics::toString(v.state)));
    digest.add(std::string_view(ports::toString(f.severity)));
    for (const double number : {v.statistic, v.threshold, v.pValue, v.qValue, v.effect, v.effectLow, v.effectHigh,
                                v.minimumEffect, v.nEffective, f.missingShare})
        digest.add(number == number ? number : statistics::kNaN);  // as it is stored: one NaN
    digest.add(v.nReference);
    digest.add(v.nCurrent);
    digest.add(static_cast<std::uint64_t>(f.counts.size()));
    for (const double count : f.counts)
        digest.add(count);
}

Result<Evaluation> readOne(Database& database, std::int64_t id) {
    EvaluationsRequest request;
    request.id = id;
    request.counts = true;
    PH_ASSIGN(auto found, MonitorReader::read(database, request));
    if (found.empty())
        return fail(ErrorKind::NotFound, "there is no evaluation " + std::to_string(id), database.path());
    return std::move(found.front());
}

}  // namespace

std::string resultDigest(const Evaluation& evaluation) {
    InputsDigest digest;
    digest.add(std::string_view(statistics::toString(evaluation.state)));
    digest.add(evaluation.summary);
    digest.add(evaluation.version);
    digest.add(evaluation.rows);
    digest.add(evaluation.labelled);
    for (const Finding& finding : evaluation.findings)
        add(digest, finding);
    return digest.hex();
}

EvaluationInputs inputsFrom(std::string_view json) {
    const QJsonObject o =
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size()))).object();
    const auto text = [&](const char* key) { return o[QLatin1StringView(key)].toString().toStdString(); };
    const auto number = [&](const char* key) {
        return static_cast<std::int64_t>(o[QLatin1StringView(key)].toInteger());
    };
    return {static_cast<std::uint64_t>(number("rows")),
            text("counts"),
            text("profile"),
            text("definition"),
            text("result"),
            {number("ordinal"), number("truth"), number("removals")},
            number("from_ordinal"),
            QString::fromStdString(text("seed")).toULongLong(nullptr, 16)};
}

std::string toJson(const EvaluationInputs& inputs) {
    QJsonObject o{{QStringLiteral("rows"), static_cast<qint64>(inputs.rows)},
                  {QStringLiteral("counts"), QString::fromStdString(inputs.counts)},
                  {QStringLiteral("definition"), QString::fromStdString(inputs.definition)},
                  {QStringLiteral("result"), QString::fromStdString(inputs.result)},
                  {QStringLiteral("ordinal"), static_cast<qint64>(inputs.mark.ordinal)},
                  {QStringLiteral("truth"), static_cast<qint64>(inputs.mark.truth)},
                  {QStringLiteral("removals"), static_cast<qint64>(inputs.mark.removals)},
                  {QStringLiteral("seed"), QString::number(inputs.seed, 16)}};
    if (!inputs.profile.empty()) o[QStringLiteral("profile")] = QString::fromStdString(inputs.profile);
    if (inputs.fromOrdinal > 0) o[QStringLiteral("from_ordinal")] = static_cast<qint64>(inputs.fromOrdinal);
    return QJsonDocument(o).toJson(QJsonDocument::Compact).toStdString();
}

Result<Remade> remake(const workspace::Workspace& workspace, Database& database, std::int64_t evaluation,
                      const CancellationToken& token) {
    Remade out;
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(out.stored, readOne(database, evaluation));
    PH_ASSIGN(const auto json, database.text("SELECT inputs FROM evaluation WHERE id = ?", evaluation));
    const EvaluationInputs inputs = inputsFrom(json.value_or("{}"));
    if (inputs.definition.empty())
        return fail(Error::invalid("the evaluation was stored without what it was made from"));
    PH_ASSIGN(const auto mark, predictions::markOf(database));
    if (mark.removals != inputs.mark.removals)
        return fail(Error::invalid("rows were erased, or went by age, since the evaluation was made"));
    PH_ASSIGN(const MonitorDefinition monitor, definitionOf(database, inputs.definition));
    EvaluationContext context{.database = database,
                              .zone = workspace.zone(),
                              .now = out.stored.evaluatedAt,
                              .seed = inputs.seed,
                              .token = token,
                              .arrivals = {inputs.fromOrdinal, inputs.mark.ordinal, inputs.mark.truth},
                              .evaluationsBefore = evaluation};
    std::shared_ptr<const Champion> champion;
    if (inputs.profile.empty() || monitor.reference == "previous") {
        ReferenceChoice choice(workspace, database);
        PH_ASSIGN(const auto reference, choice.of(monitor, out.stored.window, context.arrivals, token));
        champion = reference.champion;
        context.noReference = reference.problem;
    } else {
        PH_ASSIGN(auto found,
                  referenceByDigest(workspace, database, monitor.model, out.stored.version, inputs.profile));
        champion = std::make_shared<const Champion>(std::move(found));
    }
    context.champion = champion.get();
    const TimeRange window = countsRows(monitor) ? TimeRange::all() : out.stored.window;
    PH_ASSIGN(auto made, evaluate(context, monitor, window));
    out.made = std::move(made.evaluation);
    out.made.window = out.stored.window;
    out.same = resultDigest(out.made) == inputs.result && resultDigest(out.stored) == inputs.result;
    PH_TRY(snapshot.commit());
    return out;
}

}  // namespace pilothouse::monitoring
