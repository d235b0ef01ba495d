// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QObject>
#include <QString>
#include <functional>
#include <vector>

class QAction;
class QMenu;
class QWidget;

namespace pilothouse::shell {

/// Something that a person can ask for.
struct Command {
    QString id;       ///< stable: "view.drift", "engine.pause"
    QString title;    ///< "Show drift"
    QString section;  ///< "File", "View", "Lens", "Engine", "Help": the menus, in the order of their first command
    QList<QKeySequence> keys;
    std::function<void()> run;
    std::function<bool()> enabled;  ///< empty: always
    bool listed = true;             ///< in menu and palette; movement keys are not
};

/// Every command once. Menu, palette and shortcuts come from here. A key without a modifier does nothing while the
/// focus is in a field that takes text.
class CommandRegistry : public QObject {
    Q_OBJECT
public:
    explicit CommandRegistry(QWidget* window);
    void add(Command command);
    [[nodiscard]] const std::vector<Command>& commands() const { return m_commands; }
    [[nodiscard]] const Command* find(const QString& id) const;
    /// Runs it as its key would. False: unknown, or not possible now.
    bool trigger(const QString& id);
    /// Fills a menu with a submenu a section.
    void fill(QMenu& menu) const;
    /// "Ctrl+K", for hints.
    [[nodiscard]] QString keyText(const QString& id) const;

private:
    void activate(std::size_t index);

    QWidget* m_window;
    std::vector<Command> m_commands;
    std::vector<QAction*> m_actions;
};

/// Whether keys typed into this widget are text.
[[nodiscard]] bool takesText(const QWidget* widget);

}  // namespace pilothouse::shell
