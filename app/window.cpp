// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"
#include "app/command_line.h"
#include "app/window_export.h"
#include "app/window_monitors.h"
#include "app/window_opening.h"

#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QFile>
#include <QTimer>
#include <cstdio>

#include "models/base/logging.h"
#include "models/workspace/worker_pool.h"
#include "resources/resources.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/event_loop_meter.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/start_page.h"
#include "widgets/shell/status_area.h"

namespace pilothouse::app {

namespace {

/// Milliseconds since this process began, as the kernel counts it (in steps of 10 ms), loading of libraries included.
double sinceProcessStart() {
    QFile file(QStringLiteral("/proc/self/stat"));
    if (!file.open(QIODevice::ReadOnly)) return -1;
    const QByteArray stat = file.readAll();
    const auto fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');  // from the third field on
    if (fields.size() < 20) return -1;
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const double ticks = fields[19].toDouble() / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return (static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - ticks) * 1000;
}

void measureGaps(double seconds, QObject* parent) {
    auto* meter = new shell::EventLoopMeter(parent);
    meter->start();
    QTimer::singleShot(static_cast<int>(seconds * 1000), parent, [meter] {
        meter->stop();
        const auto r = meter->report();
        std::printf("longest event loop gap %.1f ms over %.1f s (99th percentile %.1f ms, %d over 50 ms)\n",
                    r.longestMs, r.seconds, r.p99Ms, r.over50Ms);
        std::fflush(stdout);
        QApplication::exit(0);
    });
}

}  // namespace

int runWindow(int argc, char** argv, const WindowOptions& options) {
    resources::init();
    QCoreApplication::setOrganizationName(QStringLiteral("pilothouse"));
    QCoreApplication::setApplicationName(QStringLiteral("pilothouse"));
    workspace::WorkerPool::giveWay(true);
    // The file is opened while Qt starts.
    QString name = QString::fromStdString(options.file);
    std::optional<QFuture<Result<OpenedWorkspace>>> early;
    Opener opener = options.open;
    if (!opener && !options.file.empty()) opener = [file = options.file] { return workspace::Workspace::open(file); };
    if (name.isEmpty()) name = QStringLiteral("the demo");
    if (opener) early = openLater(opener);

    QApplication application(argc, argv);
    QGuiApplication::setDesktopFileName(QStringLiteral("pilothouse"));
    logging::install();
    shell::ColorScheme scheme;
    scheme.start();
    shell::MainWindow window(scheme);
    window.setWindowIcon(theme::icon(QStringLiteral("pilothouse")));
    addViews(window);
    shell::addWindowCommands(window);
    addMonitorCommands(window);
    new ReportSaving(window);  // goes with the window
    Opening opening(window, options);
    QObject::connect(&window, &shell::MainWindow::painted, &scheme, [&] {
        if (options.measureStart) {
            std::printf("first paint after %.0f ms\n", sinceProcessStart());
            std::fflush(stdout);
            QApplication::exit(0);
        }
        scheme.follow();
    });
    if (early && early->isFinished()) {
        opening.finish(name, early->takeResult(), options.speed);  // the usual case: no start page in between
    } else if (early) {
        window.startPage().showBusy(QStringLiteral("Opening %1 …").arg(QFileInfo(name).fileName()));
        opening.take(name, *early, options.speed);
    }
    window.show();
    if (options.measureGaps > 0) measureGaps(options.measureGaps, &window);
    const int code = QApplication::exec();
    window.setSession(nullptr);  // stops the engine while the application still stands
    return code;
}

}  // namespace pilothouse::app
