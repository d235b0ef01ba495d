// SPDX-License-Identifier: GPL-3.0-or-later
// From the start of the process to the first paint of an existing workspace, beside an empty Qt window in the same run,
// and the longest gap of the event loop while the replay runs at full speed. Offscreen unless QT_QPA_PLATFORM says
// otherwise.
//   bench_start [RUNS] [SECONDS OF REPLAY]
#include <QApplication>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTimer>
#include <QWidget>
#include <algorithm>
#include <cstdio>

namespace {

/// A window with nothing in it: what Qt itself takes.
class EmptyWindow : public QWidget {
    void paintEvent(QPaintEvent*) override { QTimer::singleShot(0, qApp, &QCoreApplication::quit); }
};

double runMs(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QElapsedTimer timer;
    timer.start();
    process.start(program, arguments);
    if (!process.waitForFinished(60'000) || process.exitCode() != 0) return -1;
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

QByteArray outputOf(const QStringList& arguments, int timeoutMs) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral(PILOTHOUSE_BINARY), arguments);
    if (!process.waitForFinished(timeoutMs)) process.kill();
    process.waitForFinished(5'000);
    return process.readAllStandardOutput();
}

double number(const QByteArray& text, const char* pattern) {
    const auto match = QRegularExpression(QLatin1String(pattern)).match(QString::fromUtf8(text));
    return match.hasMatch() ? match.captured(1).toDouble() : -1;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? -1 : values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    if (argc > 1 && qstrcmp(argv[1], "--empty-window") == 0) {
        EmptyWindow window;
        window.show();
        return QApplication::exec();
    }
    const int runs = argc > 1 ? atoi(argv[1]) : 9;
    const char* seconds = argc > 2 ? argv[2] : "20";
    QTemporaryDir folder;
    // A workspace with history, a version and verdicts: the first 119 days.
    const QString out = folder.path();
    outputOf({QStringLiteral("demo"), QStringLiteral("--headless"), QStringLiteral("--days"), QStringLiteral("119"),
              QStringLiteral("--no-pictures"), QStringLiteral("--out"), out},
             600'000);
    const QString workspace = out + QStringLiteral("/demo.pilothouse");
    std::vector<double> empty, first;
    for (int i = 0; i < runs; ++i) {  // in turns, so that what else the machine does hits both alike
        empty.push_back(runMs(QString::fromLocal8Bit(argv[0]), {QStringLiteral("--empty-window")}));
        first.push_back(
            number(outputOf({workspace, QStringLiteral("--measure-start")}, 60'000), "first paint after ([0-9.]+) ms"));
    }
    std::printf("start to first paint of an existing workspace: median %.0f ms of %d (goal 200)\n", median(first),
                runs);
    std::printf("an empty Qt window, started and ended:          median %.0f ms of %d\n", median(empty), runs);
    QTemporaryDir fresh;
    const QByteArray gaps =
        outputOf({QStringLiteral("demo"), QStringLiteral("--speed"), QStringLiteral("max"), QStringLiteral("--out"),
                  fresh.path(), QStringLiteral("--measure-gaps"), QLatin1String(seconds)},
                 300'000);
    std::printf("replay at full speed, goal under 50 ms: %s", gaps.constData());
    return 0;
}
