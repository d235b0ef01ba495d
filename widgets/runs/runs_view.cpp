// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/runs_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "widgets/runs/run_gantt.h"
#include "widgets/runs/run_graph.h"
#include "widgets/runs/run_grid.h"
#include "widgets/runs/task_details.h"
#include "widgets/runs/task_style.h"
#include "widgets/theme/format.h"
#include "widgets/theme/layout_state.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

namespace {

constexpr std::size_t kRunsShown = 200;
constexpr std::size_t kGridRuns = 40;

/// Formats times in the displayed zone and draws a state as mark and word.
class RunDelegate : public QStyledItemDelegate {
public:
    RunDelegate(const items::Session& session, QObject* parent) : QStyledItemDelegate(parent), m_session(session) {}

    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.column() == items::RunListModel::Started) {
            const QVariant started = index.data(items::RunListModel::StartedNsRole);
            option->text =
                started.isValid() ? theme::time({started.toLongLong()}, m_session.displayZone()) : tr("waiting");
        } else if (index.column() == items::RunListModel::Wall) {
            const double ms = index.data(items::RunListModel::WallMsRole).toDouble();
            option->text = ms > 0 ? theme::milliseconds(ms) : QStringLiteral("–");
            option->displayAlignment = Qt::AlignRight | Qt::AlignVCenter;
        }
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        if (index.column() != items::RunListModel::State) return QStyledItemDelegate::paint(painter, option, index);
        QStyleOptionViewItem moved = option;
        QStyledItemDelegate::paint(
            painter,
            [&] {
                moved.rect.adjust(18, 0, 0, 0);
                return moved;
            }(),
            index);
        const auto state = static_cast<ports::RunState>(index.data(items::RunListModel::StateRole).toInt());
        if (option.state & QStyle::State_Selected)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 18, option.rect.height()),
                              theme::color(theme::Token::Selection));
        paintMark(*painter, QRectF(option.rect.left() + 4, option.rect.top(), 12, option.rect.height()),
                  styleOf(state));
    }

private:
    const items::Session& m_session;
};

QLabel* plainLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    return label;
}

QWidget* titled(const QString& title, QWidget* content, QWidget* parent) {
    auto* box = new QWidget(parent);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* label = new QLabel(title, box);
    label->setFont(theme::font(true));
    label->setContentsMargins(12, 8, 12, 4);
    layout->addWidget(label);
    layout->addWidget(content, 1);
    return box;
}

}  // namespace

RunsView::RunsView(items::Session& session, QWidget* parent) : theme::View(parent), m_session(session) {
    setObjectName(QStringLiteral("runsView"));
    build();
    connect(&session, &items::Session::changed, this, [this] {
        m_stale = true;
        if (isVisible()) refresh();
    });
    connect(&session, &items::Session::selectionChanged, this, &RunsView::followSelection);
    connect(&session, &items::Session::displayZoneChanged, this, [this] { m_list->viewport()->update(); });
    followSelection();
}

RunsView::~RunsView() = default;

void RunsView::build() {
    m_summary = plainLabel("runsSummary", this);
    m_empty = plainLabel("runsEmpty", this);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_title = plainLabel("runTitle", this);
    m_title->setFont(theme::font(true));
    m_result = plainLabel("runResult", this);
    m_result->setWordWrap(true);
    m_list = new QTableView(this);
    m_list->setObjectName(QStringLiteral("runsTable"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setModel(&m_model);
    m_list->setItemDelegate(new RunDelegate(m_session, m_list));
    m_list->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setShowGrid(false);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWordWrap(false);
    m_list->verticalHeader()->hide();
    m_list->verticalHeader()->setDefaultSectionSize(24);
    m_list->horizontalHeader()->setHighlightSections(false);
    m_list->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_list->horizontalHeader()->setSectionResizeMode(items::RunListModel::Result, QHeaderView::Stretch);
    const std::pair<int, int> widths[] = {{items::RunListModel::Id, 44},       {items::RunListModel::Started, 136},
                                          {items::RunListModel::Pipeline, 96}, {items::RunListModel::State, 104},
                                          {items::RunListModel::Cause, 250},   {items::RunListModel::Wall, 70}};
    for (const auto& [column, width] : widths)
        m_list->setColumnWidth(column, width);
    theme::rememberColumns(*m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (!index.isValid()) return;
        const QString id = index.data(items::RunListModel::IdRole).toString();
        if (id != m_wantedRun) askRun(id);
    });
    connect(m_list, &QTableView::activated, this, [this] { m_graph->setFocus(); });

    m_graph = new RunGraph(this);
    m_grid = new RunGrid(this);
    m_gantt = new RunGantt(this);
    m_details = new TaskDetails(m_session, this);
    connect(m_graph, &RunGraph::taskChosen, this, &RunsView::chooseTask);
    connect(m_gantt, &RunGantt::taskChosen, this, &RunsView::chooseTask);
    connect(m_grid, &RunGrid::chosen, this, [this](const QString& run, const QString& task) {
        m_task = task;
        if (run != m_wantedRun)
            askRun(run);
        else
            chooseTask(task);
    });

    auto* head = new QWidget(this);
    auto* headLayout = new QVBoxLayout(head);
    headLayout->setContentsMargins(12, 8, 12, 8);
    headLayout->setSpacing(2);
    headLayout->addWidget(m_title);
    headLayout->addWidget(m_result);
    auto* middle = new QWidget(this);
    auto* middleLayout = new QVBoxLayout(middle);
    middleLayout->setContentsMargins(0, 0, 0, 0);
    middleLayout->setSpacing(0);
    middleLayout->addWidget(head);
    middleLayout->addWidget(m_graph, 1);
    auto* lower = new QSplitter(Qt::Horizontal, this);
    lower->addWidget(titled(tr("Tasks by run"), m_grid, lower));
    lower->addWidget(titled(tr("Time of each task"), m_gantt, lower));
    lower->setStretchFactor(0, 1);
    lower->setStretchFactor(1, 1);
    lower->setHandleWidth(1);
    auto* top = new QWidget(this);
    auto* topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    m_summary->setContentsMargins(12, 8, 12, 8);
    topLayout->addWidget(m_summary);
    topLayout->addWidget(m_list, 1);
    topLayout->addWidget(m_empty, 1);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setObjectName(QStringLiteral("runsSplitter"));
    splitter->setHandleWidth(1);
    splitter->addWidget(top);
    splitter->addWidget(middle);
    splitter->addWidget(lower);
    splitter->setSizes({250, 210, 290});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    setFocusProxy(m_list);
}

QWidget* RunsView::details() { return m_details; }

bool RunsView::settled() const {
    return m_loaded && !m_stale && !m_listAsking.running() && !m_runAsking.running() && !m_gridAsking.running() &&
           m_graph->settled() && m_details->settled();
}

void RunsView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    if (m_stale) refresh();
}

void RunsView::refresh() {
    if (!m_session.ports().orchestrator || m_listAsking.running()) return;  // the trailing change asks again
    m_stale = false;
    m_listAsking.start(
        this, [&](CancellationToken token) { return m_session.ports().orchestrator->runs(kRunsShown, token); },
        [this](Result<std::vector<ports::Run>> runs) {
            m_loaded = true;
            if (runs)
                showList(std::move(*runs));
            else
                m_summary->setText(QString::fromStdString(runs.error().text()));
            if (m_stale) refresh();
        });
}

void RunsView::showList(std::vector<ports::Run> runs) {
    std::size_t running = 0, refused = 0, failed = 0;
    for (const ports::Run& run : runs) {
        running += run.state == ports::RunState::Running || run.state == ports::RunState::Queued;
        refused += run.state == ports::RunState::Refused;
        failed += run.state == ports::RunState::Failed;
    }
    QStringList parts{tr("%n run(s)", nullptr, static_cast<int>(runs.size()))};
    if (running) parts << tr("%1 in progress").arg(running);
    if (refused) parts << tr("%1 stopped at a gate").arg(refused);
    if (failed) parts << tr("%1 failed").arg(failed);
    m_summary->setText(parts.join(QStringLiteral(" · ")));
    m_list->setVisible(!runs.empty());
    m_empty->setVisible(runs.empty());
    m_empty->setText(
        tr("Nothing has run yet. A pipeline runs when its trigger fires, from the palette (Ctrl+K), or by "
           "\"pilothouse run PIPELINE.yaml\"."));
    m_model.setRuns(std::move(runs));
    if (m_model.runs().empty()) {
        m_run.reset();
        m_graph->clear();
        return;
    }
    // The person's choice stays; without one the newest run is shown.
    if (m_wantedRun.isEmpty() || m_model.rowOf(m_wantedRun) < 0)
        m_wantedRun = QString::fromStdString(m_model.runs().front().id);
    m_list->selectRow(m_model.rowOf(m_wantedRun));
    askRun(m_wantedRun);
    askGrid();
}

void RunsView::askRun(const QString& id) {
    m_wantedRun = id;
    m_runAsking.start(
        this, [&](CancellationToken token) { return m_session.ports().orchestrator->run(id.toStdString(), token); },
        [this](Result<ports::Run> run) {
            if (run)
                showRun(*run);
            else
                m_result->setText(QString::fromStdString(run.error().text()));
        });
}

void RunsView::showRun(const ports::Run& run) {
    m_run = run;
    QString title = tr("Run %1 · %2").arg(QString::fromStdString(run.id), QString::fromStdString(run.pipeline));
    if (run.started) title += tr(" · %1").arg(theme::time(*run.started, m_session.displayZone()));
    m_title->setText(title);
    QString result = QString::fromStdString(run.result.empty() ? std::string(toString(run.state)) : run.result);
    if (!run.cause.empty()) result += tr(" — because of: %1").arg(QString::fromStdString(run.cause));
    m_result->setText(result);
    m_graph->setRun(run);
    m_gantt->setRun(run);
    const bool has = std::any_of(run.tasks.begin(), run.tasks.end(),
                                 [this](const ports::Task& t) { return QString::fromStdString(t.name) == m_task; });
    if (!has) {
        // What the eye wants first: the task that runs or stopped the run, else the last one.
        m_task = run.tasks.empty() ? QString() : QString::fromStdString(run.tasks.back().name);
        for (const ports::Task& t : run.tasks)
            if (t.state == ports::TaskState::Running || t.state == ports::TaskState::Failed ||
                t.state == ports::TaskState::Refused)
                m_task = QString::fromStdString(t.name);
    }
    chooseTask(m_task);
    const int row = m_model.rowOf(m_wantedRun);
    if (row >= 0 && m_list->currentIndex().row() != row) m_list->selectRow(row);
}

void RunsView::chooseTask(const QString& name) {
    m_task = name;
    m_graph->setCurrentTask(name);
    m_gantt->setCurrentTask(name);
    m_grid->setCurrent(m_wantedRun, name);
    if (m_run) m_details->show(*m_run, name);
}

void RunsView::askGrid() {
    // Finished runs do not change; only the others are read again.
    std::vector<std::string> wanted;
    for (const ports::Run& run : m_model.runs()) {
        if (wanted.size() >= kGridRuns) break;
        wanted.push_back(run.id);
    }
    const auto isFinal = [](const ports::Run& run) {
        return run.state != ports::RunState::Queued && run.state != ports::RunState::Running;
    };
    std::vector<QFuture<Result<ports::Run>>> futures;
    auto orchestrator = m_session.ports().orchestrator;
    m_gridAsking.start(
        this,
        [&](CancellationToken token) {
            for (const std::string& id : wanted)
                if (const auto known = m_known.find(id); known == m_known.end() || !isFinal(known->second))
                    futures.push_back(orchestrator->run(id, token));
            if (futures.empty())
                return QtFuture::makeReadyFuture(Result<std::vector<ports::Run>>(std::vector<ports::Run>{}));
            return QtFuture::whenAll(futures.begin(), futures.end())
                .then([](const QList<QFuture<Result<ports::Run>>>& answers) -> Result<std::vector<ports::Run>> {
                    std::vector<ports::Run> runs;
                    for (const auto& answer : answers)
                        if (Result<ports::Run> run = answer.result()) runs.push_back(std::move(*run));
                    return runs;
                });
        },
        [this, wanted](Result<std::vector<ports::Run>> runs) {
            if (!runs) return;
            for (ports::Run& run : *runs)
                m_known[run.id] = run;
            std::vector<ports::Run> shown;
            for (const std::string& id : wanted)
                if (const auto known = m_known.find(id); known != m_known.end()) shown.push_back(known->second);
            m_grid->setRuns(std::move(shown), m_session.displayZone());
            m_grid->setCurrent(m_wantedRun, m_task);
        });
}

void RunsView::followSelection() {
    const items::Session::Selection& selection = m_session.selection();
    if (selection.kind != "run" && selection.kind != "task") return;
    const QStringList parts = QString::fromStdString(selection.id).split(QLatin1Char('/'));
    m_wantedRun = parts.first();
    if (parts.size() > 1) m_task = parts.at(1);
    if (isVisible() && m_session.ports().orchestrator)
        askRun(m_wantedRun);
    else
        m_stale = true;
}

QByteArray RunsView::exportCsv() const {
    QByteArray csv = "run,pipeline,state,started,finished,wall_ms,version,result,cause\n";
    const auto quoted = [](std::string text) {
        for (std::size_t i = 0; (i = text.find('"', i)) != std::string::npos; i += 2)
            text.insert(i, 1, '"');
        return QByteArray::fromStdString("\"" + text + "\"");
    };
    for (const ports::Run& run : m_model.runs())
        csv += QByteArray::fromStdString(run.id) + ',' + quoted(run.pipeline) + ',' + toString(run.state) + ',' +
               QByteArray::fromStdString(run.started ? run.started->toIso() : "") + ',' +
               QByteArray::fromStdString(run.finished ? run.finished->toIso() : "") + ',' +
               QByteArray::number(run.wallMs, 'f', 1) + ',' + quoted(run.producedVersion) + ',' + quoted(run.result) +
               ',' + quoted(run.cause) + '\n';
    return csv;
}

QStringList RunsView::keys() const {
    return {tr("j k – next and previous run"), tr("Enter – into the graph"), tr("arrows – from task to task"),
            tr("e – export the list")};
}

}  // namespace pilothouse::runs
