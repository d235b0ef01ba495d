// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <memory>

#include "models/base/latest.h"
#include "models/ports/prediction_log.h"

class QSaveFile;

namespace pilothouse::items {

/// Writes all matching rows to a file, newest first, page by page; rows are formatted and written off the GUI thread,
/// and the file appears only when it is whole. JSON lines where its name ends in .jsonl, .ndjson or .json, else CSV.
/// Times in ISO 8601, UTC; missing values are empty, or null. What was asked for stands in the first lines: "# query:
/// …" and "# range: …" in CSV, one object under "pilothouse_export" in JSON lines.
class PredictionExport : public QObject {
    Q_OBJECT
public:
    explicit PredictionExport(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);
    ~PredictionExport() override;

    void start(const QString& path, ports::Query query, TimeRange range);
    /// Nothing is left behind.
    void cancel();
    [[nodiscard]] bool running() const { return m_file != nullptr; }
    [[nodiscard]] quint64 written() const { return m_written; }

Q_SIGNALS:
    void progressed(quint64 rows);
    void finished(const QString& path, quint64 rows);
    void failed(const QString& message);

private:
    enum class Format { Csv, JsonLines };
    struct Part {
        quint64 rows = 0;
        std::optional<ports::RowPosition> last;
        bool more = false;
    };
    void nextPage();
    void arrived(Result<Part> part);

    std::shared_ptr<ports::PredictionLog> m_log;
    std::shared_ptr<QSaveFile> m_file;
    ports::SearchRequest m_request;
    Format m_format = Format::Csv;
    quint64 m_written = 0;
    Latest m_question;
};

/// One JSON object a line, features under their own names.
[[nodiscard]] QByteArray rowsJsonLines(const ports::RowSet& rows);
/// Lines of CSV for these rows, with a head line if wanted (RFC 4180, "\n" at the end of a line).
[[nodiscard]] QByteArray rowsCsv(const ports::RowSet& rows, bool head);

}  // namespace pilothouse::items
