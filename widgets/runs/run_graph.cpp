// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_graph.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "models/items/run_list_model.h"
#include "widgets/runs/task_style.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::runs {

namespace {
constexpr double kMargin = 16;
constexpr double kBoxHeight = 40;
}  // namespace

RunGraph::RunGraph(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("runGraph"));
    setAccessibleName(tr("Graph of the run"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumHeight(120);
    connect(&m_dot, &DotLayout::ready, this, [this](const GraphLayout& layout) {
        m_layout = layout;
        m_problem.clear();
        update();
        Q_EMIT laidOut();
    });
    connect(&m_dot, &DotLayout::failed, this, [this](const QString& reason) {
        m_problem = reason;
        update();
        Q_EMIT laidOut();
    });
}

void RunGraph::setRun(const ports::Run& run) {
    m_run = run;
    m_critical = items::criticalPath(run);
    if (m_current.isEmpty() || std::none_of(run.tasks.begin(), run.tasks.end(), [this](const ports::Task& t) {
            return QString::fromStdString(t.name) == m_current;
        }))
        m_current = run.tasks.empty() ? QString() : QString::fromStdString(run.tasks.front().name);
    layoutAgain();
    update();
}

void RunGraph::clear() {
    m_run = {};
    m_layout.reset();
    m_spec = {};
    update();
}

void RunGraph::layoutAgain() {
    GraphSpec spec;
    const QFontMetricsF metrics(theme::font(true));
    for (const ports::Task& task : m_run.tasks) {
        const double width = metrics.horizontalAdvance(QString::fromStdString(task.name)) + 44;
        spec.boxes.emplace_back(std::max(width, 84.0), kBoxHeight);
    }
    for (std::size_t to = 0; to < m_run.tasks.size(); ++to)
        for (const std::string& name : m_run.tasks[to].after)
            for (std::size_t from = 0; from < m_run.tasks.size(); ++from)
                if (m_run.tasks[from].name == name)
                    spec.arrows.emplace_back(static_cast<int>(from), static_cast<int>(to));
    if (spec == m_spec && (m_layout || !m_problem.isEmpty())) return;  // only states changed
    m_spec = spec;
    m_layout.reset();
    m_problem.clear();
    if (!spec.boxes.empty()) m_dot.start(spec);
}

QTransform RunGraph::placement() const {
    const double scale = std::min({1.0, (width() - 2 * kMargin) / std::max(1.0, m_layout->size.width()),
                                   (height() - 2 * kMargin) / std::max(1.0, m_layout->size.height())});
    QTransform transform;
    transform.translate(kMargin, (height() - m_layout->size.height() * scale) / 2);
    transform.scale(scale, scale);
    return transform;
}

void RunGraph::paintBox(QPainter& painter, const ports::Task& task, const QRectF& box) const {
    const StateStyle style = styleOf(task.state);
    const QColor color = theme::color(style.token);
    const bool current = QString::fromStdString(task.name) == m_current;
    const bool idle = task.state == ports::TaskState::Waiting || task.state == ports::TaskState::Skipped;
    painter.fillRect(box, current ? theme::color(theme::Token::Selection) : theme::color(theme::Token::PanelRaised));
    if (task.state == ports::TaskState::Running)
        painter.fillRect(QRectF(box.left(), box.bottom() - 3, box.width() * std::clamp(task.progress, 0.0, 1.0), 3),
                         color);
    painter.setPen(QPen(color, current ? 2 : 1, idle ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(box);
    paintMark(painter, QRectF(box.left() + 8, box.top(), 10, box.height()), style);
    painter.setPen(theme::color(idle ? theme::Token::TextMuted : theme::Token::Text));
    painter.setFont(theme::font(!idle));
    const QRectF words = box.adjusted(26, 3, -6, -3);
    const bool timed = task.wallMs > 0;
    painter.drawText(timed ? words.adjusted(0, 0, 0, -words.height() / 2) : words, Qt::AlignVCenter | Qt::AlignLeft,
                     QString::fromStdString(task.name));
    if (!timed) return;
    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(theme::Token::TextMuted));
    painter.drawText(words.adjusted(0, words.height() / 2, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     theme::milliseconds(task.wallMs));
}

void RunGraph::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(theme::Token::Panel));
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_run.tasks.empty() || !m_problem.isEmpty()) {
        painter.setPen(theme::color(theme::Token::TextMuted));
        painter.drawText(rect().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         m_problem.isEmpty() ? tr("Choose a run to see its graph") : m_problem);
        return;
    }
    if (!m_layout) return;
    painter.setTransform(placement());
    const auto critical = [this](int task) {
        return std::find(m_critical.begin(), m_critical.end(), m_run.tasks[static_cast<std::size_t>(task)].name) !=
               m_critical.end();
    };
    painter.setBrush(Qt::NoBrush);
    for (const GraphLayout::Arrow& arrow : m_layout->arrows) {
        QPainterPath path(arrow.points.front());
        for (std::size_t i = 1; i + 2 < arrow.points.size(); i += 3)
            path.cubicTo(arrow.points[i], arrow.points[i + 1], arrow.points[i + 2]);
        const bool strong = critical(arrow.from) && critical(arrow.to);
        painter.setPen(QPen(theme::color(strong ? theme::Token::Text : theme::Token::TextMuted), strong ? 2 : 1));
        painter.drawPath(path);
    }
    for (std::size_t i = 0; i < m_layout->boxes.size() && i < m_run.tasks.size(); ++i)
        paintBox(painter, m_run.tasks[i], m_layout->boxes[i]);
}

void RunGraph::setCurrentTask(const QString& name) {
    if (name == m_current) return;
    m_current = name;
    update();
}

void RunGraph::mousePressEvent(QMouseEvent* event) {
    if (!m_layout) return;
    const QPointF at = placement().inverted().map(event->position());
    for (std::size_t i = 0; i < m_layout->boxes.size(); ++i) {
        if (!m_layout->boxes[i].contains(at)) continue;
        setCurrentTask(QString::fromStdString(m_run.tasks[i].name));
        Q_EMIT taskChosen(m_current);
        return;
    }
}

void RunGraph::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    const int step = key == Qt::Key_Right || key == Qt::Key_Down ? 1
                     : key == Qt::Key_Left || key == Qt::Key_Up  ? -1
                                                                 : 0;
    if (step == 0 || m_run.tasks.empty()) return QWidget::keyPressEvent(event);
    int place = 0;
    for (std::size_t i = 0; i < m_run.tasks.size(); ++i)
        if (QString::fromStdString(m_run.tasks[i].name) == m_current) place = static_cast<int>(i);
    place = std::clamp(place + step, 0, static_cast<int>(m_run.tasks.size()) - 1);
    setCurrentTask(QString::fromStdString(m_run.tasks[static_cast<std::size_t>(place)].name));
    Q_EMIT taskChosen(m_current);
}

void RunGraph::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) update();
    QWidget::changeEvent(event);
}

}  // namespace pilothouse::runs
