// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/run_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "widgets/theme/tokens.h"

namespace pilothouse::overview {

using ports::TaskState;
using theme::Token;

namespace {

constexpr double kMargin = 12, kRowHeight = 34, kBoxHeight = 24, kGap = 8, kWidest = 96;
// Where boxes would not hold their names, tasks are squares with the names above and below in turn.
constexpr double kNarrow = 58, kSquare = 10, kFirstRow = 50, kNextRow = 34;

QString text(const std::string& s) { return QString::fromStdString(s); }

Token tokenOf(TaskState state) {
    switch (state) {
        case TaskState::Succeeded:
            return Token::Ok;
        case TaskState::Running:
            return Token::Accent;
        case TaskState::Failed:
            return Token::Alarm;
        case TaskState::Refused:
            return Token::Warning;
        default:
            return Token::Unknown;
    }
}

}  // namespace

std::vector<StripCell> layoutStrip(const std::vector<ports::Task>& tasks) {
    std::map<std::string, std::size_t> byName;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        byName[tasks[i].name] = i;
    std::vector<StripCell> cells(tasks.size());
    // Longest paths by relaxation; as many rounds as tasks suffice, and a cycle ends there as well.
    for (std::size_t round = 0; round < tasks.size(); ++round) {
        bool moved = false;
        for (std::size_t i = 0; i < tasks.size(); ++i)
            for (const auto& before : tasks[i].after)
                if (const auto found = byName.find(before); found != byName.end() && found->second != i) {
                    const int column = std::min(cells[found->second].column + 1, static_cast<int>(tasks.size()) - 1);
                    if (column > cells[i].column) cells[i].column = column, moved = true;
                }
        if (!moved) break;
    }
    // How much still comes after a task decides its row: the chain that the run waits for is the first.
    std::vector<int> after(tasks.size(), 0);
    for (std::size_t round = 0; round < tasks.size(); ++round)
        for (std::size_t i = 0; i < tasks.size(); ++i)
            for (const auto& before : tasks[i].after)
                if (const auto found = byName.find(before); found != byName.end())
                    after[found->second] =
                        std::max(after[found->second], std::min(after[i] + 1, static_cast<int>(tasks.size())));
    std::vector<std::size_t> order(tasks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return after[a] > after[b]; });
    std::map<int, int> rows;
    for (const std::size_t i : order)
        cells[i].row = rows[cells[i].column]++;
    return cells;
}

RunStrip::RunStrip(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("runStrip"));
    setAccessibleName(tr("Tasks of the run"));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RunStrip::setRun(std::optional<ports::Run> run) {
    m_run = std::move(run);
    m_cells = m_run ? layoutStrip(m_run->tasks) : std::vector<StripCell>{};
    m_columns = m_rows = 0;
    for (const StripCell& c : m_cells) {
        m_columns = std::max(m_columns, c.column + 1);
        m_rows = std::max(m_rows, c.row + 1);
    }
    m_current = std::min(m_current, std::max(0, static_cast<int>(m_cells.size()) - 1));
    setVisible(!m_cells.empty());
    updateGeometry();
    update();
}

double RunStrip::step() const { return std::min(kWidest, (width() - 2 * kMargin) / std::max(1, m_columns)); }
bool RunStrip::narrow() const { return step() < kNarrow; }

QSize RunStrip::sizeHint() const {
    const int rows = std::max(1, m_rows);
    return {420, static_cast<int>(narrow() ? kFirstRow + (rows - 1) * kNextRow : rows * kRowHeight + 8)};
}

void RunStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    updateGeometry();
}

QRectF RunStrip::boxOf(std::size_t task) const {
    const StripCell cell = m_cells[task];
    if (narrow()) {
        const double y = cell.row == 0 ? kFirstRow / 2 : kFirstRow + (cell.row - 1) * kNextRow + kSquare;
        return {kMargin + (cell.column + 0.5) * step() - kSquare / 2, y - kSquare / 2, kSquare, kSquare};
    }
    return {kMargin + cell.column * step(), 4 + cell.row * kRowHeight + (kRowHeight - kBoxHeight) / 2,
            std::max(6.0, step() - kGap), kBoxHeight};
}

QRectF RunStrip::nameBox(std::size_t task) const {
    const QRectF box = boxOf(task);
    if (!narrow()) return box;
    const StripCell cell = m_cells[task];
    const double half = step() - 1;  // names of one line stand two columns apart
    const bool above = cell.row == 0 && cell.column % 2 == 0;
    const double left = std::clamp(box.center().x() - half, 0.0, std::max(0.0, width() - 2 * half));
    return {left, above ? box.top() - 18 : box.bottom() + 2, 2 * half, 16};
}

int RunStrip::taskAt(QPointF position) const {
    for (std::size_t i = 0; i < m_cells.size(); ++i)
        if (boxOf(i).adjusted(-2, -2, 2, 2).contains(position)) return static_cast<int>(i);
    return -1;
}

void RunStrip::activate(int task) {
    if (m_run && task >= 0 && task < static_cast<int>(m_run->tasks.size()))
        Q_EMIT taskActivated(text(m_run->id + "/" + m_run->tasks[static_cast<std::size_t>(task)].name));
}

void RunStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    if (const int task = taskAt(event->position()); task >= 0) {
        m_current = task;
        update();
        activate(task);
    }
}

void RunStrip::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_cells.size()) - 1;
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        m_current = std::clamp(m_current + (event->key() == Qt::Key_Right ? 1 : -1), 0, std::max(0, last));
        update();
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        activate(m_current);
    } else {
        QWidget::keyPressEvent(event);
    }
}

bool RunStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int task = taskAt(help->pos());
        if (task < 0) return false;
        const auto& t = m_run->tasks[static_cast<std::size_t>(task)];
        QToolTip::showText(help->globalPos(),
                           text(t.name + ", " + ports::toString(t.state) + (t.error.empty() ? "" : ": " + t.error)),
                           this);
        return true;
    }
    return QWidget::event(event);
}

void RunStrip::paintTask(QPainter& painter, std::size_t i) const {
    const ports::Task& task = m_run->tasks[i];
    const QRectF box = boxOf(i);
    const bool waiting =
        task.state == TaskState::Waiting || task.state == TaskState::Skipped || task.state == TaskState::Cancelled;
    const QColor line = theme::color(tokenOf(task.state));
    QColor fill = line;
    fill.setAlpha(waiting ? 0 : 30);
    painter.setBrush(fill);
    painter.setPen(QPen(line, task.state == TaskState::Running ? 1.5 : 1, waiting ? Qt::DashLine : Qt::SolidLine));
    painter.drawRect(box);
    if (task.state == TaskState::Running && task.progress > 0)
        painter.fillRect(QRectF(box.left() + 1, box.bottom() - 3, (box.width() - 2) * std::min(1.0, task.progress), 2),
                         line);
    const QFontMetricsF metrics(painter.font());
    painter.setPen(theme::color(waiting ? Token::TextMuted : Token::Text));
    const QRectF name = nameBox(i);
    painter.drawText(name, Qt::AlignCenter, metrics.elidedText(text(task.name), Qt::ElideRight, name.width() - 2));
    if (hasFocus() && static_cast<int>(i) == m_current) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme::color(Token::Accent), 1, Qt::DotLine));
        painter.drawRect(box.adjusted(-3, -3, 3, 3));
    }
}

void RunStrip::paintEvent(QPaintEvent*) {
    if (!m_run) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme::font(false, true));
    painter.setPen(QPen(theme::color(Token::Unknown), 1));
    for (std::size_t i = 0; i < m_cells.size(); ++i)
        for (const auto& before : m_run->tasks[i].after)
            for (std::size_t j = 0; j < m_cells.size(); ++j) {
                if (m_run->tasks[j].name != before) continue;
                const QPointF from(boxOf(j).right(), boxOf(j).center().y()), to(boxOf(i).left(), boxOf(i).center().y());
                const double middle = (from.x() + to.x()) / 2;
                // An edge over several columns runs in the gap before its end, so that it crosses no box of its row.
                QPainterPath path(from);
                if (m_cells[i].column == m_cells[j].column + 1)
                    path.cubicTo({middle, from.y()}, {middle, to.y()}, to);
                else if (from.y() != to.y())
                    path.lineTo(to.x() - kGap, from.y()), path.lineTo(to);
                painter.setBrush(Qt::NoBrush);
                painter.drawPath(path);
            }
    for (std::size_t i = 0; i < m_cells.size(); ++i)
        paintTask(painter, i);
}

}  // namespace pilothouse::overview
