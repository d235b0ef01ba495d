// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/details_pane.h"

namespace pilothouse::shell {

DetailsPane::DetailsPane(QWidget* parent) : QStackedWidget(parent) {
    setObjectName(QStringLiteral("detailsPane"));
    setAccessibleName(QStringLiteral("Details"));
    setMinimumWidth(260);
}

void DetailsPane::present(QWidget* content) {
    m_content = content;
    if (!content) return;
    if (indexOf(content) < 0) addWidget(content);
    setCurrentWidget(content);
}

}  // namespace pilothouse::shell
