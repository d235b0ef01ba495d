// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overview_view.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

#include "models/predictions/query_parser.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/overview/models_delegate.h"
#include "widgets/overview/overview_lanes.h"
#include "widgets/overview/overview_side.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::overview {

using Columns = items::ModelHealthModel;
using theme::Token;

namespace {

constexpr int kPauseMs = 400;
constexpr int kSparkBuckets = 130;
constexpr int kPixelsABucket = 5;
constexpr int kMostRows = 8;

QLabel* line(QWidget* parent, const char* name) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::RichText);
    label->setContentsMargins(12, 6, 12, 6);
    label->setMinimumWidth(1);
    return label;
}

QString rich(const QString& strong, const QString& muted) {
    return QStringLiteral("<b>%1</b>&nbsp;&nbsp;<span style=\"color:%2\">%3</span>")
        .arg(strong.toHtmlEscaped(), theme::color(Token::TextMuted).name(), muted.toHtmlEscaped());
}

chart::Marker::Kind markerKind(items::Event::Kind kind) {
    switch (kind) {
        case items::Event::Kind::Alarm:
            return chart::Marker::Kind::Alert;
        case items::Event::Kind::Warning:
        case items::Event::Kind::Info:
            return chart::Marker::Kind::Warning;
        case items::Event::Kind::Run:
            return chart::Marker::Kind::Run;
        case items::Event::Kind::Deployment:
            break;
    }
    return chart::Marker::Kind::Deployment;
}

}  // namespace

OverviewView::OverviewView(items::Session& session, QWidget* parent) : theme::View(parent), m_session(session) {
    setObjectName(QStringLiteral("overviewView"));
    build();
    connectChart();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_stale && isVisible()) refresh();
    });
    connect(&session, &items::Session::changed, this, [this] {
        m_stale = true;
        if (isVisible() && !m_asking.running() && !m_pause.isActive()) refresh();
    });
    connect(&session.lens(), &items::Lens::changed, this, [this] {
        m_stale = true;
        m_chart->setRange(m_session.lens().range());
        const std::string& model = m_session.lens().state().model;
        if (!model.empty()) m_chosen = model;
        if (isVisible()) refresh();
    });
    connect(&session, &items::Session::displayZoneChanged, this, [this] {
        m_chart->setZone(m_session.displayZone());
        m_side->update();
    });
}

OverviewView::~OverviewView() = default;

bool OverviewView::settled() const {
    return m_loaded && m_lanesLoaded && !m_stale && !m_asking.running() && !m_askingLanes.running();
}

QWidget* OverviewView::details() { return m_side; }

void OverviewView::build() {
    m_title = line(this, "modelsTitle");
    m_problems = line(this, "overviewProblems");
    m_problems->setWordWrap(true);
    m_problems->hide();
    m_empty = line(this, "overviewEmpty");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setText(tr("loading…"));
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("modelsTable"));
    m_table->setAccessibleName(tr("Models, worst first"));
    m_table->setModel(&m_models);
    m_table->setItemDelegate(new ModelsDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setWordWrap(false);
    m_table->setMouseTracking(true);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(QFontMetrics(theme::font()).height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setSectionsClickable(false);
    m_table->installEventFilter(this);
    connect(m_table, &QTableView::doubleClicked, this, &OverviewView::enterModel);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (index.isValid()) chooseModel(m_models.health()[static_cast<std::size_t>(index.row())].model);
    });
    m_lanesTitle = line(this, "lanesTitle");
    m_chart = new chart::TimeSeriesChart(this);
    m_chart->setObjectName(QStringLiteral("overviewChart"));
    m_caption = line(this, "overviewCaption");
    m_caption->setWordWrap(true);
    m_side = new OverviewSide(m_session, this);
    m_side->hide();  // the window's details pane shows it

    m_body = new QWidget(this);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    body->addWidget(m_table);
    body->addWidget(m_lanesTitle);
    body->addWidget(m_chart, 1);
    body->addWidget(m_caption);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_problems);
    layout->addWidget(m_body, 1);
    layout->addWidget(m_empty, 1);
    m_body->hide();
    m_title->setText(rich(tr("Models"), tr("worst first")));
    setFocusProxy(m_table);
}

void OverviewView::connectChart() {
    m_chart->setZone(m_session.displayZone());
    m_chart->setRange(m_session.lens().range());
    connect(m_chart, &chart::TimeSeriesChart::cursorMoved, this,
            [this](std::optional<Timestamp> t) { m_session.lens().setCursor(t); });
    connect(&m_session.lens(), &items::Lens::cursorChanged, this, [this] {
        m_chart->setCursor(m_session.lens().cursor());
        showHeading();
    });
    connect(m_chart, &chart::TimeSeriesChart::rangeSelected, this,
            [this](TimeRange r) { m_session.lens().setRange(r); });
    connect(m_chart, &chart::TimeSeriesChart::fitRequested, this, [this] {
        if (!m_session.ports().predictions) return;
        m_askingExtent.start(
            this, [this](CancellationToken token) { return m_session.ports().predictions->extent(token); },
            [this](Result<ports::PredictionLog::Extent> extent) {
                if (extent && extent->rows > 0)
                    m_session.lens().setRange({extent->range.start, extent->range.end + Duration(1)});
            });
    });
    connect(m_chart, &chart::TimeSeriesChart::markerActivated, this, [this](const QString& id) {
        const auto index = id.toULongLong();
        if (index < m_marked.size()) items::follow(m_session, m_marked[index]);
    });
}

void OverviewView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    m_chart->setRange(m_session.lens().range());
    if (m_stale) refresh();
}

void OverviewView::changeEvent(QEvent* event) {
    View::changeEvent(event);
    // Muted words carry their colour in the text.
    if (event->type() == QEvent::PaletteChange && m_loaded) {
        m_stale = true;
        if (isVisible()) refresh();
    }
}

void OverviewView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    fitTable();
    if (m_loaded && !m_askingLanes.running()) {
        const int buckets = std::max(20, m_chart->plotWidth() / kPixelsABucket);
        if (chart::buckets(m_session.lens().range(), m_session.zone(), buckets).unit != m_buckets.unit) refreshLanes();
    }
}

void OverviewView::refresh() {
    m_stale = false;
    items::OverviewRequest request;
    request.range = m_session.lens().range();
    request.now = m_session.now();
    request.edges = chart::buckets(request.range, m_session.zone(), kSparkBuckets).edges;
    m_asking.start(
        this,
        [this, &request](CancellationToken token) {
            return items::loadOverview(m_session.ports(), std::move(request), token);
        },
        [this](Result<items::OverviewSnapshot> snapshot) {
            showSnapshot(std::move(snapshot));
            m_pause.start();
        });
}

void OverviewView::showSnapshot(Result<items::OverviewSnapshot> snapshot) {
    m_loaded = true;
    if (!snapshot) {
        m_problems->setText(QString::fromStdString(snapshot.error().text()).toHtmlEscaped());
        m_problems->show();
        m_empty->setText(tr("The workspace could not be read."));
        m_lanesLoaded = true;
        return;
    }
    m_snapshot = std::move(*snapshot);
    QStringList problems;
    for (const auto& p : m_snapshot.problems)
        problems << QString::fromStdString(p).toHtmlEscaped();
    m_problems->setText(QStringLiteral("<span style=\"color:%1\">%2</span>")
                            .arg(theme::color(Token::Alarm).name(), problems.join(QStringLiteral("<br>"))));
    m_problems->setVisible(!problems.isEmpty());
    m_side->setSnapshot(m_snapshot, m_session.now());
    const bool empty = m_snapshot.models.empty();
    m_body->setVisible(!empty);
    m_empty->setVisible(empty);
    if (empty) {
        m_models.setHealth({});
        m_empty->setText(
            tr("No model yet. This workspace holds no registered model and no prediction.<br>Start the demo, or read "
               "rows with "
               "<b>pilothouse ingest FILE</b>."));
        m_lanesLoaded = true;
        return;
    }
    if (m_chosen.empty() || std::none_of(m_snapshot.models.begin(), m_snapshot.models.end(),
                                         [this](const auto& m) { return m.model == m_chosen; })) {
        const std::string& lensModel = m_session.lens().state().model;
        const bool known = std::any_of(m_snapshot.models.begin(), m_snapshot.models.end(),
                                       [&](const auto& m) { return m.model == lensModel; });
        m_chosen = known ? lensModel : m_snapshot.models.front().model;
    }
    m_models.setHealth(m_snapshot.models);
    fitTable();
    const int row = m_models.rowOf(m_chosen);
    if (m_table->currentIndex().row() != row) m_table->selectRow(row);
    const std::size_t firing = items::firingEvents(m_snapshot.alerts).size();
    const QString alerts = firing == 0   ? tr("no alert is firing")
                           : firing == 1 ? tr("1 alert is firing")
                                         : tr("%1 alerts are firing").arg(firing);
    m_title->setText(rich(tr("Models"), tr("worst first, ") + alerts));
    showHeading();
    refreshLanes();
}

const items::ModelHealth* OverviewView::chosen() const {
    const int row = m_models.rowOf(m_chosen);
    return row < 0 ? nullptr : &m_models.health()[static_cast<std::size_t>(row)];
}

ports::Query OverviewView::laneQuery() const {
    if (m_session.lens().state().model == m_chosen) return m_session.lens().query();
    auto query = predictions::parseQuery(predictions::equalsClause("model", m_chosen));
    return query ? *query : ports::Query{};
}

void OverviewView::refreshLanes() {
    if (!m_session.ports().predictions || m_chosen.empty()) {
        m_lanesLoaded = true;
        return;
    }
    const TimeRange range = m_session.lens().range();
    m_buckets = chart::buckets(range, m_session.zone(), std::max(20, m_chart->plotWidth() / kPixelsABucket));
    m_chart->setRange(range);
    m_askingLanes.start(
        this,
        [this](CancellationToken token) {
            return m_session.ports().predictions->aggregate(laneRequest(laneQuery(), m_buckets), token);
        },
        [this](Result<ports::Aggregates> got) {
            m_lanesLoaded = true;
            auto lanes = makeLanes(m_buckets, got ? *got : ports::Aggregates{}, m_snapshot.evaluations, m_chosen,
                                   m_session.now());
            if (!got)
                for (std::size_t i = 0; i < 2; ++i) {
                    lanes[i].state = chart::Lane::State::Error;
                    lanes[i].stateText = QString::fromStdString(got.error().text());
                }
            m_chart->setLanes(std::move(lanes));
            showMarkers();
        });
}

void OverviewView::showMarkers() {
    m_marked =
        items::axisEvents(m_snapshot.alerts, m_snapshot.aliases, m_snapshot.runs, m_chosen, m_session.lens().range());
    std::vector<chart::Marker> markers;
    const items::Event* newest = nullptr;
    for (std::size_t i = 0; i < m_marked.size(); ++i) {
        const items::Event& e = m_marked[i];
        markers.push_back({e.time, markerKind(e.kind), e.kind == items::Event::Kind::Deployment ? e.label : QString(),
                           e.text + (e.more.isEmpty() ? QString() : QStringLiteral(": ") + e.more),
                           QString::number(i)});
        if (e.kind == items::Event::Kind::Deployment) newest = &e;
    }
    m_chart->setMarkers(std::move(markers));
    m_caption->setVisible(newest != nullptr);
    if (newest)
        m_caption->setText(
            QStringLiteral("<span style=\"color:%1\">◆ %2 %3%4</span>")
                .arg(theme::color(Token::TextMuted).name(), theme::date(newest->time, m_session.displayZone()),
                     newest->text.toHtmlEscaped(),
                     newest->more.isEmpty() ? QString() : QStringLiteral(": ") + newest->more.toHtmlEscaped()));
}

void OverviewView::showHeading() {
    const items::ModelHealth* model = chosen();
    if (!model) return;
    QString note = theme::range(m_session.lens().range(), m_session.displayZone());
    const auto& filters = m_session.lens().state().filters;
    if (!filters.empty() && m_session.lens().state().model == m_chosen)
        note += filters.size() == 1 ? tr(", 1 filter; AUC is of all rows")
                                    : tr(", %1 filters; AUC is of all rows").arg(filters.size());
    m_lanesTitle->setText(
        rich(QString::fromStdString(model->model + (model->version.empty() ? "" : " " + model->version)), note));
}

void OverviewView::chooseModel(const std::string& model) {
    if (model == m_chosen) return;
    m_chosen = model;
    showHeading();
    refreshLanes();
}

void OverviewView::enterModel(const QModelIndex& index) {
    if (!index.isValid()) return;
    const items::ModelHealth& m = m_models.health()[static_cast<std::size_t>(index.row())];
    if (index.column() == Columns::Version && !m.version.empty()) {
        m_session.lens().setModel(m.model);
        m_session.select({"version", m.model + "/" + m.version});
        return m_session.showView(QStringLiteral("registry"));
    }
    if (index.column() == Columns::InProgress && !m.runId.empty()) {
        m_session.select({"run", m.runId});
        return m_session.showView(QStringLiteral("runs"));
    }
    m_session.lens().setModel(m.model);
    m_session.showView(QStringLiteral("dashboard"));
}

bool OverviewView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_table->currentIndex().row();
        switch (key->key()) {
            case Qt::Key_Return:
            case Qt::Key_Enter:
                enterModel(m_models.index(row, Columns::Model));
                return true;
            case Qt::Key_J:
            case Qt::Key_K: {
                const int next = row + (key->key() == Qt::Key_J ? 1 : -1);
                if (next >= 0 && next < m_models.rowCount()) m_table->selectRow(next);
                return true;
            }
            default:
                break;
        }
    }
    return View::eventFilter(watched, event);
}

void OverviewView::fitTable() {
    // What a column needs; where room is short the last of `leave` go first, and "why" takes what is left.
    const int widths[] = {84, 64, 88, 170, 96, 76, 62, 70, 84, 84, 150, 112};
    const Columns::Column leave[] = {Columns::InProgress, Columns::Drift, Columns::Score,  Columns::Errors,
                                     Columns::P95,        Columns::Auc,   Columns::Traffic};
    int needed = 0;
    for (int c = 0; c < Columns::Columns; ++c) {
        m_table->setColumnHidden(c, false);
        needed += widths[c];
    }
    for (const auto column : leave) {
        if (needed <= width()) break;
        m_table->setColumnHidden(column, true);
        needed -= widths[column];
    }
    for (int c = 0; c < Columns::Columns; ++c)
        m_table->setColumnWidth(c, widths[c]);
    m_table->setColumnWidth(Columns::Why, std::max(60, widths[Columns::Why] + width() - needed));
    const int rows = std::clamp(m_models.rowCount(), 1, kMostRows);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            rows * m_table->verticalHeader()->defaultSectionSize() + 1);
}

QByteArray OverviewView::exportCsv() const {
    QByteArray out = "model,version,state,why,requests,error_share,p95_ms,auc,auc_low,auc_high,in_progress\n";
    const auto quoted = [](const std::string& s) {
        return '"' + QByteArray::fromStdString(s).replace('"', "\"\"") + '"';
    };
    const auto number = [](double v) { return std::isfinite(v) ? QByteArray::number(v, 'g', 10) : QByteArray(); };
    for (const auto& m : m_models.health()) {
        out += quoted(m.model) + ',' + quoted(m.version) + ',' + items::toString(m.state) + ',' + quoted(m.why) + ',' +
               number(m.requests) + ',' + number(m.errorShare) + ',' + number(m.p95Ms) + ',';
        out += m.auc ? number(m.auc->value) + ',' + number(m.auc->low) + ',' + number(m.auc->high) : QByteArray(",,");
        out += ',' + quoted(m.inProgress) + '\n';
    }
    return out;
}

QStringList OverviewView::keys() const {
    return {tr("j, k – next, previous model"), tr("Enter – open the model in the dashboard"),
            tr("drag, wheel, middle drag – choose, zoom, pan time"), tr("double click – all of the data")};
}

}  // namespace pilothouse::overview
