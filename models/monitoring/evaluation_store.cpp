// SPDX-License-Identifier: GPL-3.0-or-later
#include <bit>

#include "models/monitoring/evaluator.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/profile_store.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using ports::Evaluation;
using ports::Finding;
using workspace::Database;
using workspace::Statement;

namespace {

/// Counts are stored as little-endian doubles.
std::vector<std::uint8_t> pack(const std::vector<double>& counts) {
    std::vector<std::uint8_t> out;
    out.reserve(counts.size() * 8);
    for (const double count : counts) {
        const auto bits = std::bit_cast<std::uint64_t>(count);
        for (int i = 0; i < 8; ++i)
            out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }
    return out;
}

std::vector<double> unpack(std::span<const std::uint8_t> bytes) {
    std::vector<double> out(bytes.size() / 8);
    for (std::size_t k = 0; k < out.size(); ++k) {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < 8; ++i)
            bits |= static_cast<std::uint64_t>(bytes[8 * k + i]) << (8 * i);
        out[k] = std::bit_cast<double>(bits);
    }
    return out;
}

Status insertFinding(Statement& statement, std::int64_t evaluation, std::int64_t position, const Finding& f) {
    const statistics::Verdict& v = f.verdict;
    statement.bindAll(evaluation, position, f.feature, f.check, statistics::toString(v.state),
                      ports::toString(f.severity), v.reason, v.method, v.statistic, v.threshold, v.pValue, v.qValue,
                      v.effect, v.effectLow, v.effectHigh, v.minimumEffect, v.nReference, v.nCurrent, v.nEffective,
                      f.missingShare);
    if (f.counts.empty())
        statement.bindNull(21);
    else
        statement.bindBlob(21, pack(f.counts));
    return statement.run();
}

Finding readFinding(const Statement& s, bool counts) {
    Finding f;
    f.feature = s.text(1);
    f.check = s.text(2);
    f.severity = ports::severityFrom(s.view(4)).value_or(ports::Severity::Warning);
    statistics::Verdict& v = f.verdict;
    v.state = statistics::stateFrom(s.view(3));
    v.reason = s.text(5);
    v.method = s.text(6);
    v.statistic = s.real(7);
    v.threshold = s.real(8);
    v.pValue = s.real(9);
    v.qValue = s.real(10);
    v.effect = s.real(11);
    v.effectLow = s.real(12);
    v.effectHigh = s.real(13);
    v.minimumEffect = s.real(14);
    v.nReference = static_cast<std::uint64_t>(s.integer(15));
    v.nCurrent = static_cast<std::uint64_t>(s.integer(16));
    v.nEffective = s.real(17);
    f.missingShare = s.real(18);
    if (counts) f.counts = unpack(s.blob(19));
    return f;
}

/// "column IN (?, ?)" for the kinds; empty for none.
std::string kindsClause(const std::vector<std::string>& kinds) {
    if (kinds.empty()) return {};
    std::string clause = " AND e.kind IN (";
    for (std::size_t i = 0; i < kinds.size(); ++i)
        clause += i ? ", ?" : "?";
    return clause + ")";
}

std::string whereOf(const EvaluationsRequest& request) {
    return " FROM evaluation e WHERE (?1 = '' OR e.model = ?1) AND e.window_start < ?2 AND e.window_end > ?3 AND "
           "(?4 = '' OR e.monitor = ?4) AND CASE ?5 WHEN 0 THEN e.revision = (SELECT max(revision) FROM evaluation l "
           "WHERE l.monitor = e.monitor AND l.window_start = e.window_start) ELSE e.id = ?5 END" +
           kindsClause(request.kinds);
}

void bindWhere(Statement& statement, const EvaluationsRequest& request) {
    statement.bindAll(request.model, request.range.end, request.range.start, request.monitor, request.id);
    int index = 5;
    for (const std::string& kind : request.kinds)
        statement.bind(++index, kind);
}

Status readFindings(Database& database, const EvaluationsRequest& request, std::vector<Evaluation>& out) {
    std::unordered_map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < out.size(); ++i)
        places[out[i].id] = i;
    const std::string counts = request.counts ? "f.counts" : "NULL";
    PH_ASSIGN(auto statement,
              database.prepare("SELECT f.evaluation, f.feature, f.check_name, f.state, f.severity, f.reason, f.method, "
                               "f.statistic, f.threshold, f.p_value, f.q_value, f.effect, f.effect_low, f.effect_high, "
                               "f.minimum_effect, f.n_reference, f.n_current, f.n_effective, f.missing_share, " +
                               counts + " FROM finding f WHERE f.evaluation IN (SELECT e.id" + whereOf(request) +
                               ") ORDER BY f.evaluation, f.position"));
    bindWhere(statement, request);
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return {};
        if (const auto place = places.find(statement.integer(0)); place != places.end())
            out[place->second].findings.push_back(readFinding(statement, request.counts));
    }
}

}  // namespace

Result<std::int64_t> store(Database& database, const EvaluationResult& result) {
    const Evaluation& e = result.evaluation;
    PH_ASSIGN(const auto last,
              database.integer("SELECT max(revision) FROM evaluation WHERE monitor = ? AND window_start = ?", e.monitor,
                               e.window.start));
    PH_TRY(database.run(
        "INSERT INTO evaluation (monitor, kind, model, version, window_start, window_end, evaluated, revision, "
        "state, summary, rows, labelled, inputs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        e.monitor, e.kind, e.model, e.version, e.window.start, e.window.end, e.evaluatedAt,
        last ? *last + 1 : std::int64_t{0}, statistics::toString(e.state), e.summary, e.rows, e.labelled,
        result.inputs));
    const std::int64_t id = database.lastInsertId();
    PH_ASSIGN(auto statement,
              database.prepare("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                               "?, ?, ?, ?, ?)"));
    for (std::size_t i = 0; i < e.findings.size(); ++i)
        PH_TRY(insertFinding(statement, id, static_cast<std::int64_t>(i), e.findings[i]));
    return id;
}

Result<std::vector<Evaluation>> MonitorReader::read(Database& database, const EvaluationsRequest& request) {
    PH_ASSIGN(auto statement,
              database.prepare(
                  "SELECT e.id, e.monitor, e.kind, e.model, e.version, e.window_start, e.window_end, e.evaluated, "
                  "e.revision, e.state, e.summary, e.rows, e.labelled" +
                  whereOf(request) + " ORDER BY e.window_start, e.window_end, e.id"));
    bindWhere(statement, request);
    std::vector<Evaluation> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) break;
        Evaluation e;
        e.id = statement.integer(0);
        e.monitor = statement.text(1);
        e.kind = statement.text(2);
        e.model = statement.text(3);
        e.version = statement.text(4);
        e.window = {statement.timestamp(5), statement.timestamp(6)};
        e.evaluatedAt = statement.timestamp(7);
        e.revision = static_cast<int>(statement.integer(8));
        e.state = statistics::stateFrom(statement.view(9));
        e.summary = statement.text(10);
        e.rows = static_cast<std::uint64_t>(statement.integer(11));
        e.labelled = static_cast<std::uint64_t>(statement.integer(12));
        out.push_back(std::move(e));
    }
    if (request.findings) PH_TRY(readFindings(database, request, out));
    return out;
}

QFuture<Result<std::vector<Evaluation>>> MonitorReader::evaluations(EvaluationsRequest request,
                                                                    CancellationToken token) const {
    return m_workspace->read(std::move(token),
                             [request = std::move(request)](Database& database) { return read(database, request); });
}

QFuture<Result<statistics::Profile>> MonitorReader::profile(std::string model, std::string version,
                                                            CancellationToken token) const {
    return m_workspace->read(std::move(token),
                             [workspace = m_workspace, model = std::move(model),
                              version = std::move(version)](Database& database) -> Result<statistics::Profile> {
                                 PH_ASSIGN(auto found, referenceOf(*workspace, database, model, version));
                                 if (!found)
                                     return fail(ErrorKind::NotFound, "version \"" + version + "\" of the model \"" +
                                                                          model + "\" has no reference profile");
                                 return std::move(found->profile);
                             });
}

Result<statistics::Profile> MonitorReader::profileOf(const workspace::Workspace& workspace,
                                                     const ports::ModelVersion& version) {
    if (version.profileDigest.empty())
        return fail(ErrorKind::NotFound, version.model + " " + version.version + " has no reference profile");
    PH_ASSIGN(const auto bytes, workspace::artifacts::get(workspace, version.profileDigest));
    return statistics::profileFromJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace pilothouse::monitoring
