// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <memory>

#include "models/items/session.h"
#include "models/workspace/connections.h"
#include "widgets/shell/command_registry.h"
#include "widgets/shell/workspace_frame.h"

class QStackedWidget;

namespace pilothouse::shell {

class ColorScheme;
class CommandPalette;
class HelpPage;
class KeysPage;
class StartPage;

/// The window: the start page, or the frame of an open workspace. It knows no view; those are registered by the
/// program.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(ColorScheme& scheme, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// In the order of the number keys. Before setSession().
    void addView(const QString& id, const QString& title, const QString& icon,
                 std::function<theme::View*(items::Session&, QWidget*)> factory);
    /// Takes the workspace into the window; null: back to the start page.
    void setSession(std::unique_ptr<items::Session> session);
    [[nodiscard]] items::Session* session() const { return m_session.get(); }
    [[nodiscard]] WorkspaceFrame* frame() const { return m_frame; }
    [[nodiscard]] StartPage& startPage() const { return *m_start; }
    [[nodiscard]] CommandRegistry& commands() { return m_commands; }
    [[nodiscard]] ColorScheme& colorScheme() const { return m_scheme; }
    [[nodiscard]] const std::vector<ViewFactory>& views() const { return m_views; }

    void showView(const QString& id);
    void openPalette();
    void openKeys();
    /// A page of resources/help.
    void openHelp(const QString& page);
    void exportView();
    void askForFile();
    void askForNewFile();
    /// Into the open workspace, or into a new one.
    void askForConnection();
    /// Files with predictions; while some are being loaded, shows how far that is.
    void askForImport();
    /// Hands a key to what has the focus in the view, or to its first list.
    void sendKey(Qt::Key key);
    void openContextMenu();

Q_SIGNALS:
    void openRequested(const QString& path);
    void createRequested(const QString& path);
    void demoRequested();
    /// Into the open workspace, or into a new one. Empty: shows the form.
    /// The report of what the lens looks at, into this file.
    void reportRequested(const QString& path);
    void importRequested(const QStringList& paths);
    void quarantineRequested();
    void retentionRequested();
    void connectRequested(const workspace::Connection& connection);
    void painted();  ///< the first time that there is something to see

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void showTitle();
    [[nodiscard]] QWidget* keyTarget() const;

    ColorScheme& m_scheme;
    CommandRegistry m_commands;
    std::vector<ViewFactory> m_views;
    std::unique_ptr<items::Session> m_session;
    QStackedWidget* m_pages;
    StartPage* m_start;
    WorkspaceFrame* m_frame = nullptr;
    CommandPalette* m_palette;
    KeysPage* m_keys;
    HelpPage* m_help;
};

/// Registers what the window itself can do (window_commands.cpp).
void addWindowCommands(MainWindow& window);

}  // namespace pilothouse::shell
