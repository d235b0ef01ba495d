// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/prediction_ingest.h"

#include <sys/resource.h>

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <cstdio>

#include "models/predictions/ingest.h"
#include "tests/bench/measuring.h"

namespace pilothouse::bench {

namespace {

constexpr double kMillion = 1e6;

/// When so many rows were in, between the two reports of progress around it.
class RowClock {
public:
    void see(double rows, double seconds) {
        if (m_at.empty() || rows > m_at.back().rows) m_at.push_back({rows, seconds});
    }
    [[nodiscard]] double secondsAt(double rows) const {
        Mark before{0, 0};
        for (const Mark& mark : m_at) {
            if (mark.rows >= rows)
                return before.seconds +
                       (mark.seconds - before.seconds) * (rows - before.rows) / (mark.rows - before.rows);
            before = mark;
        }
        return before.seconds;
    }

private:
    struct Mark {
        double rows, seconds;
    };
    std::vector<Mark> m_at;
};

}  // namespace

void capMemory(std::size_t megabytes) {
    rlimit limit{};
    ::getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = megabytes == 0 ? limit.rlim_max : static_cast<rlim_t>(megabytes) << 20;
    if (::setrlimit(RLIMIT_DATA, &limit) != 0) qFatal("the memory cannot be limited");
}

int runIngestChild(const QString& lines, const QString& path, std::size_t rows) {
    const auto workspace = need(workspace::Workspace::create(path.toStdString(), ClockKind::Logical, "UTC"));
    RowClock clock;
    predictions::IngestOptions options;
    options.files = {lines.toStdString()};
    options.onProgress = [&](const predictions::IngestProgress& p) {
        clock.see(static_cast<double>(p.rows), p.seconds);
    };
    const auto report = need(predictions::ingest(*workspace, options, {}));
    if (report.files.size() != 1 || report.files[0].error || report.files[0].rows != rows)
        qFatal("%zu rows were written, %llu came in", rows,
               report.files.empty() ? 0ULL : static_cast<unsigned long long>(report.files[0].rows));
    clock.see(static_cast<double>(rows), report.seconds);
    const auto total = static_cast<double>(rows);
    const bool enough = total >= 2 * kMillion;
    const QJsonObject out{{QStringLiteral("seconds"), report.seconds},
                          {QStringLiteral("peak"), memoryMegabytes("VmHWM")},
                          {QStringLiteral("first"), enough ? clock.secondsAt(kMillion) : 0},
                          {QStringLiteral("last"), enough ? report.seconds - clock.secondsAt(total - kMillion) : 0}};
    std::printf("%s\n", QJsonDocument(out).toJson(QJsonDocument::Compact).constData());
    return 0;
}

IngestFigures measureIngest(const QString& lines, const QString& workspace, std::size_t rows,
                            std::size_t capMegabytes) {
    QProcess child;
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    if (capMegabytes > 0) child.setChildProcessModifier([capMegabytes] { capMemory(capMegabytes); });
    child.start(QCoreApplication::applicationFilePath(),
                {QString::fromLatin1(kIngestChild), lines, workspace, QString::number(rows)});
    if (!child.waitForFinished(-1) || child.exitStatus() != QProcess::NormalExit || child.exitCode() != 0)
        qFatal("the ingestion failed");
    const QJsonObject said = QJsonDocument::fromJson(child.readAllStandardOutput()).object();
    return {said[QLatin1String("seconds")].toDouble(), said[QLatin1String("first")].toDouble(),
            said[QLatin1String("last")].toDouble(), said[QLatin1String("peak")].toDouble()};
}

}  // namespace pilothouse::bench
