// SPDX-License-Identifier: GPL-3.0-or-later
// Saved searches: the query is the lens's, order and columns are the table's.
#include <QLabel>
#include <utility>

#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/predictions/search_menu.h"

namespace pilothouse::predictions_view {

void PredictionsView::connectSearches() {
    m_searches->setCompletion([this](predictions::SavedSearch& search) {
        search.order = m_table->order();
        for (const QString& id : m_table->shownColumns())
            search.columns.push_back(id.toStdString());
    });
    connect(m_searches, &SearchMenu::chosen, this, &PredictionsView::showAsSaved);
    connect(m_searches, &SearchMenu::failed, this, [this](const QString& message) {
        m_problem = message;
        showStatus();
    });
}

void PredictionsView::showAsSaved(const predictions::SavedSearch& search) {
    QStringList columns;
    for (const std::string& id : search.columns)
        columns += QString::fromStdString(id);
    m_asSaved.reset();
    // Another model's columns are known a little later.
    if (!columns.isEmpty() && !m_table->arrangeColumns(columns)) m_asSaved = search;
    if (search.order) m_table->chooseOrder(*search.order);
}

}  // namespace pilothouse::predictions_view
