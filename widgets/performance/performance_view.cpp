// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/performance/performance_view.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/chart/time_series_chart.h"
#include "widgets/performance/performance_details.h"
#include "widgets/performance/performance_pictures.h"
#include "widgets/performance/picture_grid.h"
#include "widgets/performance/segment_panel.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::performance {

using theme::Token;

namespace {
constexpr int kPauseMs = 2000;    // a measurement reads all rows: not at every commit
constexpr int kSideBySide = 860;  // below it curves and segments take turns
}  // namespace

PerformanceView::PerformanceView(items::Session& session, QWidget* parent)
    : View(parent), m_session(session), m_loader(session), m_details(new PerformanceDetails) {
    setObjectName(u"performanceView"_qs);
    makeWidgets();
    connectChart();
    dress();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_stale && isVisible()) reload();
    });
    connect(&m_loader, &items::PerformanceLoader::ready, this, &PerformanceView::ready);
    connect(&m_loader, &items::PerformanceLoader::failed, this, &PerformanceView::showEmpty);
    connect(&m_loader, &items::PerformanceLoader::segmentsReady, m_segments, &SegmentPanel::setReport);
    connect(&m_loader, &items::PerformanceLoader::segmentsFailed, m_segments, &SegmentPanel::setProblem);
    connect(m_segments, &SegmentPanel::columnChosen, this, &PerformanceView::askSegments);
    connect(m_segments, &SegmentPanel::segmentChosen, this,
            [this](const QString& clause) { m_session.lens().addFilter(clause.toStdString()); });
    connect(&session.lens(), &items::Lens::changed, this, [this] {
        m_stale = true;
        m_chart->setRange(m_session.lens().range());
        for (std::size_t i = 0; i < m_chart->lanes().size(); ++i)
            if (m_chart->lanes()[i].state == chart::Lane::State::Ready)
                m_chart->setLaneState(i, chart::Lane::State::Outdated);
        if (isVisible()) reload();
    });
    connect(&session, &items::Session::changed, this, [this] {
        m_stale = true;
        if (isVisible() && !m_loader.busy() && !m_pause.isActive()) reload();
    });
    connect(&session, &items::Session::displayZoneChanged, this, [this] {
        m_chart->setZone(m_session.displayZone());
        if (m_loader.answer() && m_details) m_details->setReport(m_loader.answer()->report, m_session.displayZone());
    });
}

PerformanceView::~PerformanceView() { delete m_details; }

void PerformanceView::makeHead() {
    m_head = new QWidget;
    auto* row = new QHBoxLayout(m_head);
    row->setContentsMargins(12, 6, 12, 4);
    row->setSpacing(8);
    m_title = new QLabel;
    m_title->setObjectName(u"performanceTitle"_qs);
    m_title->setTextFormat(Qt::RichText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_metric = new QComboBox;
    m_metric->setObjectName(u"performanceMetric"_qs);
    m_metric->setAccessibleName(tr("Metric"));
    m_unit = new QComboBox;
    m_unit->setObjectName(u"performanceWindow"_qs);
    m_unit->setAccessibleName(tr("Length of a window"));
    m_unit->addItem(tr("window: auto"), -1);
    for (const auto unit :
         {items::WindowUnit::Hour, items::WindowUnit::Day, items::WindowUnit::Week, items::WindowUnit::Month})
        m_unit->addItem(tr("by %1").arg(QString::fromLatin1(items::toString(unit))), static_cast<int>(unit));
    row->addWidget(m_title, 1);
    row->addWidget(m_metric);
    row->addWidget(m_unit);
    connect(m_metric, &QComboBox::activated, this, [this] {
        showLanes();
        askSegments();
    });
    connect(m_unit, &QComboBox::activated, this, &PerformanceView::reload);
}

void PerformanceView::makeWidgets() {
    m_pages = new QStackedLayout(this);
    m_pages->setContentsMargins(0, 0, 0, 0);
    m_main = new QWidget;
    auto* column = new QVBoxLayout(m_main);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    makeHead();
    column->addWidget(m_head);
    m_chart = new chart::TimeSeriesChart;
    m_chart->setObjectName(u"performanceChart"_qs);
    m_chart->setMinimumHeight(160);

    auto* below = new QWidget;
    auto* belowColumn = new QVBoxLayout(below);
    belowColumn->setContentsMargins(0, 0, 0, 0);
    belowColumn->setSpacing(0);
    auto* choice = new QHBoxLayout;
    choice->setContentsMargins(12, 2, 12, 2);
    choice->setSpacing(2);
    auto* group = new QButtonGroup(this);
    const auto button = [&](const QString& name, const QString& text) {
        auto* b = new QToolButton;
        b->setObjectName(name);
        b->setText(text);
        b->setCheckable(true);
        b->setAutoRaise(true);
        group->addButton(b);
        choice->addWidget(b);
        return b;
    };
    m_showCurves = button(u"showCurves"_qs, tr("Curves"));
    m_showSegments = button(u"showSegments"_qs, tr("Segments"));
    m_showCurves->setChecked(true);
    choice->addStretch(1);
    belowColumn->addLayout(choice);
    m_lower = new QSplitter(Qt::Horizontal);
    m_lower->setObjectName(u"performanceLower"_qs);
    m_lower->setChildrenCollapsible(false);
    m_lower->setHandleWidth(1);
    m_pictures = new PictureGrid;
    m_segments = new SegmentPanel;
    m_lower->addWidget(m_pictures);
    m_lower->addWidget(m_segments);
    m_lower->setSizes({560, 460});
    belowColumn->addWidget(m_lower, 1);
    connect(group, &QButtonGroup::buttonClicked, this, &PerformanceView::showParts);

    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setObjectName(u"performanceSplitter"_qs);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(1);
    m_splitter->addWidget(m_chart);
    m_splitter->addWidget(below);
    m_splitter->setSizes({330, 380});
    column->addWidget(m_splitter, 1);

    m_empty = new QLabel;
    m_empty->setObjectName(u"performanceEmpty"_qs);
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(24);
    m_pages->addWidget(m_main);
    m_pages->addWidget(m_empty);
    m_pages->setCurrentWidget(m_empty);
    setFocusProxy(m_chart);
}

void PerformanceView::connectChart() {
    m_chart->setZone(m_session.displayZone());
    m_chart->setRange(m_session.lens().range());
    connect(m_chart, &chart::TimeSeriesChart::cursorMoved, this,
            [this](std::optional<Timestamp> t) { m_session.lens().setCursor(t); });
    connect(&m_session.lens(), &items::Lens::cursorChanged, this,
            [this] { m_chart->setCursor(m_session.lens().cursor()); });
    connect(m_chart, &chart::TimeSeriesChart::rangeSelected, this,
            [this](TimeRange r) { m_session.lens().setRange(r); });
}

void PerformanceView::dress() {
    QPalette palette = m_empty->palette();
    palette.setColor(QPalette::WindowText, theme::color(Token::TextMuted));
    m_empty->setPalette(palette);
    if (!m_loader.answer()) return;
    const auto& report = m_loader.answer()->report;
    const items::VersionPerformance* v = report.main();
    QStringList names;
    for (const auto& version : report.versions)
        names += QString::fromStdString(version.version);
    QString note =
        theme::count(report.rows) + u" scored rows of "_qs + names.join(u", "_qs) + u" · "_qs +
        (report.rows == 0 ? u"–"_qs
                          : theme::percent(static_cast<double>(report.labelled) / static_cast<double>(report.rows))) +
        u" labelled"_qs;
    if (v && names.size() > 1) note += u" · below "_qs + QString::fromStdString(v->version);
    m_title->setText(u"<b>%1</b>&nbsp;&nbsp;<span style=\"color:%2\">%3</span>"_qs.arg(
        QString::fromStdString(report.question.model).toHtmlEscaped(), theme::color(Token::TextMuted).name(),
        note.toHtmlEscaped()));
    m_title->setToolTip(note);
}

void PerformanceView::changeEvent(QEvent* event) {
    View::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_empty) dress();
}

void PerformanceView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    showParts();
}

void PerformanceView::showParts() {
    const bool both = width() >= kSideBySide;
    m_showCurves->setVisible(!both);
    m_showSegments->setVisible(!both);
    m_pictures->setVisible(both || m_showCurves->isChecked());
    m_segments->setVisible(both || m_showSegments->isChecked());
    if (m_segmentsWanted && !m_segments->isHidden()) askSegments();
}

bool PerformanceView::settled() const { return !m_stale && !m_loader.busy(); }

QWidget* PerformanceView::details() { return m_details; }

void PerformanceView::focusQuery() { m_segments->setFocus(); }

QStringList PerformanceView::keys() const {
    return {tr("←, → – earlier, later"), tr("+, - – zoom in, out"), tr("j, k or arrows – move over the segments"),
            tr("Enter – take the segment into the lens")};
}

void PerformanceView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    m_chart->setRange(m_session.lens().range());
    if (m_stale) reload();
}

std::string PerformanceView::metric() const { return m_metric->currentData().toString().toStdString(); }

std::optional<items::WindowUnit> PerformanceView::unit() const {
    const int value = m_unit->currentData().toInt();
    return value < 0 ? std::nullopt : std::optional(static_cast<items::WindowUnit>(value));
}

void PerformanceView::reload() {
    m_stale = false;
    if (m_session.lens().state().model.empty()) {
        showEmpty(tr("Choose a model in the lens bar: the versions of one model are compared here."));
        return;
    }
    m_loader.load(unit());
}

void PerformanceView::ready() {
    m_pause.start();
    const auto& answer = *m_loader.answer();
    const items::PerformanceReport& report = answer.report;
    const items::LensState& lens = m_session.lens().state();
    if (report.versions.empty() || report.rows == 0) {
        const QString range = theme::range(report.question.range, m_session.displayZone());
        if (!answer.anyRows)
            showEmpty(tr("No prediction is logged yet. Import some (File, Import predictions) or run the demo."));
        else if (!lens.filters.empty())
            showEmpty(
                tr("No scored row of %1 in %2 matches the %n filter(s). Remove a filter or choose a longer range.",
                   nullptr, static_cast<int>(lens.filters.size()))
                    .arg(QString::fromStdString(lens.model), range));
        else
            showEmpty(tr("No row of %1 was scored in %2. Choose another range on the timeline below.")
                          .arg(QString::fromStdString(lens.model), range));
        return;
    }
    m_pages->setCurrentWidget(m_main);
    showMetrics();
    dress();
    showLanes();
    m_pictures->setPictures(picturesOf(report));
    if (m_details) m_details->setReport(report, m_session.displayZone());
    QStringList texts, numbers;
    for (const ports::FieldInfo& f : answer.columns)
        (f.type == ports::ColumnType::Text ? texts : numbers) += QString::fromStdString(f.name);
    m_segments->setColumns(texts + numbers);
    askSegments();
}

void PerformanceView::showMetrics() {
    const items::VersionPerformance* v = m_loader.answer()->report.main();
    const auto names =
        items::metricsOf(v->task == items::PerformanceTask::Regression ? v->task : items::PerformanceTask::Binary);
    const QString kept = m_metric->currentData().toString();
    m_metric->clear();
    for (const std::string& name : names)
        m_metric->addItem(QString::fromStdString(items::metricTitle(name)), QString::fromStdString(name));
    m_metric->setCurrentIndex(std::max(0, m_metric->findData(kept)));
}

void PerformanceView::showLanes() {
    if (!m_loader.answer()) return;
    m_chart->setRange(m_loader.answer()->report.question.range);
    m_chart->setLanes(lanesOf(m_loader.answer()->report, metric()));
}

void PerformanceView::askSegments() {
    m_segmentsWanted = m_segments->isHidden();  // nobody looks: asked when somebody does
    if (m_segmentsWanted) return;
    if (m_segments->column().isEmpty()) return m_segments->setProblem(tr("The rows have no column to split them by."));
    m_loader.loadSegments(m_segments->column().toStdString(), metric());
}

void PerformanceView::showEmpty(const QString& text) {
    m_empty->setText(text);
    m_pages->setCurrentWidget(m_empty);
    if (m_details) m_details->clear();
}

QByteArray PerformanceView::exportCsv() const {
    if (!m_loader.answer() || m_pages->currentWidget() != m_main) return {};
    QByteArray out =
        "version,window_start,window_end,rows,labelled,mature,metric,value,low,high,interval,estimate,"
        "estimate_low,estimate_high\n";
    const auto number = [](double v) { return std::isnan(v) ? QByteArray() : QByteArray::number(v, 'g', 12); };
    for (const auto& v : m_loader.answer()->report.versions)
        for (const auto& w : v.windows)
            for (const std::string& name : items::metricsOf(v.task)) {
                const auto* m = w.metric(name);
                const auto* e = w.estimate(name);
                if (!m && !e) continue;
                out += '"' + QByteArray::fromStdString(v.version).replace('"', "\"\"") + "\"," +
                       QByteArray::fromStdString(w.window.start.toIso() + ',' + w.window.end.toIso()) + ',' +
                       QByteArray::number(static_cast<qulonglong>(w.rows)) + ',' +
                       QByteArray::number(static_cast<qulonglong>(w.labelled)) + ',' + (w.mature ? "1," : "0,") +
                       QByteArray::fromStdString(name) + ',';
                out += m ? number(m->value.value) + ',' + number(m->value.low) + ',' + number(m->value.high) + ',' +
                               QByteArray::fromStdString(m->interval)
                         : QByteArray(",,,");
                out += ',';
                out += e ? number(e->value) + ',' + number(e->low) + ',' + number(e->high) : QByteArray(",,");
                out += '\n';
            }
    return out;
}

}  // namespace pilothouse::performance
