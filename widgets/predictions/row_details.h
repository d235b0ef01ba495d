// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

#include "models/base/time_zone.h"
#include "models/items/prediction_row_loader.h"

class QLabel;
class QPushButton;

namespace pilothouse::predictions_view {

class ContributionBars;
class ReferenceRows;
class RowContext;
class NeighbourList;

/// One row in the details pane: what it was, why the model said so, where its values lie in the reference, what stood
/// beside it in time.
class RowDetails : public QScrollArea {
    Q_OBJECT
public:
    explicit RowDetails(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    void setRow(const std::optional<items::PredictionRow>& row);
    [[nodiscard]] const std::optional<items::PredictionRow>& row() const { return m_row; }
    [[nodiscard]] RowContext& request() const { return *m_request; }

Q_SIGNALS:
    void requestChosen(const QString& requestId, pilothouse::Timestamp time);
    /// Another row of the request that is shown.
    void siblingChosen(const QString& model, const QString& version, pilothouse::Timestamp time);
    /// A clause of the query language, to be added.
    void clauseWanted(const QString& clause);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void dress();
    void refresh();
    void showHead();
    void showReference();

    Zone m_zone;
    std::optional<items::PredictionRow> m_row;
    QWidget* m_content;
    QLabel *m_title, *m_context, *m_score, *m_why, *m_whyNote, *m_against, *m_beyond, *m_around, *m_empty;
    ContributionBars* m_bars;
    ReferenceRows* m_reference;
    NeighbourList* m_neighbours;
    RowContext* m_request;
    QPushButton *m_copyJson, *m_copyId;
};

}  // namespace pilothouse::predictions_view
