// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_opening.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QThreadPool>

#include "app/command_line.h"
#include "app/window_ingest.h"
#include "models/items/metric_connections.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/recent_files.h"
#include "widgets/shell/start_page.h"

namespace pilothouse::app {

namespace {

Result<std::shared_ptr<workspace::Workspace>> openWith(const std::string& path, bool there, const std::string& zone,
                                                       const workspace::Connection& connection) {
    PH_ASSIGN(auto workspace,
              there ? workspace::Workspace::open(path) : workspace::Workspace::create(path, ClockKind::Real, zone));
    PH_ASSIGN(auto database, workspace->connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    PH_TRY(items::addConnection(*database, connection));
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

}  // namespace

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

Opening::Opening(shell::MainWindow& window, const WindowOptions& options) : m_window(window), m_options(options) {
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

void Opening::openFile(const QString& path) {
    const std::string file = path.toStdString();
    begin(
        path, [file] { return workspace::Workspace::open(file); }, m_options.speed);
}

void Opening::create(const QString& path) {
    const std::string file = path.toStdString();
    const std::string zone = QTimeZone::systemTimeZoneId().toStdString();
    begin(
        path, [file, zone] { return workspace::Workspace::create(file, ClockKind::Real, zone); }, std::nullopt);
}

void Opening::addConnection(const workspace::Connection& connection) {
    const bool open = m_window.session() != nullptr;
    const std::string path = open ? m_window.session()->workspace().path() : freePath(connection.name);
    const std::string zone = QTimeZone::systemTimeZoneId().toStdString();
    begin(
        QString::fromStdString(path), [=] { return openWith(path, open, zone, connection); }, std::nullopt);
}

void Opening::importFiles(const QStringList& paths) {
    if (m_window.session()) return showImport(m_window, paths);
    if (paths.isEmpty()) return;
    m_toImport = paths;
    create(QString::fromStdString(freePath(QFileInfo(paths.front()).baseName().toStdString())));
}

void Opening::begin(const QString& name, Opener opener, std::optional<double> speed) {
    // First out of what is open: two sessions of one engine would fight for its lease.
    m_window.setSession(nullptr);
    m_window.startPage().showBusy(QStringLiteral("Opening %1 …").arg(QFileInfo(name).fileName()));
    take(name, openLater(std::move(opener)), speed);
}

void Opening::take(const QString& name, QFuture<Result<OpenedWorkspace>> future, std::optional<double> speed) {
    m_question.start(
        this, [&](const CancellationToken&) { return future; },
        [this, name, speed](Result<OpenedWorkspace> opened) { finish(name, std::move(opened), speed); });
}

void Opening::finish(const QString& name, Result<OpenedWorkspace> opened, std::optional<double> speed) {
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

}  // namespace pilothouse::app
