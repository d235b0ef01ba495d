// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dashboard/dashboard_view.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <cmath>

#include "models/items/join.h"
#include "resources/resources.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/dashboard/dashboard_suggestion.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::dashboard {

using theme::Token;

namespace {

constexpr int kPauseMs = 400;
constexpr int kPixelsABucket = 5;
constexpr double kLowestLane = 66;

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

std::pair<std::string, std::string> builtIn() {
    resources::init();
    QFile file(QStringLiteral(":/dashboards/delay.yaml"));
    if (!file.open(QIODevice::ReadOnly)) return {"delay", {}};
    return {"delay", file.readAll().toStdString()};
}

}  // namespace

DashboardView::DashboardView(items::Session& session, QWidget* parent) : theme::View(parent), m_session(session) {
    setObjectName(QStringLiteral("dashboardView"));
    build();
    connectChart();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_stale && isVisible()) refresh();
    });
    connect(&session, &items::Session::changed, this, [this] {
        m_stale = true;
        m_defined = m_given;  // fields and dashboards may be others, too
        if (m_askingDefinitions.running()) loadDefinitions();
        if (isVisible() && !m_asking.running() && !m_pause.isActive()) refresh();
    });
    connect(&session.lens(), &items::Lens::changed, this, [this] {
        m_stale = true;
        m_chart->setRange(m_session.lens().range());
        markOutdated();
        if (isVisible()) refresh();
    });
    connect(&session, &items::Session::displayZoneChanged, this, [this] {
        m_chart->setZone(m_session.displayZone());
        showTitle();
    });
}

DashboardView::~DashboardView() = default;

bool DashboardView::settled() const {
    return m_loaded && !m_stale && !m_asking.running() && !m_askingDefinitions.running();
}

void DashboardView::build() {
    m_title = new QLabel(this);
    m_title->setObjectName(QStringLiteral("dashboardTitle"));
    m_title->setTextFormat(Qt::RichText);
    m_title->setContentsMargins(12, 6, 12, 6);
    m_title->setMinimumWidth(1);
    m_choice = new QComboBox(this);
    m_choice->setObjectName(QStringLiteral("dashboardChoice"));
    m_choice->setAccessibleName(tr("Dashboard"));
    m_choice->hide();
    connect(m_choice, &QComboBox::activated, this, [this](int index) {
        const auto& [name, yaml] = m_held.dashboards[static_cast<std::size_t>(index)];
        useDefinition(name, yaml);
        refresh();
    });
    m_error = new QLabel(this);
    m_error->setObjectName(QStringLiteral("dashboardError"));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->setContentsMargins(12, 6, 12, 6);
    m_error->hide();
    m_tileRow = new QWidget(this);
    m_tileRow->setObjectName(QStringLiteral("tiles"));
    auto* tiles = new QHBoxLayout(m_tileRow);
    tiles->setContentsMargins(0, 0, 0, 0);
    tiles->setSpacing(0);
    m_chart = new chart::TimeSeriesChart;
    m_chart->setObjectName(QStringLiteral("dashboardChart"));
    m_scroll = new QScrollArea(this);
    m_scroll->setObjectName(QStringLiteral("dashboardScroll"));
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(m_chart);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 12, 0);
    head->addWidget(m_title, 1);
    head->addWidget(m_choice);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_error);
    layout->addWidget(m_tileRow);
    layout->addSpacing(6);
    layout->addWidget(m_scroll, 1);
    setFocusProxy(m_chart);
}

void DashboardView::connectChart() {
    m_chart->setZone(m_session.displayZone());
    m_chart->setRange(m_session.lens().range());
    connect(m_chart, &chart::TimeSeriesChart::cursorMoved, this,
            [this](std::optional<Timestamp> t) { m_session.lens().setCursor(t); });
    connect(&m_session.lens(), &items::Lens::cursorChanged, this,
            [this] { m_chart->setCursor(m_session.lens().cursor()); });
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

std::string DashboardView::model() const { return m_session.lens().state().model; }

void DashboardView::loadDefinitions() {
    m_askingDefinitions.start(
        this,
        [this](CancellationToken token) {
            auto join = items::Join<Held>();
            join.like(
                m_session.workspace().read(token,
                                           [](workspace::Database& database) -> Result<decltype(Held::dashboards)> {
                                               PH_ASSIGN(auto rows, database.prepare("SELECT name, definition FROM "
                                                                                     "dashboard ORDER BY position, "
                                                                                     "name"));
                                               decltype(Held::dashboards) out;
                                               for (;;) {
                                                   PH_ASSIGN(const bool more, rows.step());
                                                   if (!more) return out;
                                                   out.emplace_back(rows.text(0), rows.text(1));
                                               }
                                           }),
                [](Held& held, decltype(Held::dashboards) got) { held.dashboards = std::move(got); },
                [](Held&, const Error&) {});
            if (m_session.ports().predictions)
                join.like(
                    m_session.ports().predictions->fields(token),
                    [](Held& held, std::vector<ports::FieldInfo> got) { held.fields = std::move(got); },
                    [](Held&, const Error&) {});
            return join.answer();
        },
        [this](Result<Held> got) {
            take(got ? std::move(*got) : Held{});
            refresh();
        });
}

/// The built-in one is of the demo's model; a log that lacks its fields has one of its own, behind the workspace's.
void DashboardView::take(Held held) {
    const auto named = [&](const char* name) {
        return std::ranges::any_of(held.dashboards, [name](const auto& d) { return d.first == name; });
    };
    const bool foreign =
        !held.fields.empty() && std::ranges::find(held.fields, "temp_f", &ports::FieldInfo::name) == held.fields.end();
    if (foreign && !named("model")) held.dashboards.emplace_back("model", suggestedDashboard(held.fields));
    if (held.dashboards.empty()) held.dashboards.push_back(builtIn());
    m_held = std::move(held);
    m_defined = true;
    const auto same = std::ranges::find(m_held.dashboards, m_shown.first, [](const auto& d) { return d.first; });
    const auto chosen = same == m_held.dashboards.end() ? m_held.dashboards.begin() : same;
    m_choice->clear();
    for (const auto& [name, yaml] : m_held.dashboards)
        m_choice->addItem(QString::fromStdString(name));
    m_choice->setCurrentIndex(static_cast<int>(chosen - m_held.dashboards.begin()));
    m_choice->setVisible(m_held.dashboards.size() > 1);
    if (m_shown != *chosen) useDefinition(chosen->first, chosen->second);
}

void DashboardView::useDefinition(const std::string& name, const std::string& yaml) {
    m_shown = {name, yaml};
    auto parsed = parseDashboard(yaml, name);
    if (parsed) return install(std::move(*parsed));
    m_definitionError = parsed.error().text();
    install({name, name, {}, {}});
}

void DashboardView::setDefinition(DashboardDefinition definition) {
    m_askingDefinitions.cancel();  // what the workspace holds would take its place
    m_given = true;
    install(std::move(definition));
    if (isVisible()) refresh();
}

void DashboardView::install(DashboardDefinition definition) {
    if (!definition.lanes.empty() || !definition.tiles.empty()) m_definitionError.clear();
    m_definition = std::move(definition);
    m_defined = true;
    m_stale = true;
    m_error->setText(QString::fromStdString(m_definitionError));
    m_error->setVisible(!m_definitionError.empty());
    rebuildTiles();
    std::vector<chart::Lane> lanes;
    double stretch = 0;
    for (const auto& d : m_definition.lanes) {
        chart::Lane lane;
        lane.title = QString::fromStdString(d.title);
        lane.stretch = d.stretch;
        lane.state = chart::Lane::State::Loading;
        stretch += d.stretch;
        lanes.push_back(std::move(lane));
    }
    m_chart->setMinimumHeight(static_cast<int>(stretch * kLowestLane) + 60);
    m_chart->setLanes(std::move(lanes));
    showTitle();
}

void DashboardView::rebuildTiles() {
    for (chart::StatTile* tile : m_tiles)
        delete tile;
    m_tiles.clear();
    for (const auto& d : m_definition.tiles) {
        auto* tile = new chart::StatTile(QString::fromStdString(d.title), d.kind, m_tileRow);
        tile->setObjectName(QStringLiteral("tile-") + QString::fromStdString(d.title));
        m_tileRow->layout()->addWidget(tile);
        m_tiles.push_back(tile);
    }
    m_tileRow->setVisible(!m_tiles.empty());
}

void DashboardView::markOutdated() {
    if (!m_loaded) return;
    for (std::size_t i = 0; i < m_chart->lanes().size(); ++i)
        if (m_chart->lanes()[i].state == chart::Lane::State::Ready)
            m_chart->setLaneState(i, chart::Lane::State::Outdated);
    for (chart::StatTile* tile : m_tiles) {
        chart::StatTile::Content c = tile->content();
        if (c.state != chart::StatTile::State::Ready) continue;
        c.state = chart::StatTile::State::Outdated;
        tile->setContent(std::move(c));
    }
}

void DashboardView::showTitle() {
    const items::LensState& lens = m_session.lens().state();
    QString what = QString::fromStdString(lens.model.empty() ? "all models" : lens.model);
    if (!lens.version.empty()) what += u' ' + QString::fromStdString(lens.version);
    QString note = theme::range(m_session.lens().range(), m_session.displayZone());
    if (!lens.filters.empty())
        note += lens.filters.size() == 1 ? tr(", 1 filter") : tr(", %1 filters").arg(lens.filters.size());
    m_title->setText(QStringLiteral("<b>%1</b>&nbsp;&nbsp;<span style=\"color:%2\">%3</span>")
                         .arg(what.toHtmlEscaped(), theme::color(Token::TextMuted).name(), note.toHtmlEscaped()));
}

void DashboardView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    m_chart->setRange(m_session.lens().range());
    if (m_stale) refresh();
}

void DashboardView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    if (!m_loaded || m_asking.running()) return;
    const int most = std::max(20, m_chart->plotWidth() / kPixelsABucket);
    if (chart::buckets(m_session.lens().range(), m_session.zone(), most).unit != m_buckets.unit) refresh();
}

void DashboardView::changeEvent(QEvent* event) {
    View::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_title) showTitle();
}

void DashboardView::refresh() {
    if (!m_defined) {
        if (!m_askingDefinitions.running()) loadDefinitions();
        return;
    }
    m_stale = false;
    DashboardRequest request;
    request.query = m_session.lens().query();
    request.model = model();
    request.range = m_session.lens().range();
    request.now = m_session.now();
    request.fields = m_held.fields;
    m_buckets = chart::buckets(request.range, m_session.zone(), std::max(20, m_chart->plotWidth() / kPixelsABucket));
    request.buckets = m_buckets;
    if (!m_session.lens().state().filters.empty()) request.filterNote = "without the filters";
    m_chart->setRange(request.range);
    showTitle();
    m_asking.start(
        this,
        [this, &request](CancellationToken token) {
            return loadDashboard(m_session.ports(), m_definition, std::move(request), token);
        },
        [this](Result<DashboardAnswer> answer) {
            showAnswer(std::move(answer));
            m_pause.start();
        });
}

void DashboardView::showAnswer(Result<DashboardAnswer> answer) {
    m_loaded = true;
    if (!answer) {
        m_error->setText(QString::fromStdString(answer.error().text()));
        m_error->show();
        return;
    }
    m_error->setVisible(!m_definitionError.empty());
    for (std::size_t i = 0; i < m_tiles.size() && i < answer->tiles.size(); ++i)
        m_tiles[i]->setContent(std::move(answer->tiles[i]));
    m_chart->setLanes(std::move(answer->lanes));
    showMarkers(*answer);
}

void DashboardView::showMarkers(const DashboardAnswer& answer) {
    m_marked = items::axisEvents(answer.alerts, answer.aliases, answer.runs, model(), m_session.lens().range());
    std::vector<chart::Marker> markers;
    for (std::size_t i = 0; i < m_marked.size(); ++i) {
        const items::Event& e = m_marked[i];
        markers.push_back({e.time, markerKind(e.kind), e.kind == items::Event::Kind::Deployment ? e.label : QString(),
                           e.text + (e.more.isEmpty() ? QString() : QStringLiteral(": ") + e.more),
                           QString::number(i)});
    }
    m_chart->setMarkers(std::move(markers));
}

QByteArray DashboardView::exportCsv() const {
    QByteArray out = "lane,series,time,value,low,high\n";
    const auto quoted = [](const QString& s) { return '"' + s.toUtf8().replace('"', "\"\"") + '"'; };
    const auto number = [](const std::shared_ptr<const chart::SeriesBuffer>& b, std::size_t i) {
        return b && i < b->size() && b->finite(i) ? QByteArray::number(b->value(i), 'g', 12) : QByteArray();
    };
    const TimeRange range = m_chart->range();
    for (const auto& lane : m_chart->lanes())
        for (const auto& s : lane.series) {
            if (!s.values) continue;
            for (std::size_t i = s.values->lowerBound(range.start); i < s.values->lowerBound(range.end); ++i)
                out += quoted(lane.title) + ',' + quoted(s.name) + ',' +
                       QByteArray::fromStdString(s.values->time(i).toIso()) + ',' + number(s.values, i) + ',' +
                       number(s.low, i) + ',' + number(s.high, i) + '\n';
        }
    return out;
}

QStringList DashboardView::keys() const {
    return {tr("←, → – earlier, later"), tr("+, - – zoom in, out"), tr("Shift+←, Shift+→ – move the cursor"),
            tr("Home – all of the data"), tr("drag, wheel, middle drag – choose, zoom, pan time")};
}

}  // namespace pilothouse::dashboard
