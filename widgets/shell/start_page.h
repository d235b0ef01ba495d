// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/base/error.h"

class QLabel;
class QListWidget;

namespace pilothouse::shell {

/// What stands in the window while no workspace is open: open, new, the demo, those opened last; and why one could not
/// be opened.
class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(QWidget* parent = nullptr);
    void refresh();
    void showError(const QString& path, const Error& error);
    void clearError();
    /// "Opening FILE …"
    void showBusy(const QString& text);

Q_SIGNALS:
    void openRequested();
    void newRequested();
    void connectRequested();
    void importRequested();
    void demoRequested();
    void fileRequested(const QString& path);

private:
    QWidget* m_errorPanel;
    QLabel *m_errorTitle, *m_errorText, *m_errorHint, *m_busy, *m_none;
    QListWidget* m_recent;
};

}  // namespace pilothouse::shell
