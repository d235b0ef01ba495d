// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QTimer>

#include "models/items/prediction_comparison.h"
#include "models/items/prediction_export.h"
#include "models/items/prediction_loader.h"
#include "models/items/prediction_row_loader.h"
#include "models/items/request_eraser.h"
#include "models/items/session.h"
#include "models/predictions/saved_searches.h"
#include "widgets/theme/view.h"

class QLabel;
class QPushButton;
class QSplitter;
class QStackedLayout;
class QStackedWidget;

namespace pilothouse::predictions_view {

class FacetPanel;
class QueryEdit;
class RowComparison;
class RowDetails;
class RowsTable;
class SearchMenu;
class TimeHistogram;

/// Which requests, exactly. The query bar edits the filters of the lens; nothing else holds a filter.
class PredictionsView : public theme::View {
    Q_OBJECT
public:
    explicit PredictionsView(items::Session& session, QWidget* parent = nullptr);
    ~PredictionsView() override;

    QString viewId() const override { return u"predictions"_qs; }
    QString viewTitle() const override { return u"Predictions"_qs; }
    QString iconName() const override { return u"predictions"_qs; }
    bool settled() const override;
    QWidget* details() override;
    void focusQuery() override;
    QByteArray exportCsv() const override;
    QStringList keys() const override;

    /// All matching rows, to a file.
    void exportAll(const QString& path);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void makeWidgets();
    void connectErasure();
    QWidget* makeEmpty();
    void connectAll();
    void dress();
    void reload();
    void dataChanged();
    void lensChanged();
    void summaryChanged();
    void showFailure(const QString& message);
    void showEmptyReason(const items::EmptyReason& reason);
    /// The rows of a question that is not answered in full yet.
    void rowsReady();
    [[nodiscard]] std::vector<std::string> filtersOf(const QStringList& clauses) const;
    void applyClauses(const QStringList& clauses);
    void toggleClause(const QString& clause, bool exclude);
    void connectSearches();
    void showAsSaved(const predictions::SavedSearch& search);
    void rowChosen(int row);
    void pairChosen(const std::vector<int>& rows);
    void loadChosen();
    void askExportFile();
    void exportChanged();
    /// What the line above the rows says, part by part; `aside`: with what it cost.
    [[nodiscard]] QStringList statusParts(bool aside) const;
    /// As much of it as there is room for; the tool tip has all.
    void showStatus();

    items::Session& m_session;
    items::PredictionRowsModel m_rows;
    items::PredictionFacetsModel m_facets;
    items::PredictionLoader m_loader;
    items::PredictionRowLoader m_rowLoader;
    items::PredictionComparison m_comparison;
    items::PredictionExport m_export;
    items::RequestEraser m_eraser;
    QTimer m_choice;  ///< running through rows loads only the one that is rested on
    QString m_request, m_requestVersion;
    std::optional<Timestamp> m_requestTime;
    QString m_problem, m_exportWords;
    std::optional<predictions::SavedSearch> m_asSaved;  ///< its columns are not known yet
    items::EmptyReason m_reason;
    bool m_stale = true, m_shown = false;
    bool m_offered = false;  ///< the newest row was opened once, so that the details are not empty at first sight
    bool m_offering = false;

    QSplitter* m_splitter;
    QueryEdit* m_query;
    QLabel *m_scope, *m_status, *m_emptyText;
    QPushButton *m_newer, *m_splitButton, *m_exportButton, *m_removeClause, *m_clear, *m_everything, *m_import;
    TimeHistogram* m_histogram;
    FacetPanel* m_facetPanel;
    RowsTable* m_table;
    SearchMenu* m_searches;
    QStackedLayout* m_pages;
    QWidget *m_emptyPanel, *m_ruleA, *m_ruleB;
    QPointer<QStackedWidget> m_pane;  ///< one row, or two side by side
    QPointer<RowDetails> m_details;
    RowComparison* m_pair;
};

}  // namespace pilothouse::predictions_view
