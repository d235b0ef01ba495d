// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/evaluator.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QString>
#include <bit>

#include "models/monitoring/cluster_ids.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/performance_rows.h"
#include "models/predictions/log_contents.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/random.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::State;

std::uint64_t seedOf(std::uint64_t seed, TimeRange window) {
    return statistics::Random(seed ^ static_cast<std::uint64_t>(window.start.ns)).next();
}

void InputsDigest::add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    m_hash.addData(QByteArrayView(text.data(), static_cast<qsizetype>(text.size())));
}
void InputsDigest::add(std::uint64_t number) {
    char bytes[8];
    for (int i = 0; i < 8; ++i)
        bytes[i] = static_cast<char>(number >> (8 * i));
    m_hash.addData(QByteArrayView(bytes, 8));
}
void InputsDigest::add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
std::string InputsDigest::hex() const { return m_hash.result().toHex().left(32).toStdString(); }

Result<ports::Query> queryOf(const Judging& j, const std::string& version) {
    std::string text = predictions::equalsClause(ports::field::model, j.monitor.model);
    if (!version.empty()) text += " " + predictions::equalsClause(ports::field::version, version);
    PH_ASSIGN(ports::Query query, predictions::parseQuery(text));
    if (!j.monitor.query.empty()) {
        PH_ASSIGN(const ports::Query asked, predictions::parseQuery(j.monitor.query));
        query = predictions::conjunction(query, asked);
    }
    query.now = j.context.now;
    return query;
}

Result<WindowCounts> countsOf(const Judging& j, const CountingPlan& plan) {
    if (j.context.counts) return j.context.counts->countsOf(plan, panesOf(j.monitor, j.context.zone, j.window));
    return countWindow(j.context.database, j.context.zone, plan, j.window, j.context.arrivals, j.context.token,
                       j.context.partsRead);
}

Status keepKnownColumns(workspace::Database& database, std::vector<std::string>& columns) {
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(const auto contents, predictions::contentsOf(database));
    std::erase_if(columns, [&](const std::string& name) {
        return !ports::isReservedField(name) &&
               std::ranges::none_of(contents->fields, [&](const auto& field) { return field.info.name == name; });
    });
    return snapshot.commit();
}

Result<ports::RowSet> rowsOf(const Judging& j, std::vector<std::string> columns, const std::string& version) {
    PH_TRY(keepKnownColumns(j.context.database, columns));
    predictions::ScanRequest request;
    request.range = j.window;
    request.columns = std::move(columns);
    request.truthKnownBefore = j.context.now;
    request.arrivals = j.context.arrivals;
    PH_ASSIGN(request.query, queryOf(j, version));
    return predictions::collect(j.context.database, request, j.context.token);
}

std::vector<std::string> clusterColumns(const MonitorDefinition& monitor) {
    std::vector<std::string> out = monitor.cluster;
    std::erase(out, "date");
    return out;
}

std::vector<std::uint32_t> clustersOf(const Judging& j, const ports::RowSet& rows) {
    if (j.monitor.cluster.empty()) return {};
    std::vector<std::string> columns = clusterColumns(j.monitor);
    columns.emplace_back("date");
    ClusterIds ids(j.context.zone);
    return clustersOf(ids, columns, rows);
}

void unavailable(const Judging& j, const std::string& check, State state, const std::string& reason) {
    Finding finding;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict.state = state;
    finding.verdict.reason = reason;
    finding.verdict.nCurrent = j.evaluation.rows;
    j.evaluation.findings.push_back(std::move(finding));
    j.evaluation.summary = reason;
}

State worstState(const std::vector<Finding>& findings) {
    std::size_t ok = 0, insufficient = 0;
    for (const Finding& f : findings) {
        if (f.verdict.state == State::Drift) return State::Drift;
        ok += f.verdict.state == State::Ok;
        insufficient += f.verdict.state == State::Insufficient;
    }
    if (insufficient > ok) return State::Insufficient;
    return ok > 0 ? State::Ok : State::Unavailable;
}

std::string effectText(const Finding& finding) {
    const double effect = finding.verdict.effect;
    if (std::isnan(effect)) return {};
    const auto sign = [effect](const QString& digits) {
        return ((effect < 0 ? QStringLiteral("−") : QStringLiteral("+")) + digits).toStdString();
    };
    const double size = std::abs(effect);
    const std::string& check = finding.check;
    if (lowerIsBetter(check)) return sign(QString::number(100 * size, 'f', size < 0.1 ? 1 : 0)) + " %";
    if (check == "domain") return "AUC " + sign(QString::number(size, 'f', 3));
    if (check == "reconstruction") return QString::number(100 * size, 'f', 1).toStdString() + " % off";
    if (check == "business") return sign(QString::number(size, 'g', 4));
    if (isMetric(check)) return sign(QString::number(size, 'f', 3));
    if (check == "traffic" || check == "latency" || check == "freshness" || check == "cardinality")
        return sign(QString::number(100 * size, 'f', 0)) + " %";
    if (finding.verdict.method == "wasserstein_sigma") return QString::number(size, 'f', 2).toStdString() + " σ";
    if (check == "drift") return QString::number(100 * size, 'f', 0).toStdString() + " % moved";
    return sign(QString::number(100 * size, 'f', size < 0.1 ? 1 : 0)) + " points";
}

namespace {

/// "7 of 18 columns drift: temp_f 2.10 σ, dewpoint_f 1.80 σ, …", worst first by how far the effect is beyond the
/// minimum.
std::string summaryOf(const MonitorDefinition& monitor, const std::vector<Finding>& findings, State state) {
    std::vector<const Finding*> drifting;
    std::size_t insufficient = 0;
    for (const Finding& f : findings) {
        if (f.verdict.state == State::Drift) drifting.push_back(&f);
        insufficient += f.verdict.state == State::Insufficient;
    }
    const auto beyond = [](const Finding* f) {
        return std::abs(f->verdict.effect) / std::max(1e-9, f->verdict.minimumEffect);
    };
    std::stable_sort(drifting.begin(), drifting.end(),
                     [&](const Finding* a, const Finding* b) { return beyond(a) > beyond(b); });
    const std::string all = std::to_string(findings.size());
    if (drifting.empty()) {
        if (state == State::Unavailable) return findings.empty() ? "nothing to judge" : findings.front().verdict.reason;
        std::string text = all + (findings.size() == 1 ? " check, " : " checks, ");
        text += insufficient == 0 ? "no drift" : std::to_string(insufficient) + " with too little data";
        return text;
    }
    std::string text = std::to_string(drifting.size()) + " of " + all +
                       (monitor.kind == MonitorKind::Quality ? " checks fail: " : " checks drift: ");
    for (std::size_t i = 0; i < drifting.size() && i < 3; ++i) {
        const Finding& f = *drifting[i];
        text += (i ? ", " : "") + f.feature + (f.check == "drift" || f.feature.empty() ? "" : " ") +
                (f.check == "drift" ? "" : f.check) + " " + effectText(f);
    }
    return text + (drifting.size() > 3 ? ", …" : "");
}

/// What the one finding of a window is called that has nothing to be compared with.
std::string mainCheck(const MonitorDefinition& monitor) {
    if (monitor.kind == MonitorKind::LabelFree) return "estimated_" + checkName(monitor, nullptr);
    if (monitor.kind == MonitorKind::Multivariate) return monitor.checks.front();
    return monitor.kind == MonitorKind::Performance ? checkName(monitor, nullptr) : "drift";
}

Status judge(const Judging& j) {
    switch (j.monitor.kind) {
        case MonitorKind::Traffic:
            return judgeTraffic(j);
        case MonitorKind::Quality:
            return judgeQuality(j);
        case MonitorKind::Score:
        case MonitorKind::Drift:
            return judgeProfile(j);
        case MonitorKind::Performance:
            return judgePerformance(j);
        case MonitorKind::LabelFree:
            return judgeLabelFree(j);
        case MonitorKind::Latency:
            return judgeLatency(j);
        case MonitorKind::Business:
            return judgeBusiness(j);
        case MonitorKind::Multivariate:
            return judgeMultivariate(j);
    }
    return {};
}

}  // namespace

Result<EvaluationResult> evaluate(const EvaluationContext& context, const MonitorDefinition& monitor,
                                  TimeRange window) {
    EvaluationResult out;
    ports::Evaluation& e = out.evaluation;
    e.monitor = monitor.name;
    e.kind = toString(monitor.kind);
    e.model = monitor.model;
    e.window = window;
    e.evaluatedAt = context.now;
    const bool againstVersion = needsReference(monitor.kind);
    if (context.champion) e.version = context.champion->version.version;
    InputsDigest digest;
    const Judging judging{context, monitor, window, e, digest};
    if (againstVersion && !context.champion)
        unavailable(judging, mainCheck(monitor), State::Unavailable, context.noReference);
    else
        PH_TRY(judge(judging));
    e.state = worstState(e.findings);
    if (e.summary.empty()) e.summary = summaryOf(monitor, e.findings, e.state);
    QJsonObject inputs{{QStringLiteral("rows"), static_cast<qint64>(e.rows)},
                       {QStringLiteral("counts"), QString::fromStdString(digest.hex())}};
    if (context.champion)
        inputs[QStringLiteral("profile")] = QString::fromStdString(context.champion->version.profileDigest);
    out.inputs = QJsonDocument(inputs).toJson(QJsonDocument::Compact).toStdString();
    return out;
}

}  // namespace pilothouse::monitoring
