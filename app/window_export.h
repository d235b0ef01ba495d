// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "models/base/latest.h"

namespace pilothouse::shell {
class MainWindow;
}

namespace pilothouse::app {

/// Saves the report of what the window's lens looks at, when the window asks for one. GUI thread; lives in the window.
class ReportSaving : public QObject {
public:
    explicit ReportSaving(shell::MainWindow& window);
    void save(const QString& path);

private:
    shell::MainWindow& m_window;
    Latest m_question;
};

}  // namespace pilothouse::app
