// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/status_area.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QProgressBar>

#include "widgets/shell/bar_button.h"
#include "widgets/shell/engine_controls.h"
#include "widgets/shell/import_status.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

namespace {
constexpr int kMessageMs = 6000;
QString text(const std::string& s) { return QString::fromStdString(s); }
}  // namespace

StatusArea::StatusArea(items::Session& session, items::Catalog& catalog, QWidget* parent)
    : QWidget(parent), m_session(session), m_catalog(catalog) {
    setObjectName(QStringLiteral("statusArea"));
    setAccessibleName(QStringLiteral("Status"));
    setFixedHeight(30);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 1, 6, 0);
    row->setSpacing(6);
    const auto button = [&](const QString& name, const QString& accessible) {
        auto* b = new BarButton(this);
        b->setObjectName(name);
        b->setAccessibleName(accessible);
        b->setFilled(false);
        return b;
    };
    m_engine = new EngineControls(session, this);
    m_run = button(QStringLiteral("runningWork"), QStringLiteral("Running work"));
    m_run->setBold(false);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("runProgress"));
    m_progress->setAccessibleName(QStringLiteral("Progress of the run"));
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(90, 4);
    m_progress->setRange(0, 1000);
    m_cancel = button(QStringLiteral("cancelRun"), QStringLiteral("Cancel the run"));
    m_cancel->setIcon(theme::icon(QStringLiteral("close")));
    m_cancel->setIconSize({12, 12});
    m_cancel->setToolTip(QStringLiteral("Cancel the run"));
    m_rate = new QLabel(this);
    m_rate->setObjectName(QStringLiteral("replayRate"));
    m_message = new QLabel(this);
    m_message->setObjectName(QStringLiteral("statusMessage"));
    m_connections = button(QStringLiteral("connectionsButton"), QStringLiteral("Connections"));
    m_firing = button(QStringLiteral("firingButton"), QStringLiteral("Firing alerts"));
    m_health = button(QStringLiteral("healthButton"), QStringLiteral("Data health"));
    row->addWidget(m_engine);
    for (QWidget* w : std::initializer_list<QWidget*>{m_rate, m_run, m_progress, m_cancel})
        row->addWidget(w);
    auto* imports = new ImportStatus(session, this);
    connect(imports, &ImportStatus::ended, this, &StatusArea::say);
    row->addWidget(imports);
    row->addWidget(m_message);
    row->addStretch(1);
    for (auto* b : {m_connections, m_firing, m_health})
        row->addWidget(b);

    m_messageEnd.setSingleShot(true);
    connect(&m_messageEnd, &QTimer::timeout, m_message, &QLabel::clear);
    connect(m_run, &QAbstractButton::clicked, this, [this] {
        m_session.select({"run", m_runId});
        m_session.showView(QStringLiteral("runs"));
    });
    connect(m_cancel, &QAbstractButton::clicked, this, &StatusArea::cancelRun);
    connect(m_firing, &QAbstractButton::clicked, this, [this] {
        for (const auto& a : m_catalog.alerts()) {
            if (a.state != ports::AlertState::Firing) continue;
            m_session.select({"alert", std::to_string(a.id)});
            break;
        }
        m_session.showView(QStringLiteral("overview"));
    });
    connect(m_health, &QAbstractButton::clicked, this,
            [this] { m_session.showView(QStringLiteral("data.quarantine")); });
    connect(m_connections, &QAbstractButton::clicked, this, [this] {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        for (const auto& [name, health] : m_states)
            menu->addAction(text(name) + QLatin1Char('\t') + health.text)->setEnabled(false);
        menu->addSeparator();
        connect(menu->addAction(QStringLiteral("Check again")), &QAction::triggered, this,
                &StatusArea::checkConnections);
        menu->popup(m_connections->mapToGlobal(QPoint(0, -menu->sizeHint().height())));
    });
    connect(&catalog, &items::Catalog::changed, this, &StatusArea::showCatalog);
    connect(&session, &items::Session::clockMoved, this, &StatusArea::showWork);
    if (auto* e = session.engine()) {
        connect(e, &engine::Engine::statusChanged, this, &StatusArea::showWork);
        connect(e, &engine::Engine::finished, this, &StatusArea::showWork);
    }
    showCatalog();
    checkConnections();
}

void StatusArea::say(const QString& message) {
    m_message->setText(message);
    m_messageEnd.start(kMessageMs);
}

void StatusArea::showWork() {
    QString run, task, error, rate;
    double progress = -1;
    m_runId.clear();
    if (auto* e = m_session.engine()) {
        const auto status = e->status();
        error = text(status.error);
        m_runId = status.runId;
        task = text(status.runTask);
        if (!m_runId.empty()) progress = status.runProgress;
        using Phase = engine::EngineStatus::Phase;
        if (status.phase == Phase::Preparing) rate = QStringLiteral("preparing");
        if (status.phase == Phase::Replaying && status.rowsPerSecond > 0)
            rate = theme::count(static_cast<std::uint64_t>(status.rowsPerSecond)) + QStringLiteral(" rows/s");
    }
    for (const auto& r : m_catalog.runs()) {
        // Without an engine here, what another process runs.
        if (m_runId.empty() && !m_session.engine() && r.state == ports::RunState::Running) m_runId = r.id;
        if (r.id == m_runId) run = text(r.pipeline);
    }
    const bool running = !m_runId.empty();
    if (running && run.isEmpty()) run = QStringLiteral("run %1").arg(text(m_runId));
    m_run->setVisible(running);
    m_cancel->setVisible(running && !m_session.workspace().readOnly());
    m_progress->setVisible(running && progress >= 0);
    if (running) {
        m_run->setWords(QStringLiteral("▸ ") + run,
                        progress < 0 ? task : QStringLiteral("%1 %2").arg(task, theme::percent(progress, 0)));
        m_run->setToolTip(QStringLiteral("Run %1: show it").arg(text(m_runId)));
        m_progress->setValue(static_cast<int>(progress * 1000));
    }
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(error.isEmpty() ? Token::TextMuted : Token::Alarm));
    m_rate->setPalette(p);
    m_rate->setText(error.isEmpty() ? rate : m_rate->fontMetrics().elidedText(error, Qt::ElideRight, 520));
    m_rate->setToolTip(error);
    m_rate->setVisible(!m_rate->text().isEmpty());
}

void StatusArea::showCatalog() {
    const std::size_t firing = m_catalog.firing();
    m_firing->setWords(firing == 0 ? QStringLiteral("no alerts firing") : QStringLiteral("▲ %1 firing").arg(firing));
    m_firing->setStrongToken(firing == 0 ? Token::TextMuted : Token::Alarm);
    const auto aside = m_catalog.quarantined();
    m_health->setWords(aside == 0 ? QStringLiteral("data health: ok")
                                  : QStringLiteral("data health: %1 rows set aside").arg(theme::count(aside)));
    m_health->setStrongToken(aside == 0 ? Token::TextMuted : Token::Warning);
    m_health->setToolTip(aside == 0 ? QStringLiteral("Every row that came could be used")
                                    : QStringLiteral("Rows that could not be used are kept as they came"));
    showWork();
    showConnections();
}

void StatusArea::showConnections() {
    const auto& ws = m_session.workspace();
    m_states["workspace"] = {true, true,
                             ws.readOnly() ? QStringLiteral("read-only: %1").arg(text(ws.path())) : text(ws.path())};
    for (const auto& [name, source] : m_session.ports().metrics)
        m_states.try_emplace(name);
    std::size_t good = 0;
    QStringList tip;
    for (const auto& [name, health] : m_states) {
        good += health.good ? 1 : 0;
        tip << QStringLiteral("%1 %2: %3")
                   .arg(health.good ? QStringLiteral("●") : QStringLiteral("○"), text(name),
                        health.text.isEmpty() ? QStringLiteral("not asked yet") : health.text);
    }
    const bool alone = m_states.size() == 1;
    const QString file = QFileInfo(text(ws.path())).fileName();
    m_connections->setWords(alone ? QStringLiteral("● ") + file
                                  : QStringLiteral("%1 of %2 connections").arg(good).arg(m_states.size()));
    bool bad = false;
    for (const auto& [name, health] : m_states)
        bad = bad || (health.known && !health.good);
    m_connections->setStrongToken(bad ? Token::Warning : Token::TextMuted);
    m_connections->setToolTip(tip.join(QLatin1Char('\n')));
}

void StatusArea::checkConnections() {
    std::vector<std::string> names;
    for (const auto& [name, source] : m_session.ports().metrics)
        names.push_back(name);
    checkNext(std::move(names));
}

void StatusArea::checkNext(std::vector<std::string> names) {
    if (names.empty()) return showConnections();
    const std::string name = names.back();
    names.pop_back();
    const auto source = m_session.ports().metrics.find(name);
    if (source == m_session.ports().metrics.end()) return;
    m_check.start(
        this, [&](CancellationToken token) { return source->second->check(token); },
        [this, name, names](Result<std::string> answer) {
            m_states[name] = {true, answer.has_value(), text(answer ? *answer : answer.error().text())};
            checkNext(names);
        });
}

void StatusArea::cancelRun() {
    if (m_runId.empty()) return;
    const std::string id = m_runId;
    m_action.start(
        this, [&](const CancellationToken&) { return m_session.ports().orchestrator->cancel(id); },
        [this, id](Result<void> answer) {
            say(answer ? QStringLiteral("Run %1 is being cancelled").arg(text(id)) : text(answer.error().text()));
        });
}

void StatusArea::runPipeline(const std::string& name) {
    m_action.start(
        this,
        [&](const CancellationToken&) {
            return m_session.ports().orchestrator->trigger(name, {}, "asked for in the window");
        },
        [this, name](Result<std::string> answer) {
            say(answer ? QStringLiteral("%1 is queued").arg(text(name)) : text(answer.error().text()));
        });
}

void StatusArea::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Panel));
    painter.fillRect(0, 0, width(), 1, theme::color(Token::Hairline));
}

void StatusArea::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) showCatalog();
}

}  // namespace pilothouse::shell
