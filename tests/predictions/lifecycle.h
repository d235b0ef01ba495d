// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/predictions/bulk_append.h"
#include "models/predictions/verify_predictions.h"
#include "tests/predictions/support.h"

namespace pilothouse::test {

/// Rows "PREFIXn" at second n, with a text and a number of their own, as one batch.
inline Status appendRange(workspace::Database& database, const std::string& prefix, std::size_t from, std::size_t to,
                          const std::string& model = "delay") {
    std::vector<Row> rows;
    for (std::size_t i = from; i < to; ++i)
        rows.push_back(row(
            prefix + std::to_string(i), at(static_cast<std::int64_t>(i)),
            {{"model", model}, {"x", static_cast<double>(i % 97) / 8}, {"carrier", std::string(i % 3 ? "UA" : "DL")}}));
    PH_TRY(predictions::append(database, rowSet(rows)));
    return {};
}

/// The same rows as one segment, however few.
inline Status appendSegment(workspace::Database& database, const std::string& prefix, std::size_t from,
                            std::size_t to) {
    using ports::ColumnType;
    predictions::SegmentBuilder builder;
    auto& time = builder.column("time", ColumnType::Time);
    auto& model = builder.column("model", ColumnType::Text);
    auto& id = builder.column("request_id", ColumnType::Text);
    auto& x = builder.column("x", ColumnType::Number);
    ports::Column times{"time", ColumnType::Time, {}, {}, {}, {}},
        models{"model", ColumnType::Text, {}, {}, {"delay"}, {}}, ids{"request_id", ColumnType::Text, {}, {}, {}, {}},
        xs{"x", ColumnType::Number, {}, {}, {}, {}};
    for (std::size_t i = from; i < to; ++i) {
        times.times.push_back(at(static_cast<std::int64_t>(i)).ns);
        models.codes.push_back(0);
        ids.codes.push_back(static_cast<std::uint32_t>(ids.dictionary.size()));
        ids.dictionary.push_back(prefix + std::to_string(i));
        xs.numbers.push_back(static_cast<double>(i % 97) / 8);
    }
    const std::size_t n = to - from;
    time.append(times, 0, n);
    model.append(models, 0, n);
    id.append(ids, 0, n);
    x.append(xs, 0, n);
    for (std::size_t i = 0; i < n; ++i)
        builder.finishRow(times.times[i], predictions::requestHash(ids.dictionary[i]));
    const auto segment = builder.finish();
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database));
    PH_ASSIGN(auto reader, predictions::LogReader::open(database, predictions::LogReader::Damaged::Include));
    PH_TRY(predictions::updateFields(database, reader, predictions::fieldValues(segment)));
    PH_TRY(predictions::insertSegment(database, segment, reader.nextOrdinal()));
    return transaction.commit();
}

/// What verify finds in the log and in the file's pages; empty: sound.
inline std::string problemsOf(Store& store) {
    const auto problems = store.workspace()->verify({predictions::verifyPredictions}, {});
    if (!problems) return problems.error().text();
    std::string out;
    for (const auto& p : *problems)
        out += p.where + ": " + p.what + "\n";
    return out;
}

/// Whether the file or its write-ahead log holds the bytes.
inline bool onDisk(Store& store, const std::string& text) {
    const QByteArray wanted = QByteArray::fromStdString(text);
    return bytesOf(store.workspace()->path()).contains(wanted) ||
           bytesOf(store.workspace()->path() + "-wal").contains(wanted);
}

}  // namespace pilothouse::test
