// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/predictions_view.h"

#include <QFileDialog>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedLayout>
#include <QStackedWidget>
#include <utility>

#include "models/predictions/query_parser.h"
#include "widgets/predictions/facet_panel.h"
#include "widgets/predictions/query_edit.h"
#include "widgets/predictions/row_comparison.h"
#include "widgets/predictions/row_details.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/predictions/search_menu.h"
#include "widgets/predictions/time_histogram.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using theme::Token;

const QString kHistory = QStringLiteral("predictions/history");
constexpr int kRestMs = 40;

}  // namespace

PredictionsView::PredictionsView(items::Session& session, QWidget* parent)
    : View(parent),
      m_session(session),
      m_rows(session.ports().predictions),
      m_loader(session, m_rows, m_facets),
      m_rowLoader(session),
      m_comparison(session.ports().predictions),
      m_export(session.ports().predictions),
      m_eraser(session.sharedWorkspace()),
      m_pane(new QStackedWidget),
      m_details(new RowDetails),
      m_pair(new RowComparison(m_comparison)) {
    m_pane->addWidget(m_details);
    m_pane->addWidget(m_pair);
    setObjectName(u"predictionsView"_qs);
    m_choice.setSingleShot(true);
    m_choice.setInterval(kRestMs);
    makeWidgets();
    dress();
    connectAll();
    connectErasure();
    connectSearches();
    m_query->setHistory(QSettings().value(kHistory).toStringList());
    m_query->setApplied(items::joinClauses(session.lens().state().filters));
    m_table->setZone(session.displayZone());
    m_histogram->setZone(session.displayZone());
    m_details->setZone(session.displayZone());
    m_comparison.setZone(session.displayZone());
}

PredictionsView::~PredictionsView() {
    // A table that is hidden with its window still scrolls, when this is no view any more.
    disconnect(m_table, nullptr, this, nullptr);
    delete m_pane;
}

void PredictionsView::connectAll() {
    connect(&m_session.lens(), &items::Lens::changed, this, &PredictionsView::lensChanged);
    connect(&m_session.lens(), &items::Lens::cursorChanged, this,
            [this] { m_histogram->setCursorTime(m_session.lens().cursor()); });
    connect(&m_session, &items::Session::changed, this, &PredictionsView::dataChanged);
    connect(&m_session, &items::Session::displayZoneChanged, this, [this] {
        m_table->setZone(m_session.displayZone());
        m_histogram->setZone(m_session.displayZone());
        if (m_details) m_details->setZone(m_session.displayZone());
        m_comparison.setZone(m_session.displayZone());
    });
    connect(&m_session, &items::Session::selectionChanged, this, [this] {
        const auto& selection = m_session.selection();
        const QString id = QString::fromStdString(selection.id);
        if (selection.kind == "search") return m_searches->lookUp(selection.id);
        if (selection.kind != "request" || id == m_request) return;
        m_request = id;
        m_requestVersion.clear();
        m_requestTime.reset();
        loadChosen();
    });

    connect(&m_loader, &items::PredictionLoader::fieldsReady, this, [this] {
        m_query->setFields(m_loader.fields());
        m_rows.setColumns(items::predictionColumns(m_loader.fields()));
        m_table->restoreColumns();
        m_table->setOrder(m_table->rememberedOrder());
        m_loader.setOrder(m_table->order());
        if (const auto search = std::exchange(m_asSaved, std::nullopt)) showAsSaved(*search);
    });
    connect(&m_loader, &items::PredictionLoader::rowsReady, this, &PredictionsView::rowsReady);
    connect(m_table, &RowsTable::orderChosen, this, [this](const ports::RowOrder& order) {
        m_loader.setOrder(order);
        showStatus();
    });
    connect(&m_loader, &items::PredictionLoader::versionsReady, this, [this] {
        m_table->setVersions(m_loader.versions());
        const auto& words = m_table->rowDelegate().common;
        m_facetPanel->setWords(words.positive, words.negative);
        m_histogram->setWords(words.positive, words.negative);
    });
    connect(&m_loader, &items::PredictionLoader::summaryChanged, this, &PredictionsView::summaryChanged);
    connect(&m_loader, &items::PredictionLoader::explained, this, &PredictionsView::showEmptyReason);
    connect(&m_loader, &items::PredictionLoader::valuesReady, m_query, &QueryEdit::setValues);
    const auto failed = [this](const QString& message) {
        m_problem = message;
        showStatus();
    };
    connect(&m_loader, &items::PredictionLoader::failed, this, &PredictionsView::showFailure);
    connect(&m_rows, &items::PredictionRowsModel::failed, this, failed);
    // Other rows: the two that were compared are not selected any more.
    connect(&m_rows, &QAbstractItemModel::modelReset, this, [this] {
        if (m_pane) m_pane->setCurrentIndex(0);
    });
    connect(&m_rowLoader, &items::PredictionRowLoader::failed, this, failed);
    connect(&m_rowLoader, &items::PredictionRowLoader::changed, this, [this] {
        if (m_details) m_details->setRow(m_rowLoader.row());
        m_histogram->setMarked(m_rowLoader.row() ? std::optional(m_rowLoader.row()->time()) : std::nullopt);
    });

    connect(m_query, &QueryEdit::applied, this, &PredictionsView::applyClauses);
    connect(m_query, &QueryEdit::typed, this, [this](const QStringList& clauses) {
        if (isVisible() && !m_stale && !m_loader.summary().edges.empty()) m_loader.preview(filtersOf(clauses));
    });
    connect(m_query, &QueryEdit::problemChanged, this, [this] { showStatus(); });
    connect(m_query, &QueryEdit::valuesWanted, &m_loader, &items::PredictionLoader::askValues);
    connect(m_query, &QueryEdit::left, this, [this] { m_table->setFocus(); });
    connect(m_query, &QueryEdit::historyChanged, this, [this] { QSettings().setValue(kHistory, m_query->history()); });
    connect(m_facetPanel, &FacetPanel::toggled, this, &PredictionsView::toggleClause);
    connect(m_histogram, &TimeHistogram::brushed, this,
            [this](const TimeRange& range) { m_session.lens().setRange(range); });
    connect(m_histogram, &TimeHistogram::hovered, this,
            [this](std::optional<Timestamp> t) { m_session.lens().setCursor(t); });
    connect(m_table, &RowsTable::rowChosen, this, &PredictionsView::rowChosen);
    connect(m_table, &RowsTable::rowActivated, this, [this](int row) {
        rowChosen(row);
        m_choice.stop();
        loadChosen();
        m_session.select({"request", m_request.toStdString()});
    });
    connect(m_table, &RowsTable::rowsSelected, this, &PredictionsView::pairChosen);
    connect(m_table, &RowsTable::left, this, [this] {
        if (!m_table->currentIndex().isValid()) return m_query->setFocus();
        m_table->clearSelection();
        m_table->setCurrentIndex({});
        m_request.clear();
        m_choice.stop();
        m_rowLoader.clear();
    });
    connect(m_table, &RowsTable::scrolled, this, [this] {
        // Back at the top of a live lens: the rows that came meanwhile may come in.
        if (m_table->atNewest() && m_loader.summary().newer > 0) m_loader.follow(true);
    });
    connect(m_details, &RowDetails::requestChosen, this, [this](const QString& id, Timestamp time) {
        m_request = id;
        m_requestVersion.clear();
        m_requestTime = time;
        if (const int row = m_rows.rowOfRequest(id); row >= 0) m_table->setCurrentIndex(m_rows.index(row, 0));
        loadChosen();
    });
    connect(m_details, &RowDetails::siblingChosen, this,
            [this](const QString& model, const QString& version, Timestamp time) {
                m_rowLoader.load(model.toStdString(), m_request.toStdString(), time, version.toStdString());
            });
    connect(m_details, &RowDetails::clauseWanted, this, [this](const QString& clause) { toggleClause(clause, false); });
    connect(&m_choice, &QTimer::timeout, this, &PredictionsView::loadChosen);
    connect(m_newer, &QPushButton::clicked, this, [this] {
        m_table->scrollToNewest();
        m_loader.follow(true);
    });
    connect(m_removeClause, &QPushButton::clicked, this, [this] {
        items::LensState state = m_session.lens().state();
        std::erase(state.filters, m_reason.clause);
        m_session.lens().set(std::move(state));
    });
    connect(m_splitButton, &QPushButton::clicked, this, [this] {
        const bool outcome = m_loader.split() == ports::field::outcome;
        m_loader.setSplit(std::string(outcome ? ports::field::version : ports::field::outcome));
    });
    connect(m_clear, &QPushButton::clicked, &m_session.lens(), &items::Lens::clearFilters);
    connect(m_everything, &QPushButton::clicked, this, [this] {
        const TimeRange all = m_reason.extent.range;
        m_session.lens().setRange({all.start, all.end + Duration(1)});
    });
    connect(m_exportButton, &QPushButton::clicked, this, [this] {
        if (m_export.running()) {
            m_export.cancel();
            m_exportWords.clear();
            exportChanged();
        } else {
            askExportFile();
        }
    });
    connect(&m_export, &items::PredictionExport::progressed, this, &PredictionsView::exportChanged);
    connect(&m_export, &items::PredictionExport::finished, this, [this](const QString& path, quint64 rows) {
        m_exportWords = u"%1 rows in %2"_qs.arg(QLocale::c().toString(rows), path);
        exportChanged();
    });
    connect(&m_export, &items::PredictionExport::failed, this, [this](const QString& message) {
        m_exportWords = message;
        exportChanged();
    });
}

bool PredictionsView::settled() const {
    return !m_stale && !m_loader.busy() && !m_rows.loading() && !m_rowLoader.busy() && !m_choice.isActive() &&
           !m_facetPanel->busy() && !m_comparison.busy();
}

QWidget* PredictionsView::details() { return m_pane; }

void PredictionsView::focusQuery() { m_query->setFocus(Qt::ShortcutFocusReason); }

QStringList PredictionsView::keys() const {
    return {u"/ – query; Enter applies, ↑ brings back former queries, Ctrl+Space completes"_qs,
            u"j, k – next and previous row"_qs,
            u"Enter – the row's details"_qs,
            u"Ctrl+click, Shift+↓ – a second row, to compare the two"_qs,
            u"← → – scroll the columns"_qs,
            u"Tab to the histogram: ← → choose a bar, Shift extends, Enter takes the range"_qs,
            u"o – the order of the rows"_qs,
            u"h – which columns are shown"_qs,
            u"Esc – from the query to the rows, from the row back"_qs,
            u"Ctrl+C – copy the row"_qs,
            u"Enter, − on a value – only these, without these"_qs};
}

void PredictionsView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    if (m_stale) reload();
    if (!m_shown) m_table->setFocus();
    m_shown = true;
}

void PredictionsView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    m_facetPanel->setVisible(width() >= 640);
    showStatus();
}

void PredictionsView::keyPressEvent(QKeyEvent* event) {
    if (event->text() == u"/") return focusQuery();
    View::keyPressEvent(event);
}

void PredictionsView::reload() {
    m_stale = false;
    m_problem.clear();
    m_loader.load();
    showStatus();
}

void PredictionsView::lensChanged() {
    const items::LensState& state = m_session.lens().state();
    m_query->setApplied(items::joinClauses(state.filters));
    m_facets.setFilters(state.filters);
    if (isVisible()) {
        reload();
    } else {
        m_stale = true;
    }
}

/// An absolute range stands still; a live one goes along while its newest rows are in sight.
void PredictionsView::dataChanged() {
    if (!isVisible()) {
        m_stale = true;
    } else if (m_loader.summary().edges.empty() || m_loader.fields().empty()) {
        if (!m_loader.busy()) reload();  // the first rows of an empty log
    } else if (m_session.lens().live()) {
        m_loader.follow(m_table->atNewest());
    }
}

std::vector<std::string> PredictionsView::filtersOf(const QStringList& clauses) const {
    std::vector<std::string> filters;
    for (const QString& clause : clauses) {
        const std::string text = clause.toStdString();
        // The pieces do not stand alone: the text is one clause.
        if (!predictions::parseQuery(text)) return {m_query->text().trimmed().toStdString()};
        if (std::find(filters.begin(), filters.end(), text) == filters.end()) filters.push_back(text);
    }
    return filters;
}

void PredictionsView::applyClauses(const QStringList& clauses) {
    items::LensState state = m_session.lens().state();
    state.filters = filtersOf(clauses);
    const bool same = state == m_session.lens().state();
    m_session.lens().set(std::move(state));
    if (same) reload();
    m_table->setFocus();
}

void PredictionsView::toggleClause(const QString& clause, bool exclude) {
    items::LensState state = m_session.lens().state();
    const std::string wanted = (exclude ? items::PredictionFacetsModel::exclusion(clause) : clause).toStdString();
    const std::string other = (exclude ? clause : items::PredictionFacetsModel::exclusion(clause)).toStdString();
    std::erase(state.filters, other);
    if (std::erase(state.filters, wanted) == 0) state.filters.push_back(wanted);
    m_session.lens().set(std::move(state));
}

void PredictionsView::rowChosen(int row) {
    const QModelIndex at = m_rows.index(row, 0);
    const QString id = at.data(items::PredictionRowsModel::RequestIdRole).toString();
    if (id.isEmpty()) return;  // not here yet; choosing it again will do
    m_request = id;
    m_requestVersion = at.data(items::PredictionRowsModel::VersionRole).toString();
    m_requestTime = Timestamp{at.data(items::PredictionRowsModel::TimeRole).toLongLong()};
    m_choice.start();
}

/// Two rows are compared; any other number is looked at one at a time.
void PredictionsView::pairChosen(const std::vector<int>& rows) {
    if (!m_pane) return;
    std::array<items::PredictionComparison::Place, 2> places;
    bool known = rows.size() == 2;
    for (std::size_t i = 0; known && i < 2; ++i) {
        const QModelIndex at = m_rows.index(rows[i], 0);
        places[i] = {at.data(items::PredictionRowsModel::RequestIdRole).toString().toStdString(),
                     Timestamp{at.data(items::PredictionRowsModel::TimeRole).toLongLong()}};
        known = !places[i].requestId.empty();
    }
    m_pane->setCurrentIndex(known ? 1 : 0);
    if (known) m_comparison.load(m_session.lens().state().model, places);
}

void PredictionsView::loadChosen() {
    if (m_request.isEmpty()) return;
    m_rowLoader.load(m_session.lens().state().model, m_request.toStdString(), m_requestTime,
                     m_requestVersion.toStdString());
    if (!m_offering) m_session.select({"request", m_request.toStdString()});
    m_offering = false;
}

void PredictionsView::askExportFile() {
    auto* dialog = new QFileDialog(this, u"Export all matching rows"_qs);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(u"csv"_qs);
    dialog->setNameFilters({u"CSV (*.csv)"_qs, u"JSON lines (*.jsonl)"_qs});
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains(u"jsonl") ? u"jsonl"_qs : u"csv"_qs);
    });
    connect(dialog, &QFileDialog::fileSelected, this, &PredictionsView::exportAll);
    dialog->open();
}

void PredictionsView::exportAll(const QString& path) {
    m_exportWords.clear();
    const TimeRange range = m_loader.summary().edges.empty() ? m_session.lens().range() : m_loader.summary().range;
    m_export.start(path, m_session.lens().query(), range);
    exportChanged();
}

QByteArray PredictionsView::exportCsv() const {
    const auto quoted = [](QString text) {
        return text.contains(u',') || text.contains(u'"') ? u'"' + text.replace(u'"', u"\"\""_qs) + u'"' : text;
    };
    const QHeaderView* head = m_table->horizontalHeader();
    QString out;
    const auto line = [&](auto&& cell) {
        QStringList cells;
        for (int visual = 0; visual < head->count(); ++visual)
            if (const int i = head->logicalIndex(visual); !m_table->isColumnHidden(i)) cells += quoted(cell(i));
        out += cells.join(u',') + u'\n';
    };
    line([&](int i) { return m_rows.columns()[static_cast<std::size_t>(i)].id; });
    const int first = std::max(0, m_table->rowAt(0)), last = m_table->rowAt(m_table->viewport()->height() - 1);
    for (int r = first; r <= (last < 0 ? m_rows.rowCount() - 1 : last); ++r)
        if (m_rows.loaded(r)) line([&](int i) { return m_table->rowDelegate().text(m_rows.index(r, i)); });
    return out.toUtf8();
}

}  // namespace pilothouse::predictions_view
