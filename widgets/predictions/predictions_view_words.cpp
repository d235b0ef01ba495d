// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSplitter>
#include <QStackedLayout>

#include "widgets/predictions/facet_panel.h"
#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/query_edit.h"
#include "widgets/predictions/row_details.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/predictions/search_menu.h"
#include "widgets/predictions/time_histogram.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {

using theme::Token;

QWidget* PredictionsView::makeEmpty() {
    m_emptyPanel = new QWidget;
    auto* column = new QVBoxLayout(m_emptyPanel);
    column->addStretch(2);
    m_emptyText = new QLabel;
    m_emptyText->setObjectName(u"emptyReason"_qs);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    m_emptyText->setTextFormat(Qt::PlainText);
    column->addWidget(m_emptyText);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    const auto button = [&](const QString& name, const QString& text) {
        auto* b = new QPushButton(text);
        b->setObjectName(name);
        buttons->addWidget(b);
        return b;
    };
    m_removeClause = button(u"removeClause"_qs, {});
    m_clear = button(u"clearFilters"_qs, u"Clear all filters"_qs);
    m_everything = button(u"showEverything"_qs, u"Show all of the log"_qs);
    m_import = button(u"importRows"_qs, u"Import predictions …"_qs);
    connect(m_import, &QPushButton::clicked, this, [this] { m_session.showView(u"file.import"_qs); });
    buttons->addStretch(1);
    column->addSpacing(8);
    column->addLayout(buttons);
    column->addStretch(3);
    return m_emptyPanel;
}

void PredictionsView::makeWidgets() {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(1);
    outer->addWidget(m_splitter);
    m_facetPanel = new FacetPanel(m_session, m_loader, m_facets);
    m_splitter->addWidget(m_facetPanel);

    auto* main = new QWidget;
    auto* column = new QVBoxLayout(main);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(12, 6, 8, 2);
    bar->setSpacing(8);
    m_scope = new QLabel;
    m_scope->setTextFormat(Qt::PlainText);
    m_query = new QueryEdit;
    m_query->setFrame(false);
    bar->addWidget(m_scope);
    bar->addWidget(m_query, 1);
    column->addLayout(bar);
    auto* second = new QHBoxLayout;
    second->setContentsMargins(12, 0, 8, 4);
    second->setSpacing(8);
    m_status = new QLabel;
    m_status->setObjectName(u"querySummary"_qs);
    m_status->setMinimumHeight(22);
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_newer = new QPushButton;
    m_newer->setObjectName(u"newerRows"_qs);
    m_newer->setFlat(true);
    m_newer->hide();
    m_splitButton = new QPushButton(u"by outcome"_qs);
    m_splitButton->setObjectName(u"splitHistogram"_qs);
    m_splitButton->setToolTip(u"Colour the rows over time by outcome or by version"_qs);
    m_splitButton->setFlat(true);
    m_searches = new SearchMenu(m_session);
    m_exportButton = new QPushButton(u"Export…"_qs);
    m_exportButton->setObjectName(u"exportRows"_qs);
    m_exportButton->setFlat(true);
    second->addWidget(m_status, 1);
    second->addWidget(m_newer);
    second->addWidget(m_splitButton);
    second->addWidget(m_searches);
    second->addWidget(m_exportButton);
    column->addLayout(second);
    const auto rule = [&] {
        auto* line = new QWidget;
        line->setFixedHeight(1);
        line->setAutoFillBackground(true);
        column->addWidget(line);
        return line;
    };
    m_ruleA = rule();
    m_histogram = new TimeHistogram;
    column->addWidget(m_histogram);
    m_ruleB = rule();
    auto* rows = new QWidget;
    m_pages = new QStackedLayout(rows);
    m_table = new RowsTable(m_rows);
    m_pages->addWidget(m_table);
    m_pages->addWidget(makeEmpty());
    column->addWidget(rows, 1);
    m_splitter->addWidget(main);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({180, 900});
    m_facetPanel->setMinimumWidth(150);
    setTabOrder(m_query, m_histogram);
    setTabOrder(m_histogram, m_table);
}

void PredictionsView::dress() {
    const auto tint = [](QWidget* widget, Token token, bool bold, bool small) {
        QPalette palette = widget->palette();
        palette.setColor(QPalette::WindowText, theme::color(token));
        widget->setPalette(palette);
        widget->setFont(theme::font(bold, small));
    };
    tint(m_scope, Token::TextMuted, false, false);
    tint(m_status, Token::TextMuted, false, false);
    tint(m_emptyText, Token::TextMuted, false, false);
    for (QWidget* line : {m_ruleA, m_ruleB}) {
        QPalette palette = line->palette();
        palette.setColor(QPalette::Window, theme::color(Token::Hairline));
        line->setPalette(palette);
    }
    m_query->setFont(theme::font());
}

void PredictionsView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_ruleB) {
        dress();
        showStatus();
    }
    View::changeEvent(event);
}

void PredictionsView::showStatus() {
    const QString all = statusParts(true).join(u" · "_qs);
    const auto wide = [&](const QString& text) {
        return m_status->fontMetrics().horizontalAdvance(QString(text).remove(QRegularExpression(u"<[^>]*>"_qs)));
    };
    const bool fits = wide(all) <= m_status->width() || !isVisible();
    m_status->setText(fits ? all : statusParts(false).join(u" · "_qs));
    m_status->setToolTip(fits && wide(all) <= m_status->width() ? QString() : all);
}

QStringList PredictionsView::statusParts(bool aside) const {
    const auto alarm = [](const QString& text) {
        return u"<span style=\"color:%1\">▲ %2</span>"_qs.arg(theme::color(Token::Alarm).name(), text.toHtmlEscaped());
    };
    if (!m_query->problem().isEmpty()) return {alarm(m_query->problem())};
    if (!m_problem.isEmpty()) return {alarm(m_problem)};
    const items::PredictionSummary& s = m_loader.summary();
    if (s.edges.empty()) return {m_loader.busy() ? u"Reading…"_qs : u"No rows"_qs};
    QStringList parts;
    if (m_loader.previewing()) parts += u"Enter keeps this, Esc goes back"_qs;
    if (m_loader.counting()) return QStringList{u"Counting…"_qs} + parts;
    if (m_loader.previewing() && s.matching == 0) return QStringList{u"No rows match yet"_qs} + parts;
    const bool filtered = !m_session.lens().state().filters.empty();
    parts += filtered && s.all ? u"<b>%1</b> of %2 rows"_qs.arg(theme::count(s.matching), theme::count(*s.all))
                               : u"<b>%1</b> rows"_qs.arg(theme::count(s.matching));
    if (aside) parts += theme::milliseconds(s.stats.milliseconds);
    if (aside && s.stats.segments > 0)
        parts += s.stats.segments == 1
                     ? u"%1 of 1 segment read"_qs.arg(s.stats.segmentsDecoded)
                     : u"%1 of %2 segments read"_qs.arg(s.stats.segmentsDecoded).arg(s.stats.segments);
    if (!s.stats.damaged.empty())
        parts += alarm(s.stats.damaged.size() == 1
                           ? u"left out, because it is damaged: "_qs + QString::fromStdString(s.stats.damaged.front())
                           : u"%1 damaged parts of the log are left out"_qs.arg(s.stats.damaged.size()));
    if (s.matching > items::PredictionRowsModel::kMaxRows) parts += u"the newest 50 million are listed"_qs;
    if (const std::string& field = m_loader.order().field; !field.empty())
        parts += (m_loader.order().ascending ? u"the %1 least %2"_qs : u"the %1 greatest %2"_qs)
                     .arg(theme::count(static_cast<std::uint64_t>(m_rows.rowCount())),
                          QString::fromStdString(field).toHtmlEscaped());
    if (m_session.lens().live()) parts += s.newer > 0 ? u"live, standing still"_qs : u"live"_qs;
    if (m_export.running()) {
        parts += u"writing %1 of %2 rows"_qs.arg(theme::count(m_export.written()), theme::count(s.matching));
    } else if (!m_exportWords.isEmpty()) {
        parts += m_exportWords.toHtmlEscaped();
    }
    return parts;
}

void PredictionsView::summaryChanged() {
    const items::PredictionSummary& s = m_loader.summary();
    const items::LensState& lens = m_session.lens().state();
    m_problem.clear();
    QString scope = lens.model.empty() ? u"all models"_qs : u"model:"_qs + QString::fromStdString(lens.model);
    if (!lens.version.empty()) scope += u" version:"_qs + QString::fromStdString(lens.version);
    m_scope->setText(scope);
    showStatus();
    m_histogram->setCounts(s.edges, s.counts, m_loader.split() == ports::field::outcome);
    m_splitButton->setText(m_loader.split() == ports::field::outcome ? u"by outcome"_qs : u"by version"_qs);
    if (s.edges.size() > 1) m_table->setRange(s.range);
    m_facetPanel->refresh();
    m_newer->setVisible(s.newer > 0);
    m_newer->setText(u"▲ "_qs + theme::count(s.newer) + u" newer rows"_qs);
    if (s.matching > 0) m_pages->setCurrentWidget(m_table);
    if (!m_offered && m_rows.loaded(0)) {
        m_offered = true;
        m_offering = m_request.isEmpty();
        if (m_offering) m_table->setCurrentIndex(m_rows.index(0, 0));
    }
    if (!m_request.isEmpty() && !m_table->currentIndex().isValid()) {
        const int row = m_rows.rowOfRequest(m_request);
        if (row >= 0 && row < 60) m_table->setCurrentIndex(m_rows.index(row, 0));
    }
}

void PredictionsView::rowsReady() {
    m_problem.clear();
    m_pages->setCurrentWidget(m_table);
    showStatus();
}

/// No answer at all: what was shown before would be read as the answer.
void PredictionsView::showFailure(const QString& message) {
    m_problem = message;
    showStatus();
    m_emptyText->setText(u"The log could not be searched: "_qs + message);
    m_reason = {};
    m_removeClause->hide();
    m_everything->hide();
    m_import->hide();
    m_clear->setVisible(!m_session.lens().state().filters.empty());
    m_pages->setCurrentWidget(m_emptyPanel);
}

void PredictionsView::showEmptyReason(const items::EmptyReason& reason) {
    if (m_loader.summary().matching > 0) return;
    m_reason = reason;
    const Zone& zone = m_session.displayZone();
    const auto& filters = m_session.lens().state().filters;
    const TimeRange range = m_session.lens().range();
    QString text;
    if (reason.extent.rows == 0) {
        text = u"The log holds no rows yet. Predictions appear here as they are logged, or imported from files."_qs;
    } else if (reason.all == 0) {
        text = u"No rows in %1. The log reaches from %2 to %3."_qs.arg(theme::range(range, zone),
                                                                       theme::time(reason.extent.range.start, zone),
                                                                       theme::time(reason.extent.range.end, zone));
    } else {
        text = u"0 of %1 rows match: %2 %3."_qs.arg(theme::count(reason.all), theme::count(filters.size()),
                                                    filters.size() == 1 ? u"filter"_qs : u"filters"_qs);
        if (!reason.clause.empty())
            text += u"\n%1 removed the last %2 rows."_qs.arg(QString::fromStdString(reason.clause),
                                                             theme::count(reason.removed));
        // One filter after the other, as they stand in the bar.
        for (const auto& [clause, left] : reason.steps)
            text += u"\n%1  →  %2"_qs.arg(QString::fromStdString(clause), theme::count(left));
    }
    m_emptyText->setText(text);
    m_removeClause->setVisible(!reason.clause.empty());
    m_removeClause->setText(u"Remove "_qs + QString::fromStdString(reason.clause));
    m_clear->setVisible(reason.all > 0 && filters.size() > 1);
    m_everything->setVisible(reason.all == 0 && reason.extent.rows > 0);
    m_import->setVisible(reason.extent.rows == 0 && !m_session.workspace().readOnly());
    m_pages->setCurrentWidget(m_emptyPanel);
}

void PredictionsView::exportChanged() {
    m_exportButton->setText(m_export.running() ? u"Cancel export"_qs : u"Export…"_qs);
    showStatus();
}

}  // namespace pilothouse::predictions_view
