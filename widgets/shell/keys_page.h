// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/shell/overlay.h"

class QScrollArea;

namespace pilothouse::shell {

class CommandRegistry;

/// "?": the keys of the current view and of the window.
class KeysPage : public Overlay {
    Q_OBJECT
public:
    explicit KeysPage(QWidget* window);
    void openWith(const CommandRegistry& commands, const QString& viewTitle, const QStringList& viewKeys);

private:
    QScrollArea* m_scroll;
};

}  // namespace pilothouse::shell
