// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/shell/overlay.h"
#include "widgets/shell/palette_model.h"

class QLineEdit;
class QListView;

namespace pilothouse::shell {

class CommandRegistry;
class WorkspaceFrame;

/// Ctrl+K: everything that has a name, found by some of its letters.
class CommandPalette : public Overlay {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* window);
    /// Without a frame (null) only the commands.
    void openWith(const CommandRegistry& commands, WorkspaceFrame* frame);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void run();
    void move(int rows);

    QLineEdit* m_edit;
    QListView* m_list;
    PaletteModel* m_model;
};

}  // namespace pilothouse::shell
