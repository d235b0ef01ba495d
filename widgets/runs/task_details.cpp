// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/task_details.h"

#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTableWidget>
#include <QVBoxLayout>

#include "models/items/session.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

namespace {

QLabel* label(const char* name, QWidget* parent) {
    auto* l = new QLabel(parent);
    l->setObjectName(QLatin1String(name));
    l->setWordWrap(true);
    l->setTextFormat(Qt::PlainText);
    l->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return l;
}

QLabel* heading(const QString& text, QWidget* parent) {
    auto* l = new QLabel(text, parent);
    l->setFont(theme::font(true));
    return l;
}

}  // namespace

TaskDetails::TaskDetails(items::Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_title(label("taskTitle", this)),
      m_state(label("taskState", this)),
      m_cause(label("taskCause", this)),
      m_values(new QTableWidget(0, 3, this)),
      m_log(new QPlainTextEdit(this)) {
    setObjectName(QStringLiteral("taskDetails"));
    m_title->setFont(theme::font(true));
    m_values->setObjectName(QStringLiteral("taskValues"));
    m_values->setAccessibleName(tr("Inputs and outputs"));
    m_values->setHorizontalHeaderLabels({QString(), tr("name"), tr("value")});
    m_values->verticalHeader()->hide();
    m_values->verticalHeader()->setDefaultSectionSize(22);
    m_values->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_values->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_values->horizontalHeader()->setSectionResizeMode(2, QHeaderView::Stretch);
    m_values->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_values->setShowGrid(false);
    m_values->setFrameShape(QFrame::NoFrame);
    m_log->setObjectName(QStringLiteral("taskLog"));
    m_log->setAccessibleName(tr("Log"));
    m_log->setReadOnly(true);
    m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_log->setMaximumBlockCount(10'000);
    m_log->setFrameShape(QFrame::NoFrame);
    m_log->setPlaceholderText(tr("This task has written nothing"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addWidget(m_state);
    layout->addWidget(m_cause);
    layout->addSpacing(8);
    layout->addWidget(heading(tr("Inputs and outputs"), this));
    layout->addWidget(m_values, 2);
    layout->addWidget(heading(tr("Log"), this));
    layout->addWidget(m_log, 3);
}

void TaskDetails::show(const ports::Run& run, const QString& task) {
    const QString id = QString::fromStdString(run.id);
    if (id != m_runId || task != m_task) {
        m_log->clear();
        m_lastLine = 0;
    }
    m_runId = id;
    m_task = task;
    for (const ports::Task& t : run.tasks) {
        if (QString::fromStdString(t.name) != task) continue;
        m_title->setText(tr("%1 · run %2").arg(task, id));
        QString state = QString::fromLatin1(toString(t.state));
        if (t.wallMs > 0) state += tr(" in %1").arg(theme::milliseconds(t.wallMs));
        if (t.started) state += tr(" · %1").arg(theme::time(*t.started, m_session.displayZone()));
        if (t.attempt > 1) state += tr(" · attempt %1").arg(t.attempt);
        if (!t.error.empty()) state += QLatin1Char('\n') + QString::fromStdString(t.error);
        m_state->setText(state);
        m_cause->setText(run.cause.empty() ? QString() : tr("Why: %1").arg(QString::fromStdString(run.cause)));
        fillValues(t);
    }
    followLog();
}

void TaskDetails::fillValues(const ports::Task& task) {
    m_values->setRowCount(static_cast<int>(task.inputs.size() + task.outputs.size()));
    int row = 0;
    const auto add = [&](const QString& side, const ports::TaskValue& value) {
        QString text = QString::fromStdString(value.value);
        if (!value.unit.empty() && value.unit != "sha256")
            text += QLatin1Char(' ') + QString::fromStdString(value.unit);
        m_values->setItem(row, 0, new QTableWidgetItem(side));
        m_values->setItem(row, 1, new QTableWidgetItem(QString::fromStdString(value.name)));
        auto* cell = new QTableWidgetItem(text);
        cell->setToolTip(text);
        m_values->setItem(row++, 2, cell);
    };
    for (const ports::TaskValue& value : task.inputs)
        add(tr("in"), value);
    for (const ports::TaskValue& value : task.outputs)
        add(tr("out"), value);
}

void TaskDetails::followLog() {
    auto orchestrator = m_session.ports().orchestrator;
    if (!orchestrator || m_runId.isEmpty()) return;
    m_asking.start(
        this,
        [&](CancellationToken token) {
            return orchestrator->log(m_runId.toStdString(), m_task.toStdString(), m_lastLine, token);
        },
        [this](Result<std::vector<ports::LogLine>> lines) {
            if (!lines) {
                m_log->setPlainText(QString::fromStdString(lines.error().text()));
                return;
            }
            for (const ports::LogLine& line : *lines) {
                const QString level =
                    line.level == "info" ? QString() : QString::fromStdString(line.level) + QStringLiteral(": ");
                m_log->appendPlainText(level + QString::fromStdString(line.text));
                m_lastLine = line.sequence;
            }
        });
}

}  // namespace pilothouse::runs
