// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/main_window.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QSaveFile>
#include <QSettings>
#include <QStackedWidget>
#include <QStandardPaths>

#include "models/items/import_job.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/command_palette.h"
#include "widgets/shell/connect_form.h"
#include "widgets/shell/help_page.h"
#include "widgets/shell/keys_page.h"
#include "widgets/shell/start_page.h"
#include "widgets/shell/status_area.h"

namespace pilothouse::shell {

namespace {
const QString kFilter = QStringLiteral("Workspaces (*.pilothouse);;All files (*)");
const QString kPredictions = QStringLiteral("Predictions (*.jsonl *.ndjson *.json *.csv *.gz *.zst);;All files (*)");

/// By its name, or by how a database file begins.
bool isWorkspace(const QString& path) {
    const QFileInfo info(path);
    if (info.suffix() == u"pilothouse") return true;
    QFile file(path);
    return info.isFile() && file.open(QIODevice::ReadOnly) && file.read(15) == "SQLite format 3";
}
}  // namespace

MainWindow::MainWindow(ColorScheme& scheme, QWidget* parent) : QMainWindow(parent), m_scheme(scheme), m_commands(this) {
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    setMinimumSize(900, 560);
    m_pages = new QStackedWidget(this);
    m_start = new StartPage(m_pages);
    m_pages->addWidget(m_start);
    setCentralWidget(m_pages);
    m_palette = new CommandPalette(this);
    m_keys = new KeysPage(this);
    m_help = new HelpPage(this);
    connect(m_start, &StartPage::openRequested, this, &MainWindow::askForFile);
    connect(m_start, &StartPage::newRequested, this, &MainWindow::askForNewFile);
    connect(m_start, &StartPage::connectRequested, this, &MainWindow::askForConnection);
    connect(m_start, &StartPage::importRequested, this, &MainWindow::askForImport);
    connect(m_start, &StartPage::demoRequested, this, &MainWindow::demoRequested);
    connect(m_start, &StartPage::fileRequested, this, &MainWindow::openRequested);
    const QByteArray geometry = QSettings().value(QStringLiteral("window/geometry")).toByteArray();
    if (geometry.isEmpty() || !restoreGeometry(geometry)) resize(1600, 900);
    showTitle();
}

MainWindow::~MainWindow() { setSession(nullptr); }

void MainWindow::addView(const QString& id, const QString& title, const QString& icon,
                         std::function<theme::View*(items::Session&, QWidget*)> factory) {
    m_views.push_back({id, title, icon, std::move(factory)});
    m_commands.add({QStringLiteral("view.") + id,
                    QStringLiteral("Show %1").arg(title),
                    QStringLiteral("View"),
                    {QKeySequence(QString::number(m_views.size()))},
                    [this, id] { showView(id); },
                    [this] { return m_frame != nullptr; }});
}

void MainWindow::setSession(std::unique_ptr<items::Session> session) {
    delete m_frame;  // before what it looks at
    m_frame = nullptr;
    m_session = std::move(session);
    showTitle();
    if (!m_session) {
        m_start->refresh();
        m_pages->setCurrentWidget(m_start);
        return;
    }
    m_start->showBusy({});
    m_frame = new WorkspaceFrame(*m_session, m_commands, m_views, m_pages);
    connect(m_frame, &WorkspaceFrame::painted, this, &MainWindow::painted);
    connect(m_frame, &WorkspaceFrame::viewChanged, this, &MainWindow::showTitle);
    // What is asked for is a view, which the frame shows, or one of the window's own commands.
    connect(m_session.get(), &items::Session::viewRequested, &m_commands, [this](const QString& id) {
        if (std::ranges::none_of(m_views, [&](const ViewFactory& view) { return view.id == id; }))
            m_commands.trigger(id);
    });
    m_pages->addWidget(m_frame);
    m_pages->setCurrentWidget(m_frame);
    const QString last = QSettings().value(QStringLiteral("view/current")).toString();
    const bool known = std::ranges::any_of(m_views, [&](const ViewFactory& v) { return v.id == last; });
    if (!m_views.empty()) showView(known ? last : m_views.front().id);
}

void MainWindow::showTitle() {
    QString title = QStringLiteral("Pilothouse");
    if (m_session)
        title =
            QFileInfo(QString::fromStdString(m_session->workspace().path())).fileName() + QStringLiteral(" – ") + title;
    if (m_frame && m_frame->currentView()) title = m_frame->currentView()->viewTitle() + QStringLiteral(" – ") + title;
    setWindowTitle(title);
}

void MainWindow::showView(const QString& id) {
    if (m_frame) m_frame->showView(id);
}

void MainWindow::openPalette() { m_palette->openWith(m_commands, m_frame); }

void MainWindow::openHelp(const QString& page) { m_help->openPage(page); }

void MainWindow::openKeys() {
    const theme::View* view = m_frame ? m_frame->currentView() : nullptr;
    m_keys->openWith(m_commands, view ? view->viewTitle() : QString(), view ? view->keys() : QStringList());
}

void MainWindow::exportView() {
    if (!m_frame || !m_frame->currentView()) return;
    const QByteArray csv = m_frame->currentView()->exportCsv();
    auto* dialog = new QFileDialog(this, QStringLiteral("Export what is shown"));
    dialog->setObjectName(QStringLiteral("exportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    // A view with nothing to list still has a window to report.
    const QString suffix = csv.isEmpty() ? QStringLiteral("html") : QStringLiteral("csv");
    QStringList filters{QStringLiteral("Report of the window (*.html)")};
    if (!csv.isEmpty()) filters.prepend(QStringLiteral("What is shown (*.csv)"));
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(suffix);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains(QStringLiteral("html")) ? QStringLiteral("html")
                                                                         : QStringLiteral("csv"));
    });
    dialog->selectFile(m_frame->currentView()->viewId() + u'.' + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this, csv](const QString& path) {
        if (path.endsWith(QStringLiteral(".html"), Qt::CaseInsensitive)) return Q_EMIT reportRequested(path);
        QSaveFile file(path);
        const bool done = file.open(QIODevice::WriteOnly) && file.write(csv) == csv.size() && file.commit();
        if (m_frame)
            m_frame->status().say(done ? QStringLiteral("Saved to %1").arg(path)
                                       : QStringLiteral("%1 could not be written: %2").arg(path, file.errorString()));
    });
    dialog->open();
}

void MainWindow::askForFile() {
    auto* dialog = new QFileDialog(this, QStringLiteral("Open a workspace"), {}, kFilter);
    dialog->setObjectName(QStringLiteral("openDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openRequested);
    dialog->open();
}

void MainWindow::askForNewFile() {
    auto* dialog = new QFileDialog(this, QStringLiteral("New workspace"), {}, kFilter);
    dialog->setObjectName(QStringLiteral("newDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("pilothouse"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::createRequested);
    dialog->open();
}

void MainWindow::askForConnection() {
    QStringList taken;
    if (m_session)
        for (const auto& [name, source] : m_session->ports().metrics)
            taken << QString::fromStdString(name);
    auto* form = new ConnectForm(std::move(taken), this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    connect(form, &ConnectForm::chosen, this, &MainWindow::connectRequested);
    form->open();
}

void MainWindow::askForImport() {
    if (m_session && items::importJob(*m_session).running()) return Q_EMIT importRequested({});
    auto* dialog = new QFileDialog(this, QStringLiteral("Import predictions"), {}, kPredictions);
    dialog->setObjectName(QStringLiteral("importDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::importRequested);
    dialog->open();
}

QWidget* MainWindow::keyTarget() const {
    QWidget* view = m_frame ? m_frame->currentView() : nullptr;
    if (!view) return nullptr;
    QWidget* focus = QApplication::focusWidget();
    if (focus && focus != view && m_frame->isAncestorOf(focus) && !takesText(focus)) return focus;
    for (auto* list : view->findChildren<QAbstractItemView*>())
        if (list->isVisible() && list->focusPolicy() != Qt::NoFocus) return list;
    return view;
}

void MainWindow::sendKey(Qt::Key key) {
    QWidget* target = keyTarget();
    if (!target) return;
    if (!target->hasFocus()) target->setFocus(Qt::ShortcutFocusReason);
    QKeyEvent press(QEvent::KeyPress, key, Qt::NoModifier), release(QEvent::KeyRelease, key, Qt::NoModifier);
    QApplication::sendEvent(target, &press);
    QApplication::sendEvent(target, &release);
}

void MainWindow::openContextMenu() {
    QWidget* target = keyTarget();
    if (!target) return;
    QPoint at = target->rect().center();
    if (auto* list = qobject_cast<QAbstractItemView*>(target)) {
        const QRect box = list->visualRect(list->currentIndex());
        if (box.isValid()) at = box.center();
        target = list->viewport();
    }
    QContextMenuEvent menu(QContextMenuEvent::Keyboard, at, target->mapToGlobal(at));
    QApplication::sendEvent(target, &menu);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    QSettings().setValue(QStringLiteral("window/geometry"), saveGeometry());
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) paths << url.toLocalFile();
    if (paths.isEmpty()) return;
    if (paths.size() == 1 && isWorkspace(paths.front()))
        Q_EMIT openRequested(paths.front());
    else
        Q_EMIT importRequested(paths);
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    // A minimised window is told of changes more slowly.
    if (event->type() == QEvent::WindowStateChange && m_session) m_session->setVisible(!isMinimized());
}

}  // namespace pilothouse::shell
