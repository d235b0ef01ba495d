// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/shell/overlay.h"

class QTextBrowser;

namespace pilothouse::shell {

/// A page of resources/help over the window.
class HelpPage : public Overlay {
    Q_OBJECT
public:
    explicit HelpPage(QWidget* window);
    /// "query-language".
    void openPage(const QString& name);

private:
    QTextBrowser* m_text;
};

}  // namespace pilothouse::shell
