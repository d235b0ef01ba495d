// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_gantt.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "models/items/run_list_model.h"
#include "widgets/runs/task_style.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

namespace {
constexpr int kLabelWidth = 96, kTimeWidth = 72, kRowHeight = 24, kMargin = 12;
}

RunGantt::RunGantt(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("runGantt"));
    setAccessibleName(tr("Time of each task"));
}

void RunGantt::setRun(const ports::Run& run) {
    m_run = run;
    m_bars.clear();
    m_total = 0;
    const auto critical = items::criticalPath(run);
    for (const ports::Task& task : run.tasks) {  // the engine runs a pipeline's tasks one after the other
        m_bars.push_back(
            {m_total, task.wallMs, std::find(critical.begin(), critical.end(), task.name) != critical.end()});
        m_total += task.wallMs;
    }
    updateGeometry();
    update();
}

void RunGantt::setCurrentTask(const QString& name) {
    m_current = name;
    update();
}

QSize RunGantt::sizeHint() const {
    return {480, 2 * kMargin + kRowHeight * std::max<int>(1, static_cast<int>(m_bars.size()))};
}

void RunGantt::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(theme::Token::Panel));
    painter.setFont(theme::font(false, true));
    if (m_total <= 0) {
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(rect(), Qt::AlignCenter, tr("Nothing has been measured yet"));
        return;
    }
    const double scale = std::max(1, width() - kLabelWidth - kTimeWidth - 2 * kMargin) / m_total;
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const int y = kMargin + static_cast<int>(i) * kRowHeight;
        const QString name = QString::fromStdString(m_run.tasks[i].name);
        if (name == m_current) painter.fillRect(0, y, width(), kRowHeight, theme::color(theme::Token::Selection));
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(QRect(kMargin, y, kLabelWidth - 8, kRowHeight), Qt::AlignVCenter, name);
        const QRectF bar(kMargin + kLabelWidth + m_bars[i].start * scale, y + 6,
                         std::max(1.0, m_bars[i].length * scale), kRowHeight - 12);
        const QColor color = theme::color(styleOf(m_run.tasks[i].state).token);
        if (m_bars[i].critical) painter.fillRect(bar, color);
        painter.setPen(color);
        painter.drawRect(bar);
        painter.setPen(theme::color(theme::Token::Text));
        painter.drawText(QRect(width() - kTimeWidth - kMargin, y, kTimeWidth, kRowHeight),
                         Qt::AlignVCenter | Qt::AlignRight,
                         m_run.tasks[i].wallMs > 0 ? theme::milliseconds(m_run.tasks[i].wallMs) : QStringLiteral("–"));
    }
}

void RunGantt::mousePressEvent(QMouseEvent* event) {
    const int row = (static_cast<int>(event->position().y()) - kMargin) / kRowHeight;
    if (row < 0 || row >= static_cast<int>(m_run.tasks.size())) return;
    setCurrentTask(QString::fromStdString(m_run.tasks[static_cast<std::size_t>(row)].name));
    Q_EMIT taskChosen(m_current);
}

void RunGantt::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) update();
    QWidget::changeEvent(event);
}

}  // namespace pilothouse::runs
