// SPDX-License-Identifier: GPL-3.0-or-later
// The whole year at full speed, without pictures: wall time, processor time, rows a second, size of the file, digest.
#include <sys/resource.h>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <cstdio>

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    QTemporaryDir folder;
    QElapsedTimer timer;
    timer.start();
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(
        QStringLiteral(PILOTHOUSE_BINARY),
        {QStringLiteral("demo"), QStringLiteral("--headless"), QStringLiteral("--speed"), QStringLiteral("max"),
         QStringLiteral("--no-pictures"), QStringLiteral("--json"), QStringLiteral("--out"), folder.path()});
    if (!process.waitForFinished(1'800'000) || process.exitCode() != 0) return 1;
    const double seconds = static_cast<double>(timer.elapsed()) / 1000;
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    const QJsonObject report = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
    const double rows = report.value(QStringLiteral("rows")).toObject().value(QStringLiteral("flights")).toDouble();
    std::printf("a year of %.0f flights at full speed: %.1f s wall (goal 60), %.1f s of processor, %.0f rows/s\n", rows,
                seconds, cpu, rows / seconds);
    std::printf("peak memory %.0f MB, workspace %.1f MB\n", static_cast<double>(usage.ru_maxrss) / 1024,
                static_cast<double>(QFileInfo(folder.filePath(QStringLiteral("demo.pilothouse"))).size()) / 1e6);
    std::printf("digest %s\n", qPrintable(report.value(QStringLiteral("digest")).toString()));
    return 0;
}
