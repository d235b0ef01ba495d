// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "widgets/runs/task_style.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

namespace {
constexpr int kLabelWidth = 96, kCellWidth = 36, kCellHeight = 24, kHeaderHeight = 28, kMargin = 12;
}

RunGrid::RunGrid(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("runGrid"));
    setAccessibleName(tr("Tasks by run"));
    setFocusPolicy(Qt::StrongFocus);
}

void RunGrid::setRuns(std::vector<ports::Run> runs, const Zone& zone) {
    m_runs = std::move(runs);
    std::reverse(m_runs.begin(), m_runs.end());
    m_zone = zone;
    // The newest run's tasks give the rows; tasks that only older runs had come below.
    m_tasks.clear();
    for (auto run = m_runs.rbegin(); run != m_runs.rend(); ++run)
        for (const ports::Task& task : run->tasks)
            if (std::find(m_tasks.begin(), m_tasks.end(), task.name) == m_tasks.end()) m_tasks.push_back(task.name);
    updateGeometry();
    update();
}

void RunGrid::setCurrent(const QString& run, const QString& task) {
    m_run = run;
    m_task = task;
    update();
}

QSize RunGrid::sizeHint() const {
    return {kLabelWidth + kCellWidth * 12 + 2 * kMargin,
            kHeaderHeight + kCellHeight * std::max<int>(1, static_cast<int>(m_tasks.size())) + 2 * kMargin};
}

int RunGrid::visibleColumns() const {
    return std::min<int>(static_cast<int>(m_runs.size()),
                         std::max(0, (width() - kLabelWidth - 2 * kMargin) / kCellWidth));
}

QRect RunGrid::cell(int row, int column) const {
    const int first = static_cast<int>(m_runs.size()) - visibleColumns();
    return {kMargin + kLabelWidth + (column - first) * kCellWidth, kMargin + kHeaderHeight + row * kCellHeight,
            kCellWidth, kCellHeight};
}

RunGrid::Place RunGrid::placeAt(QPoint at) const {
    const int first = static_cast<int>(m_runs.size()) - visibleColumns();
    const int column = (at.x() - kMargin - kLabelWidth) / kCellWidth + first;
    const int row = (at.y() - kMargin - kHeaderHeight) / kCellHeight;
    if (at.x() < kMargin + kLabelWidth || at.y() < kMargin + kHeaderHeight || row >= static_cast<int>(m_tasks.size()) ||
        column >= static_cast<int>(m_runs.size()))
        return {};
    return {row, column};
}

const ports::Task* RunGrid::taskAt(Place place) const {
    if (place.row < 0 || place.column < 0) return nullptr;
    for (const ports::Task& task : m_runs[static_cast<std::size_t>(place.column)].tasks)
        if (task.name == m_tasks[static_cast<std::size_t>(place.row)]) return &task;
    return nullptr;
}

void RunGrid::choose(Place place) {
    if (!taskAt(place)) return;
    m_run = QString::fromStdString(m_runs[static_cast<std::size_t>(place.column)].id);
    m_task = QString::fromStdString(m_tasks[static_cast<std::size_t>(place.row)]);
    update();
    Q_EMIT chosen(m_run, m_task);
}

void RunGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(theme::Token::Panel));
    if (m_runs.empty()) {
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(rect(), Qt::AlignCenter, tr("No run yet"));
        return;
    }
    const int first = static_cast<int>(m_runs.size()) - visibleColumns();
    painter.setFont(theme::font(false, true));
    for (int column = first; column < static_cast<int>(m_runs.size()); ++column) {
        const QString id = QString::fromStdString(m_runs[static_cast<std::size_t>(column)].id);
        const QRect head(cell(0, column).left(), kMargin, kCellWidth, kHeaderHeight);
        painter.setPen(theme::color(id == m_run ? theme::Token::Text : theme::Token::TextMuted));
        painter.drawText(head, Qt::AlignCenter, id);
    }
    for (int row = 0; row < static_cast<int>(m_tasks.size()); ++row) {
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(QRect(kMargin, cell(row, first).top(), kLabelWidth - 8, kCellHeight),
                         Qt::AlignVCenter | Qt::AlignLeft,
                         QString::fromStdString(m_tasks[static_cast<std::size_t>(row)]));
        for (int column = first; column < static_cast<int>(m_runs.size()); ++column) {
            const QRect box = cell(row, column);
            const ports::Task* task = taskAt({row, column});
            const bool current = QString::fromStdString(m_runs[static_cast<std::size_t>(column)].id) == m_run &&
                                 QString::fromStdString(m_tasks[static_cast<std::size_t>(row)]) == m_task;
            if (current) painter.fillRect(box.adjusted(1, 1, -1, -1), theme::color(theme::Token::Selection));
            painter.setPen(theme::color(theme::Token::Hairline));
            painter.drawRect(box);
            if (task) paintMark(painter, box, styleOf(task->state));
        }
    }
}

void RunGrid::mousePressEvent(QMouseEvent* event) { choose(placeAt(event->position().toPoint())); }

void RunGrid::keyPressEvent(QKeyEvent* event) {
    Place place{0, static_cast<int>(m_runs.size()) - 1};
    for (std::size_t c = 0; c < m_runs.size(); ++c)
        if (QString::fromStdString(m_runs[c].id) == m_run) place.column = static_cast<int>(c);
    for (std::size_t r = 0; r < m_tasks.size(); ++r)
        if (QString::fromStdString(m_tasks[r]) == m_task) place.row = static_cast<int>(r);
    switch (event->key()) {
        case Qt::Key_Left:
            --place.column;
            break;
        case Qt::Key_Right:
            ++place.column;
            break;
        case Qt::Key_Up:
            --place.row;
            break;
        case Qt::Key_Down:
            ++place.row;
            break;
        default:
            return QWidget::keyPressEvent(event);
    }
    if (place.row >= static_cast<int>(m_tasks.size()) || place.column >= static_cast<int>(m_runs.size())) return;
    choose(place);
}

bool RunGrid::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Place place = placeAt(help->pos());
        if (const ports::Task* task = taskAt(place)) {
            const ports::Run& run = m_runs[static_cast<std::size_t>(place.column)];
            QString text = tr("run %1, %2: %3")
                               .arg(QString::fromStdString(run.id), QString::fromStdString(task->name),
                                    QString::fromLatin1(toString(task->state)));
            if (task->started) text += QLatin1Char('\n') + theme::time(*task->started, m_zone);
            if (!task->error.empty()) text += QLatin1Char('\n') + QString::fromStdString(task->error);
            QToolTip::showText(help->globalPos(), text, this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    if (event->type() == QEvent::PaletteChange) update();
    return QWidget::event(event);
}

}  // namespace pilothouse::runs
