// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_export.h"

#include <QSaveFile>

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

}  // namespace

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
            return page.then(
                QtFuture::Launch::Async,
                [file = m_file, head = m_written == 0, token](Result<ports::SearchPage> answer) -> Result<Part> {
                    PH_TRY(token.check());
                    if (!answer) return fail(std::move(answer.error()));
                    const QByteArray text = rowsCsv(answer->rows, head);
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
