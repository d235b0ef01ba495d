// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"
#include "app/command_line.h"
#include "app/window_export.h"
#include "app/window_ingest.h"

#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QThreadPool>
#include <QTimer>
#include <cstdio>

#include "models/base/latest.h"
#include "models/base/logging.h"
#include "models/items/metric_connections.h"
#include "models/workspace/worker_pool.h"
#include "resources/resources.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/event_loop_meter.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/recent_files.h"
#include "widgets/shell/start_page.h"
#include "widgets/shell/status_area.h"

namespace pilothouse::app {

namespace {

using Opener = std::function<Result<std::shared_ptr<workspace::Workspace>>()>;

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

/// Runs an opener away from the GUI thread.
QFuture<Result<OpenedWorkspace>> openLater(Opener opener) {
    auto promise = std::make_shared<QPromise<Result<OpenedWorkspace>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start([promise, opener = std::move(opener)] {
        promise->addResult(completeOpening(opener()));
        promise->finish();
    });
    return future;
}

Result<std::shared_ptr<workspace::Workspace>> openWith(const std::string& path, bool there, const std::string& zone,
                                                       const workspace::Connection& connection) {
    PH_ASSIGN(auto workspace,
              there ? workspace::Workspace::open(path) : workspace::Workspace::create(path, ClockKind::Real, zone));
    PH_ASSIGN(auto database, workspace->connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    PH_TRY(items::addMetricConnection(*database, connection));
    PH_TRY(transaction.commit());
    return workspace;
}

/// A file in the data folder that is not there yet.
std::string freePath(const std::string& name) {
    QString base = QString::fromStdString(name).replace(QRegularExpression(QStringLiteral("[^\\w.-]+")), u"-"_qs);
    const QDir folder(QString::fromStdString(dataFolder()));
    QString file = base + QStringLiteral(".pilothouse");
    for (int n = 2; folder.exists(file); ++n)
        file = QStringLiteral("%1-%2.pilothouse").arg(base).arg(n);
    return folder.filePath(file).toStdString();
}

/// Opens workspaces into the window, and the start page's errors out of it.
class Opening : public QObject {
public:
    Opening(shell::MainWindow& window, const WindowOptions& options) : m_window(window), m_options(options) {
        connect(&window, &shell::MainWindow::openRequested, this, [this](const QString& path) { openFile(path); });
        connect(&window, &shell::MainWindow::createRequested, this, [this](const QString& path) { create(path); });
        connect(&window, &shell::MainWindow::connectRequested, this,
                [this](const workspace::Connection& connection) { addConnection(connection); });
        connect(&window, &shell::MainWindow::importRequested, this,
                [this](const QStringList& paths) { importFiles(paths); });
        connect(&window, &shell::MainWindow::quarantineRequested, this, [this] { showQuarantine(m_window); });
        connect(&window, &shell::MainWindow::retentionRequested, this, [this] { showRetention(m_window); });
        connect(&window, &shell::MainWindow::demoRequested, this, [this] {
            if (m_options.demo) begin(QStringLiteral("the demo"), m_options.demo, m_options.speed.value_or(1));
        });
    }
    void openFile(const QString& path) {
        const std::string file = path.toStdString();
        begin(
            path, [file] { return workspace::Workspace::open(file); }, m_options.speed);
    }
    void create(const QString& path) {
        const std::string file = path.toStdString();
        const std::string zone = QTimeZone::systemTimeZoneId().toStdString();
        begin(
            path, [file, zone] { return workspace::Workspace::create(file, ClockKind::Real, zone); }, std::nullopt);
    }
    /// Into the open workspace, which is opened again with it, or into a new one of the connection's name.
    void addConnection(const workspace::Connection& connection) {
        const bool open = m_window.session() != nullptr;
        const std::string path = open ? m_window.session()->workspace().path() : freePath(connection.name);
        const std::string zone = QTimeZone::systemTimeZoneId().toStdString();
        begin(
            QString::fromStdString(path), [=] { return openWith(path, open, zone, connection); }, std::nullopt);
    }
    /// Into the open workspace, or into a new one that is called as the first file.
    void importFiles(const QStringList& paths) {
        if (m_window.session()) return showImport(m_window, paths);
        if (paths.isEmpty()) return;
        m_toImport = paths;
        create(QString::fromStdString(freePath(QFileInfo(paths.front()).baseName().toStdString())));
    }
    void begin(const QString& name, Opener opener, std::optional<double> speed) {
        // First out of what is open: two sessions of one engine would fight for its lease.
        m_window.setSession(nullptr);
        m_window.startPage().showBusy(QStringLiteral("Opening %1 …").arg(QFileInfo(name).fileName()));
        take(name, openLater(std::move(opener)), speed);
    }
    /// Shows it when it is there.
    void take(const QString& name, QFuture<Result<OpenedWorkspace>> future, std::optional<double> speed) {
        m_question.start(
            this, [&](const CancellationToken&) { return future; },
            [this, name, speed](Result<OpenedWorkspace> opened) { finish(name, std::move(opened), speed); });
    }
    void finish(const QString& name, Result<OpenedWorkspace> opened, std::optional<double> speed) {
        if (!opened) {
            m_toImport.clear();
            return m_window.startPage().showError(name, opened.error());
        }
        shell::rememberFile(QString::fromStdString(opened->workspace->path()));
        auto session = makeSession(std::move(*opened));
        engine::Engine* engine = session->engine();
        m_window.setSession(std::move(session));
        if (engine && speed) engine->start(*speed);
        if (!m_toImport.isEmpty()) showImport(m_window, std::exchange(m_toImport, {}));
    }

private:
    shell::MainWindow& m_window;
    const WindowOptions& m_options;
    QStringList m_toImport;  ///< once there is a workspace
    Latest m_question;
};

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
