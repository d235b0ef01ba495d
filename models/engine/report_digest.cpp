// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <bit>

#include "models/engine/report.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/monitor_reader.h"
#include "models/pipelines/executor.h"
#include "models/predictions/prediction_store.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::engine {

using workspace::Database;

namespace {

constexpr std::size_t kAllRuns = 1'000'000;

/// Length-prefixed texts and little-endian numbers, so that no two contents read the same.
class Hash {
public:
    void add(std::string_view text) {
        add(static_cast<std::uint64_t>(text.size()));
        m_bytes.append(text.data(), static_cast<qsizetype>(text.size()));
        flush(false);
    }
    void add(std::uint64_t number) {
        char bytes[8];
        for (int i = 0; i < 8; ++i)
            bytes[i] = static_cast<char>(number >> (8 * i));
        m_bytes.append(bytes, 8);
        flush(false);
    }
    void add(double number) {
        // One NaN is as good as another.
        add(std::isnan(number) ? std::uint64_t{0x7FF8000000000000} : std::bit_cast<std::uint64_t>(number));
    }
    void add(Timestamp t) { add(static_cast<std::uint64_t>(t.ns)); }
    void add(const std::optional<Timestamp>& t) { add(t.value_or(kTimestampMin)); }
    void add(TimeRange range) {
        add(range.start);
        add(range.end);
    }
    [[nodiscard]] std::string hex() {
        flush(true);
        return m_hash.result().toHex().toStdString();
    }

private:
    void flush(bool all) {
        if (!all && m_bytes.size() < 1 << 16) return;
        m_hash.addData(m_bytes);
        m_bytes.clear();
    }
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
    QByteArray m_bytes;
};

void addCell(Hash& hash, const ports::Column* column, std::size_t row) {
    if (!column) return hash.add(kTimestampMin);
    switch (column->type) {
        case ports::ColumnType::Number:
            return hash.add(column->numbers[row]);
        case ports::ColumnType::Text:
            return hash.add(column->missing(row) ? std::string_view("\0", 1) : column->text(row));
        case ports::ColumnType::Time:
            return hash.add(Timestamp{column->times[row]});
    }
}

Status addRows(Hash& hash, Database& database) {
    predictions::ScanRequest request;
    for (const std::string_view name :
         {ports::field::requestId, ports::field::time, ports::field::version, ports::field::score, ports::field::status,
          ports::field::outcome, ports::field::outcomeTime})
        request.columns.emplace_back(name);
    return predictions::scan(database, request, {}, [&](const ports::RowSet& rows) -> Status {
        std::vector<const ports::Column*> columns;
        for (const std::string& name : request.columns)
            columns.push_back(rows.find(name));
        for (std::size_t row = 0; row < rows.rows; ++row)
            for (const ports::Column* column : columns)
                addCell(hash, column, row);
        return {};
    });
}

Status addVersions(Hash& hash, Database& database, const std::string& model) {
    PH_ASSIGN(const auto versions, workspace::registry::versions(database, model));
    for (const auto& v : versions) {
        for (const std::string* text : {&v.version, &v.runId, &v.artifactDigest, &v.profileDigest})
            hash.add(*text);
        hash.add(v.created);
        hash.add(v.trainedOn);
        hash.add(v.evaluatedOn);
        hash.add(v.trainingRows);
        for (const auto& m : v.metrics) {
            hash.add(m.name);
            for (const double number : {m.value, m.low, m.high})
                hash.add(number);
            hash.add(m.n);
        }
    }
    PH_ASSIGN(const auto periods, workspace::registry::aliasHistory(database, model));
    for (const auto& p : periods) {
        hash.add(p.alias);
        hash.add(p.version);
        hash.add(p.from);
        hash.add(p.to);
    }
    return {};
}

Status addEvaluations(Hash& hash, Database& database) {
    monitoring::EvaluationsRequest request;
    request.counts = true;
    PH_ASSIGN(const auto evaluations, monitoring::MonitorReader::read(database, request));
    for (const auto& e : evaluations) {
        for (const std::string* text : {&e.monitor, &e.kind, &e.version, &e.summary})
            hash.add(*text);
        hash.add(e.window);
        hash.add(e.evaluatedAt);
        hash.add(std::string_view(statistics::toString(e.state)));
        hash.add(e.rows);
        hash.add(e.labelled);
        for (const auto& f : e.findings) {
            const auto& v = f.verdict;
            for (const std::string* text : {&f.feature, &f.check, &v.reason, &v.method})
                hash.add(*text);
            hash.add(std::string_view(statistics::toString(v.state)));
            for (const double number : {v.statistic, v.threshold, v.pValue, v.qValue, v.effect, v.effectLow,
                                        v.effectHigh, v.minimumEffect, v.nEffective, f.missingShare})
                hash.add(number);
            hash.add(v.nReference);
            hash.add(v.nCurrent);
            for (const double count : f.counts)
                hash.add(count);
        }
    }
    return {};
}

Status addAlerts(Hash& hash, Database& database) {
    PH_ASSIGN(const auto alerts, monitoring::readAlerts(database, false, {}));
    for (const auto& a : alerts) {
        hash.add(static_cast<std::uint64_t>(a.id));
        hash.add(a.fingerprint);
        hash.add(std::string_view(ports::toString(a.state)));
        hash.add(a.pendingSince);
        hash.add(a.firingSince);
        hash.add(a.resolvedAt);
        hash.add(a.window);
    }
    PH_ASSIGN(const auto events, monitoring::readAlertEvents(database));
    for (const auto& e : events) {
        hash.add(static_cast<std::uint64_t>(e.alert));
        hash.add(e.at);
        hash.add(std::string_view(ports::toString(e.state)));
        hash.add(e.text);
    }
    return {};
}

Status addRuns(Hash& hash, Database& database) {
    PH_ASSIGN(const auto runs, pipelines::listRuns(database, kAllRuns));
    for (const auto& listed : runs) {
        PH_ASSIGN(const auto r, pipelines::readRun(database, std::stoll(listed.id)));
        for (const std::string* text :
             {&r.id, &r.pipeline, &r.trigger, &r.triggerRef, &r.cause, &r.result, &r.producedVersion})
            hash.add(*text);
        hash.add(std::string_view(ports::toString(r.state)));
        hash.add(r.created);
        hash.add(r.started);
        hash.add(r.finished);
        for (const auto& task : r.tasks) {
            hash.add(task.name);
            hash.add(std::string_view(ports::toString(task.state)));
            hash.add(task.started);
            hash.add(task.finished);
            hash.add(task.error);
        }
    }
    return {};
}

}  // namespace

Result<std::string> digestOf(Database& database, const std::string& model) {
    Hash hash;
    PH_TRY(addRows(hash, database));
    PH_TRY(addVersions(hash, database, model));
    PH_TRY(addEvaluations(hash, database));
    PH_TRY(addAlerts(hash, database));
    PH_TRY(addRuns(hash, database));
    return hash.hex();
}

}  // namespace pilothouse::engine
