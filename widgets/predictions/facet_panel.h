// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/prediction_differences.h"
#include "models/items/prediction_facets_model.h"
#include "models/items/session.h"

class QLabel;
class QPushButton;
class QStackedLayout;

namespace pilothouse::items {
class PredictionLoader;
}

namespace pilothouse::predictions_view {

class DifferenceList;
class FacetList;

/// Beside the rows: their most frequent values, or what is different about them.
class FacetPanel : public QWidget {
    Q_OBJECT
public:
    FacetPanel(items::Session& session, items::PredictionLoader& loader, items::PredictionFacetsModel& facets,
               QWidget* parent = nullptr);
    [[nodiscard]] bool busy() const { return m_differences.busy(); }
    [[nodiscard]] bool showsDifferences() const;
    void setDifferences(bool shown);
    void setWords(const QString& positive, const QString& negative);
    /// The rows are others now.
    void refresh();

Q_SIGNALS:
    void toggled(const QString& clause, bool exclude);

protected:
    void changeEvent(QEvent* event) override;

private:
    void dress();
    void ask();
    void tell();

    items::Session& m_session;
    items::PredictionLoader& m_loader;
    items::PredictionDifferences m_differences;
    QPushButton *m_facetsButton, *m_differencesButton;
    FacetList* m_facetList;
    DifferenceList* m_differenceList;
    QStackedLayout* m_pages;
    QLabel *m_facetNote = nullptr, *m_differenceNote = nullptr;
};

}  // namespace pilothouse::predictions_view
