// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest.h"

#include <unistd.h>

#include <QFile>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/command_line.h"
#include "app/output.h"
#include "models/items/quarantine_model.h"
#include "models/predictions/ingest_ledger.h"

namespace pilothouse::app {

namespace {

std::string counted(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string megabytes(std::uint64_t bytes) {
    return QString::number(static_cast<double>(bytes) * 1e-6, 'f', bytes < 10'000'000 ? 1 : 0).toStdString() + " MB";
}

QJsonObject countsObject(const std::map<std::string, std::uint64_t>& counts) {
    QJsonObject out;
    for (const auto& [name, count] : counts)
        out.insert(text(name), static_cast<qint64>(count));
    return out;
}

Result<predictions::RowMapping> readMapping(const std::string& path) {
    QFile file(text(path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::Unavailable, "cannot be read", path, file.errorString().toStdString());
    const QByteArray bytes = file.read(1 << 20);
    return predictions::parseMapping({bytes.constData(), static_cast<std::size_t>(bytes.size())}, path);
}

void showProgress(const predictions::IngestProgress& p) {
    const double rate = p.seconds > 0 ? static_cast<double>(p.rows) / p.seconds : 0;
    std::string line = "\r" + counted(p.rows) + " rows, " + megabytes(p.bytes) + ", " +
                       counted(static_cast<std::uint64_t>(rate)) + " rows/s";
    if (p.fileSize > 0)
        line += ", " + std::to_string(std::min<std::uint64_t>(100, p.fileBytes * 100 / p.fileSize)) + " %";
    if (p.quarantined > 0) line += ", " + counted(p.quarantined) + " in quarantine";
    std::fprintf(stderr, "%s\x1b[K", line.c_str());
}

QJsonObject fileObject(const predictions::IngestedFileReport& file) {
    QJsonObject out{{QStringLiteral("file"), text(file.path)},
                    {QStringLiteral("rows"), static_cast<qint64>(file.rows)},
                    {QStringLiteral("repeated"), static_cast<qint64>(file.repeated)},
                    {QStringLiteral("known_rows"), static_cast<qint64>(file.knownRows)},
                    {QStringLiteral("known_bytes"), static_cast<qint64>(file.knownBytes)},
                    {QStringLiteral("outcomes"), static_cast<qint64>(file.truths)},
                    {QStringLiteral("quarantined"), static_cast<qint64>(file.quarantined)},
                    {QStringLiteral("rows_with_fields_left_out"), static_cast<qint64>(file.cutRows)},
                    {QStringLiteral("reasons"), countsObject(file.reasons)},
                    {QStringLiteral("bytes"), static_cast<qint64>(file.bytes)},
                    {QStringLiteral("note"), text(file.note)}};
    if (file.mapping) out.insert(QStringLiteral("mapping"), text(predictions::toYaml(*file.mapping)));
    out.insert(QStringLiteral("error"), file.error ? QJsonValue(text(file.error->text())) : QJsonValue());
    return out;
}

void printReportAsJson(const predictions::IngestReport& report) {
    QJsonArray files;
    std::uint64_t rows = 0, repeated = 0, quarantined = 0;
    for (const auto& file : report.files) {
        files.append(fileObject(file));
        rows += file.rows;
        repeated += file.repeated + file.knownRows;
        quarantined += file.quarantined;
    }
    printJson({{QStringLiteral("rows"), static_cast<qint64>(rows)},
               {QStringLiteral("repeated"), static_cast<qint64>(repeated)},
               {QStringLiteral("quarantined"), static_cast<qint64>(quarantined)},
               {QStringLiteral("waiting_events"), static_cast<qint64>(report.waitingEvents)},
               {QStringLiteral("seconds"), jsonNumber(report.seconds)},
               {QStringLiteral("cancelled"), report.cancelled},
               {QStringLiteral("files"), files}});
}

void printFile(const predictions::IngestedFileReport& file) {
    std::string line = file.path + ": " + counted(file.rows) + " rows added";
    if (file.repeated + file.knownRows > 0)
        line += ", " + counted(file.repeated + file.knownRows) + " were there already";
    if (file.truths > 0) line += ", " + counted(file.truths) + " outcomes";
    if (file.quarantined > 0) line += ", " + counted(file.quarantined) + " in quarantine";
    if (!file.note.empty()) line += " (" + file.note + ")";
    printLine(line);
    for (const auto& [reason, count] : file.reasons)
        printLine("  " + counted(count) + " × " + reason);
    if (file.error) printNote("pilothouse: " + file.error->text());
}

Result<predictions::IngestOptions> optionsOf(const IngestArguments& arguments) {
    predictions::IngestOptions out;
    out.files = arguments.files;
    out.model = arguments.model;
    out.version = arguments.version;
    out.follow = arguments.follow;
    out.dryRun = arguments.dryRun;
    if (!arguments.map.empty()) {
        PH_ASSIGN(out.mapping, readMapping(arguments.map));
    }
    if (const char* key = std::getenv("PILOTHOUSE_HASH_KEY")) out.hashKey = key;
    out.onMapping = [](const std::string& file, const predictions::RowMapping& mapping, bool guessed) {
        if (guessed) printNote("# mapping guessed from " + file + "\n" + predictions::toYaml(mapping));
    };
    if (::isatty(2)) out.onProgress = showProgress;
    return out;
}

Result<predictions::IngestReport> runIngestion(const CommandContext& context, const IngestArguments& arguments) {
    PH_ASSIGN(const auto options, optionsOf(arguments));
    PH_ASSIGN(const auto workspace, context.openOrCreateWorkspace());
    auto report = predictions::ingest(*workspace, options, context.token);
    if (options.onProgress) std::fprintf(stderr, "\r\x1b[K");
    return report;
}

Status listQuarantine(const CommandContext& context, const QuarantineArguments& arguments) {
    PH_ASSIGN(const auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect(true));
    predictions::QuarantineQuery query;
    query.text = arguments.text;
    query.reason = arguments.reason;
    query.limit = arguments.limit;
    PH_ASSIGN(const auto entries, predictions::quarantineEntries(*database, query, context.token));
    if (!context.json) {
        PH_ASSIGN(const auto counts, predictions::quarantineCounts(*database));
        for (const auto& [reason, count] : counts)
            printNote(counted(count) + " × " + reason);
    }
    for (const auto& entry : entries) {
        if (context.json) {
            printJsonLine(items::quarantineObject(entry));
            continue;
        }
        const auto& row = entry.row;
        const QString raw = QString::fromUtf8(row.raw.data(), static_cast<qsizetype>(row.raw.size()));
        QString shown = raw.left(120);
        for (QChar& c : shown)
            if (c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0)) c = u'·';
        printLine(entry.file + ":" + std::to_string(row.place.line) + ": " + row.reason +
                  (row.detail.empty() ? "" : " (" + row.detail + ")") + ": " + shown.toStdString());
    }
    return {};
}

}  // namespace

int runIngest(const CommandContext& context, const IngestArguments& arguments) {
    const auto report = runIngestion(context, arguments);
    if (!report) return pilothouse::app::report(report.error());
    if (context.json) {
        printReportAsJson(*report);
    } else {
        for (const auto& file : report->files)
            printFile(file);
        if (report->waitingEvents > 0) printLine(counted(report->waitingEvents) + " events wait for their other half");
    }
    if (report->cancelled) return Cancelled;
    const bool failed = std::ranges::any_of(report->files, [](const auto& file) { return file.error.has_value(); });
    return failed ? Failed : Done;
}

int runQuarantine(const CommandContext& context, const QuarantineArguments& arguments) {
    const Status done = listQuarantine(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
