// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_view.h"

#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/drift/drift_details.h"
#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_tiles.h"
#include "widgets/drift/drift_words.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {

using theme::Token;

DriftView::DriftView(items::Session& session, QWidget* parent)
    : View(parent), m_session(session), m_loader(session), m_details(new DriftDetails) {
    setObjectName(u"driftView"_qs);
    m_model = session.lens().state().model;
    makeWidgets();
    dress();
    m_details->setZone(session.displayZone());

    connect(&m_loader, &items::DriftLoader::overviewReady, this, &DriftView::overviewReady);
    connect(&m_loader, &items::DriftLoader::windowReady, this, &DriftView::windowReady);
    connect(&m_loader, &items::DriftLoader::failed, this, [this](const QString& message) {
        m_problem = message;
        showEmpty();
    });
    connect(&m_loader, &items::DriftLoader::compareFailed, this, &DriftView::compareFailed);
    connect(m_against, &QComboBox::activated, this,
            [this](int index) { chooseAgainst(static_cast<Against>(m_against->itemData(index).toInt())); });
    connect(m_quality, &QToolButton::toggled, this, &DriftView::showQuality);
    connect(m_heat, &DriftHeatMap::baselineChosen, this, &DriftView::chooseBaseline);
    connect(&session.lens(), &items::Lens::changed, this, &DriftView::lensChanged);
    connect(&session, &items::Session::changed, this, &DriftView::dataChanged);
    connect(&session, &items::Session::displayZoneChanged, this, [this] {
        m_heat->setZone(m_session.displayZone());
        if (m_details) m_details->setZone(m_session.displayZone());
        if (m_window) showSummary();
    });
    connect(&session, &items::Session::selectionChanged, this, [this] {
        const auto& selection = m_session.selection();
        if (selection.kind == "feature") chooseFeature(QString::fromStdString(selection.id), false);
    });
    connect(m_heat, &DriftHeatMap::cellChosen, this, [this](int row, int column) {
        chooseFeature(m_matrix.feature(row), true);
        chooseColumn(column, true);
    });
    connect(m_heat, &DriftHeatMap::rowChosen, this, [this](int row) { chooseFeature(m_matrix.feature(row), true); });
    connect(m_heat, &DriftHeatMap::columnChosen, this, [this](int column) { takeWindow(m_matrix.window(column)); });
    connect(m_tiles, &DriftTiles::chosen, this, [this](const QString& feature) { chooseFeature(feature, true); });
    connect(m_details, &DriftDetails::windowChosen, this, [this](const TimeRange& window) {
        for (int c = 0; c < m_matrix.columnCount(); ++c)
            if (m_matrix.window(c) == window) chooseColumn(c, true);
    });
    connect(m_details, &DriftDetails::rowsWanted, this, &DriftView::showRows);
}

DriftView::~DriftView() { delete m_details; }

void DriftView::makeWidgets() {
    m_pages = new QStackedLayout(this);
    m_pages->setContentsMargins(0, 0, 0, 0);
    m_main = new QWidget;
    auto* outer = new QVBoxLayout(m_main);
    outer->setContentsMargins(0, 0, 0, 0);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setObjectName(u"driftSplitter"_qs);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(1);
    outer->addWidget(m_splitter);

    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 4);
    head->setSpacing(10);
    m_title = new QLabel;
    m_caption = new QLabel;
    m_caption->setTextFormat(Qt::PlainText);
    m_caption->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    head->addWidget(m_title);
    head->addWidget(m_caption, 1);
    m_against = new QComboBox;
    m_against->setObjectName(u"driftAgainst"_qs);
    m_against->setAccessibleName(u"What the window is compared with"_qs);
    head->addWidget(m_against);
    m_quality = new QToolButton;
    m_quality->setObjectName(u"driftQuality"_qs);
    m_quality->setText(u"Data quality"_qs);
    m_quality->setToolTip(u"Every check of missing values, ranges, unseen values, outcomes and traffic by window"_qs);
    m_quality->setCheckable(true);
    m_quality->setAutoRaise(true);
    head->addWidget(m_quality);
    column->addLayout(head);
    m_heat = new DriftHeatMap(m_matrix, m_session.displayZone());
    m_heatArea = new QScrollArea;
    m_heatArea->setFrameShape(QFrame::NoFrame);
    m_heatArea->setWidgetResizable(true);
    m_heatArea->viewport()->setAutoFillBackground(false);
    m_heat->setAutoFillBackground(false);
    m_heatArea->setWidget(m_heat);
    column->addWidget(m_heatArea, 1);
    m_rule = new QWidget;
    m_rule->setFixedHeight(1);
    m_rule->setAutoFillBackground(true);
    column->addWidget(m_rule);
    auto* summary = new QVBoxLayout;
    summary->setContentsMargins(12, 8, 12, 10);
    summary->setSpacing(4);
    m_summaryTitle = new QLabel;
    m_summaryTitle->setObjectName(u"driftSummaryTitle"_qs);
    m_summary = new QLabel;
    m_summary->setObjectName(u"driftSummary"_qs);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary->addWidget(m_summaryTitle);
    summary->addWidget(m_summary);
    column->addLayout(summary);

    m_tiles = new DriftTiles;
    m_tiles->setMinimumWidth(210);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_tiles);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({700, 280});

    m_empty = new QLabel;
    m_empty->setObjectName(u"driftEmpty"_qs);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(24);
    m_pages->addWidget(m_main);
    m_pages->addWidget(m_empty);
    m_pages->setCurrentWidget(m_empty);
}

void DriftView::dress() {
    const auto tint = [](QWidget* widget, Token token, bool bold) {
        QPalette palette = widget->palette();
        palette.setColor(QPalette::WindowText, theme::color(token));
        widget->setPalette(palette);
        widget->setFont(theme::font(bold));
    };
    tint(m_title, Token::Text, true);
    tint(m_caption, Token::TextMuted, false);
    tint(m_summaryTitle, Token::Text, false);
    tint(m_summary, Token::TextMuted, false);
    tint(m_empty, Token::TextMuted, false);
    QPalette line = m_rule->palette();
    line.setColor(QPalette::Window, theme::color(Token::Hairline));
    m_rule->setPalette(line);
}

void DriftView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_empty) {
        dress();
        if (m_window) showSummary();
    }
    View::changeEvent(event);
}

void DriftView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    m_tiles->setVisible(width() >= 560);  // below it the heat map needs all of the room
}

bool DriftView::settled() const {
    return !m_stale && !m_loader.busy() &&
           (m_pages->currentWidget() == m_empty || !m_tiles->isVisible() || m_tiles->settled());
}

QWidget* DriftView::details() { return m_details; }

void DriftView::focusQuery() { m_heat->setFocus(); }

QStringList DriftView::keys() const {
    return {u"← ↑ ↓ → – move over the heat map"_qs, u"Enter – look at the cell's feature and window"_qs,
            u"w – take the column's window as the range"_qs,
            u"b, Shift+click – compare the chosen window with this one"_qs, u"Home, End – first and last window"_qs};
}

void DriftView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    if (m_stale) reload();
}

void DriftView::reload() {
    m_stale = false;
    m_problem.clear();
    m_model = m_session.lens().state().model;
    m_loader.loadOverview(m_model);
}

void DriftView::lensChanged() {
    m_compared = -1;
    if (m_session.lens().state().model != m_model) {
        m_baseline.reset();
        m_window.reset();
        m_explicit.reset();
        if (isVisible()) {
            reload();
        } else {
            m_stale = true;
        }
        return;
    }
    if (m_matrix.columnCount() > 0) followLens();
}

void DriftView::dataChanged() {
    if (!isVisible()) {
        m_stale = true;
    } else if (m_matrix.columnCount() == 0) {
        // Nothing judged yet: what there is to say may change with every commit (a version is deployed).
        if (!m_loader.busy()) reload();
    } else {
        m_loader.refresh();
    }
}

void DriftView::overviewReady() {
    m_matrix.setEvaluations(m_loader.evaluations());
    if (m_matrix.columnCount() == 0) return showEmpty();
    m_pages->setCurrentWidget(m_main);
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(m_matrix.window(0).duration()).count();
    m_title->setText(hours > 100 ? u"Drift by week"_qs : u"Drift by day"_qs);
    if (m_quality->isChecked()) m_title->setText(u"Data quality"_qs);
    m_caption->setText(u"in σ, or the share that moved"_qs);
    m_caption->setToolTip(u"Numbers: Wasserstein distance in σ of the reference. Categories: total variation."_qs);
    followLens();
}

void DriftView::followLens() {
    fillAgainst();
    const TimeRange range = m_session.lens().range();
    const bool live = m_session.lens().live();
    m_heat->setRange(range);
    if (range != m_range && !live) m_explicit.reset();
    m_range = range;
    int column = -1;
    if (m_explicit)
        for (int c = 0; c < m_matrix.columnCount(); ++c)
            if (m_matrix.window(c) == *m_explicit) column = c;
    if (column < 0) column = m_matrix.columnOf(range);
    if (column < 0) column = m_matrix.columnCount() - 1;
    chooseColumn(column, false);
}

void DriftView::chooseColumn(int column, bool explicitly) {
    const ports::Evaluation* evaluation = m_matrix.evaluation(column);
    if (!evaluation) return;
    if (explicitly) m_explicit = m_matrix.window(column);
    m_heat->setChosen(m_matrix.rowOf(m_feature), column);
    int baseline = -1;
    for (int c = 0; m_mode == Against::Baseline && c < m_matrix.columnCount(); ++c)
        if (m_baseline && m_matrix.window(c) == *m_baseline) baseline = c;
    m_heat->setBaseline(baseline);
    if (m_mode != Against::Profile) return compare(column);
    if (m_window && m_window->evaluation.id == evaluation->id) {
        showSummary();
        showDetails();
    } else {
        m_loader.loadWindow(*evaluation);
    }
}

void DriftView::windowReady(std::shared_ptr<const items::DriftWindow> window) {
    m_window = std::move(window);
    if (m_feature.isEmpty() || m_matrix.rowOf(m_feature) < 0) {
        const ports::Finding* strongest = nullptr;
        for (const ports::Finding& f : m_window->evaluation.findings)
            if (f.check == "drift" && !f.feature.empty() && std::isfinite(f.verdict.effect) &&
                (!strongest || f.verdict.effect > strongest->verdict.effect))
                strongest = &f;
        if (m_quality->isChecked())
            m_feature = m_matrix.feature(0);
        else if (strongest)
            m_feature = QString::fromStdString(strongest->feature);
    }
    m_heat->setChosen(m_matrix.rowOf(m_feature), m_heat->chosenColumn());
    showSummary();
    showTiles();
    showDetails();
}

void DriftView::chooseFeature(const QString& feature, bool tell) {
    if (feature.isEmpty()) return;
    m_feature = feature;
    m_heat->setChosen(m_matrix.rowOf(feature), m_heat->chosenColumn());
    m_tiles->setChosen(feature);
    showDetails();
    if (tell) m_session.select({"feature", feature.toStdString()});
}

void DriftView::takeWindow(const TimeRange& window) {
    m_explicit.reset();
    m_session.lens().setRange(window);
}

void DriftView::showRows(const QStringList& clauses) {
    if (!m_window) return;
    // Exactly the rows of the bar: what else the lens held is put aside, at hand but not counting.
    items::LensState state = m_session.lens().state();
    state.model = m_window->evaluation.model;
    state.version = m_window->rowVersion;
    if (m_details && m_details->column() && m_details->column()->picture.feature == u"score" &&
        m_window->evaluation.kind != "comparison")
        state.version = m_window->evaluation.version;  // a score belongs to the version that gave it
    QStringList wanted;
    for (const std::string& clause : m_window->rowClauses)
        wanted += QString::fromStdString(clause);
    const auto& monitor = m_loader.monitor();
    if (monitor && monitor->name == m_window->evaluation.monitor && !monitor->query.empty())
        wanted += QString::fromStdString(monitor->query);
    wanted += clauses;
    for (const std::string& filter : state.filters)
        if (!wanted.contains(QString::fromStdString(filter)) &&
            std::find(state.aside.begin(), state.aside.end(), filter) == state.aside.end())
            state.aside.push_back(filter);
    state.filters.clear();
    state.range.fixed = m_details && m_details->column() ? m_details->column()->window : m_window->evaluation.window;
    for (const QString& clause : wanted) {
        const std::string text = clause.toStdString();
        if (std::find(state.filters.begin(), state.filters.end(), text) == state.filters.end())
            state.filters.push_back(text);
    }
    m_session.lens().set(std::move(state));
    m_session.showView(u"predictions"_qs);
}

}  // namespace pilothouse::drift
