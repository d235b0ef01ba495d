// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_export.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <cmath>

namespace pilothouse::items {
namespace {

constexpr std::size_t kPage = 4'096;

void appendField(QByteArray& out, std::string_view text) {
    const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
    if (!quoted) {
        out.append(text.data(), static_cast<qsizetype>(text.size()));
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

QJsonValue jsonValue(const ports::Column& column, std::size_t row) {
    if (row >= column.size() || column.missing(row)) return {};
    switch (column.type) {
        case ports::ColumnType::Number:
            // JSON has no infinities; as in text form they stay what they are.
            return std::isfinite(column.numbers[row]) ? QJsonValue(column.numbers[row])
                                                      : QJsonValue(column.numbers[row] > 0 ? u"inf"_qs : u"-inf"_qs);
        case ports::ColumnType::Text:
            return QString::fromUtf8(column.text(row).data(), static_cast<qsizetype>(column.text(row).size()));
        case ports::ColumnType::Time:
            return QString::fromStdString(Timestamp{column.times[row]}.toIso());
    }
    return {};
}

/// The open ends of a range are empty.
QString momentText(Timestamp t) {
    return t == kTimestampMin || t == kTimestampMax ? QString() : QString::fromStdString(t.toIso());
}

QByteArray csvHeader(const ports::Query& query, const TimeRange& range) {
    QString text = QString::fromStdString(query.text);
    text.replace(u'\n', u' ').replace(u'\r', u' ');
    return u"# query: %1\n# range: %2 to %3\n"_qs.arg(text, momentText(range.start), momentText(range.end)).toUtf8();
}

QByteArray jsonHeader(const ports::Query& query, const TimeRange& range) {
    const QJsonObject header{{u"query"_qs, QString::fromStdString(query.text)},
                             {u"from"_qs, momentText(range.start)},
                             {u"to"_qs, momentText(range.end)}};
    return QJsonDocument(QJsonObject{{u"pilothouse_export"_qs, header}}).toJson(QJsonDocument::Compact) + '\n';
}

}  // namespace

QByteArray rowsJsonLines(const ports::RowSet& rows) {
    QByteArray out;
    for (std::size_t r = 0; r < rows.rows; ++r) {
        QJsonObject object;
        for (const ports::Column& column : rows.columns)
            object.insert(QString::fromStdString(column.name), jsonValue(column, r));
        out += QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    }
    return out;
}

QByteArray rowsCsv(const ports::RowSet& rows, bool head) {
    QByteArray out;
    for (std::size_t c = 0; head && c < rows.columns.size(); ++c) {
        if (c) out += ',';
        appendField(out, rows.columns[c].name);
    }
    if (head) out += '\n';
    for (std::size_t r = 0; r < rows.rows; ++r) {
        for (std::size_t c = 0; c < rows.columns.size(); ++c) {
            const ports::Column& column = rows.columns[c];
            if (c) out += ',';
            if (r >= column.size() || column.missing(r)) continue;
            switch (column.type) {
                case ports::ColumnType::Number:
                    out += QByteArray::number(column.numbers[r], 'g', QLocale::FloatingPointShortest);
                    break;
                case ports::ColumnType::Text:
                    appendField(out, column.text(r));
                    break;
                case ports::ColumnType::Time:
                    appendField(out, Timestamp{column.times[r]}.toIso());
                    break;
            }
        }
        out += '\n';
    }
    return out;
}

PredictionExport::PredictionExport(std::shared_ptr<ports::PredictionLog> log, QObject* parent)
    : QObject(parent), m_log(std::move(log)) {}
PredictionExport::~PredictionExport() = default;

void PredictionExport::start(const QString& path, ports::Query query, TimeRange range) {
    cancel();
    auto file = std::make_shared<QSaveFile>(path);
    if (!file->open(QIODevice::WriteOnly))
        return Q_EMIT failed(u"The file %1 cannot be written: %2"_qs.arg(path, file->errorString()));
    m_file = std::move(file);
    const bool json = path.endsWith(u".jsonl") || path.endsWith(u".ndjson") || path.endsWith(u".json");
    m_format = json ? Format::JsonLines : Format::Csv;
    m_request = {};
    m_request.query = std::move(query);
    m_request.range = range;
    m_request.limit = kPage;
    m_written = 0;
    nextPage();
}

void PredictionExport::cancel() {
    m_question.cancel();
    m_file.reset();  // never committed: the temporary file goes with it
}

void PredictionExport::nextPage() {
    m_question.start(
        this,
        [&](CancellationToken token) {
            auto page = m_log->search(m_request, token);
            return page.then(QtFuture::Launch::Async,
                             [file = m_file, format = m_format, head = m_written == 0, query = m_request.query,
                              range = m_request.range, token](Result<ports::SearchPage> answer) -> Result<Part> {
                                 PH_TRY(token.check());
                                 if (!answer) return fail(std::move(answer.error()));
                                 QByteArray text;
                                 if (head)
                                     text = format == Format::Csv ? csvHeader(query, range) : jsonHeader(query, range);
                                 text +=
                                     format == Format::Csv ? rowsCsv(answer->rows, head) : rowsJsonLines(answer->rows);
                                 if (file->write(text) != text.size())
                                     return fail(ErrorKind::ResourceExhausted, "the file cannot be written",
                                                 file->fileName().toStdString(), file->errorString().toStdString());
                                 Part part{answer->rows.rows, std::nullopt, answer->more};
                                 if (!answer->positions.empty()) part.last = answer->positions.back();
                                 return part;
                             });
        },
        [this](Result<Part> part) { arrived(std::move(part)); });
}

void PredictionExport::arrived(Result<Part> part) {
    if (!part) {
        cancel();
        return Q_EMIT failed(QString::fromStdString(part.error().text()));
    }
    m_written += part->rows;
    Q_EMIT progressed(m_written);
    if (part->more && part->last) {
        m_request.before = part->last;
        return nextPage();
    }
    const QString path = m_file->fileName();
    const bool whole = m_file->commit();
    const QString problem = m_file->errorString();
    m_file.reset();
    if (whole) {
        Q_EMIT finished(path, m_written);
    } else {
        Q_EMIT failed(u"The file %1 cannot be written: %2"_qs.arg(path, problem));
    }
}

}  // namespace pilothouse::items
