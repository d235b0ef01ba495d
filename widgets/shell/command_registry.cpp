// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/command_registry.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QTextEdit>

namespace pilothouse::shell {

bool takesText(const QWidget* widget) {
    if (const auto* line = qobject_cast<const QLineEdit*>(widget)) return !line->isReadOnly();
    if (const auto* plain = qobject_cast<const QPlainTextEdit*>(widget)) return !plain->isReadOnly();
    if (const auto* rich = qobject_cast<const QTextEdit*>(widget)) return !rich->isReadOnly();
    if (const auto* combo = qobject_cast<const QComboBox*>(widget)) return combo->isEditable();
    return qobject_cast<const QAbstractSpinBox*>(widget) != nullptr;
}

namespace {
bool isBare(const QKeySequence& key) {
    if (key.isEmpty()) return false;
    const auto modifiers = key[0].keyboardModifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier);
    const auto code = key[0].key();
    return modifiers == Qt::NoModifier && code < Qt::Key_Escape;  // letters, digits and signs; not F11 or Esc
}
}  // namespace

CommandRegistry::CommandRegistry(QWidget* window) : QObject(window), m_window(window) {}

void CommandRegistry::add(Command command) {
    auto* action = new QAction(command.title, this);
    action->setObjectName(QStringLiteral("command.") + command.id);
    action->setShortcuts(command.keys);
    action->setShortcutContext(Qt::WindowShortcut);
    const std::size_t index = m_commands.size();
    connect(action, &QAction::triggered, this, [this, index] { activate(index); });
    m_window->addAction(action);
    m_commands.push_back(std::move(command));
    m_actions.push_back(action);
}

const Command* CommandRegistry::find(const QString& id) const {
    for (const Command& c : m_commands)
        if (c.id == id) return &c;
    return nullptr;
}

void CommandRegistry::activate(std::size_t index) {
    const auto command = m_commands[index];  // a copy: running it may add commands
    if (command.enabled && !command.enabled()) return;
    bool bare = false;
    for (const QKeySequence& key : command.keys)
        bare = bare || isBare(key);
    const bool fromMenu = qobject_cast<QMenu*>(QApplication::activePopupWidget()) != nullptr;
    if (bare && !fromMenu && takesText(QApplication::focusWidget())) return;
    command.run();
}

bool CommandRegistry::trigger(const QString& id) {
    const Command* found = find(id);
    if (!found || (found->enabled && !found->enabled())) return false;
    const auto run = found->run;
    run();
    return true;
}

void CommandRegistry::fill(QMenu& menu) const {
    QMap<QString, QMenu*> sections;
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        const Command& command = m_commands[i];
        if (!command.listed) continue;
        QMenu*& section = sections[command.section];
        if (!section) section = menu.addMenu(command.section);
        auto* entry = section->addAction(command.title);
        // An entry of its own: the shortcut's action must stay enabled, or the key would be passed on.
        entry->setEnabled(!command.enabled || command.enabled());
        const QString keys = keyText(command.id);
        if (!keys.isEmpty()) entry->setText(command.title + QLatin1Char('\t') + keys);
        connect(entry, &QAction::triggered, this, [this, id = command.id] {
            if (const Command* c = find(id)) c->run();
        });
    }
}

QString CommandRegistry::keyText(const QString& id) const {
    const Command* command = find(id);
    return command && !command->keys.isEmpty() ? command->keys.first().toString(QKeySequence::NativeText) : QString();
}

}  // namespace pilothouse::shell
