// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_heat_map.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <cmath>

#include "widgets/drift/drift_words.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

constexpr int kMaxRow = 30;
constexpr double kMinColumn = 5, kMaxColumn = 30;
constexpr int kHead = 26, kPad = 10, kGroupGap = 8;

/// A name with its descenders, and the gap below it.
int leastRow() { return QFontMetrics(theme::font()).height() + 2; }

}  // namespace

DriftHeatMap::DriftHeatMap(items::DriftMatrixModel& model, const Zone& zone, QWidget* parent)
    : QWidget(parent), m_model(model), m_zone(zone) {
    setObjectName(u"driftHeatMap"_qs);
    setAccessibleName(u"Drift by feature and window"_qs);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    connect(&m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_hover = {};
        m_cursorRow = std::min(m_cursorRow, m_model.rowCount() - 1);
        m_cursorColumn = std::min(m_cursorColumn, m_model.columnCount() - 1);
        layOut();
        updateGeometry();
        update();
    });
}

void DriftHeatMap::setZone(const Zone& zone) {
    m_zone = zone;
    update();
}

void DriftHeatMap::setChosen(int row, int column) {
    if (row == m_chosenRow && column == m_chosenColumn) return;
    m_chosenRow = row;
    m_chosenColumn = column;
    if (!hasFocus() || m_cursorRow < 0) {
        m_cursorRow = row;
        m_cursorColumn = column;
    }
    update();
}

void DriftHeatMap::setRange(const TimeRange& range) {
    if (range == m_range) return;
    m_range = range;
    update();
}

int DriftHeatMap::columnX(int column) const { return m_left + static_cast<int>(std::lround(column * m_columnWidth)); }

int DriftHeatMap::rowY(int row) const {
    const bool below = m_model.rowKind(row) != items::DriftMatrixModel::RowKind::Feature;
    return m_top + row * m_rowHeight + (below ? kGroupGap : 0);
}

QRect DriftHeatMap::cellRect(int row, int column) const {
    const int gap = m_columnWidth >= 7 ? 1 : 0;
    return {columnX(column), rowY(row), columnX(column + 1) - columnX(column) - gap, m_rowHeight - 2};
}

QRect DriftHeatMap::headRect(int column) const {
    return {columnX(column), 0, columnX(column + 1) - columnX(column), kHead};
}

void DriftHeatMap::layOut() {
    const QFontMetrics metrics(theme::font());
    int widest = 0;
    for (int r = 0; r < m_model.rowCount(); ++r)
        widest = std::max(widest, metrics.horizontalAdvance(m_model.feature(r)));
    m_left = kPad + std::min(widest, 220) + kPad;
    m_top = kHead;
    m_effectWidth = metrics.horizontalAdvance(u"00.00 σ"_qs) + 26;
    const int columns = std::max(1, m_model.columnCount()), rows = std::max(1, m_model.rowCount());
    m_columnWidth =
        std::clamp(static_cast<double>(width() - m_left - m_effectWidth - kPad) / columns, kMinColumn, kMaxColumn);
    m_rowHeight = std::clamp((height() - m_top - kGroupGap - 4) / rows, leastRow(), std::max(leastRow(), kMaxRow));
}

QSize DriftHeatMap::sizeHint() const {
    return {m_left + static_cast<int>(m_model.columnCount() * 14.0) + m_effectWidth,
            kHead + kGroupGap + 4 + m_model.rowCount() * 24};
}

QSize DriftHeatMap::minimumSizeHint() const {
    return {m_left + static_cast<int>(m_model.columnCount() * kMinColumn) + m_effectWidth + kPad,
            kHead + kGroupGap + 4 + std::max(1, m_model.rowCount()) * leastRow()};
}

void DriftHeatMap::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layOut();
}

void DriftHeatMap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) layOut();
    QWidget::changeEvent(event);
}

void DriftHeatMap::setBaseline(int column) {
    m_baseline = column;
    update();
}

DriftHeatMap::Hit DriftHeatMap::hit(QPoint at) const {
    Hit result;
    if (m_model.columnCount() == 0) return result;
    if (at.x() >= m_left && at.x() < columnX(m_model.columnCount()))
        result.column = std::clamp(static_cast<int>((at.x() - m_left) / m_columnWidth), 0, m_model.columnCount() - 1);
    if (at.y() < m_top) {
        result.head = true;
        return result;
    }
    for (int r = 0; r < m_model.rowCount(); ++r)
        if (at.y() >= rowY(r) && at.y() < rowY(r) + m_rowHeight) result.row = r;
    result.label = result.column < 0;
    return result;
}

void DriftHeatMap::mousePressEvent(QMouseEvent* event) {
    const Hit at = hit(event->pos());
    if (event->button() != Qt::LeftButton) return QWidget::mousePressEvent(event);
    if (at.column >= 0 && (event->modifiers() & Qt::ShiftModifier)) {
        Q_EMIT baselineChosen(at.column);
    } else if (at.head && at.column >= 0) {
        Q_EMIT columnChosen(at.column);
    } else if (at.row >= 0 && at.column >= 0) {
        moveCursor(at.row, at.column);
        Q_EMIT cellChosen(at.row, at.column);
    } else if (at.row >= 0) {
        moveCursor(at.row, m_chosenColumn);
        Q_EMIT rowChosen(at.row);
    }
}

void DriftHeatMap::mouseMoveEvent(QMouseEvent* event) {
    const Hit at = hit(event->pos());
    const bool active = at.row >= 0 || (at.head && at.column >= 0);
    setCursor(active ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (at.row == m_hover.row && at.column == m_hover.column && at.head == m_hover.head) return;
    m_hover = at;
    update();
}

void DriftHeatMap::leaveEvent(QEvent* event) {
    m_hover = {};
    update();
    QWidget::leaveEvent(event);
}

void DriftHeatMap::focusInEvent(QFocusEvent* event) {
    if (m_cursorRow < 0) moveCursor(std::max(0, m_chosenRow), std::max(0, m_chosenColumn));
    update();
    QWidget::focusInEvent(event);
}

void DriftHeatMap::moveCursor(int row, int column) {
    m_cursorRow = std::clamp(row, -1, m_model.rowCount() - 1);
    m_cursorColumn = std::clamp(column, -1, m_model.columnCount() - 1);
    update();
}

void DriftHeatMap::keyPressEvent(QKeyEvent* event) {
    const int rows = m_model.rowCount(), columns = m_model.columnCount();
    if (rows == 0 || columns == 0) return QWidget::keyPressEvent(event);
    const auto to = [&](int row, int column) {
        moveCursor(std::clamp(row, 0, rows - 1), std::clamp(column, 0, columns - 1));
    };
    switch (event->key()) {
        case Qt::Key_Up:
        case Qt::Key_K:
            return to(m_cursorRow - 1, m_cursorColumn);
        case Qt::Key_Down:
        case Qt::Key_J:
            return to(m_cursorRow + 1, m_cursorColumn);
        case Qt::Key_Left:
        case Qt::Key_H:
            return to(m_cursorRow, m_cursorColumn - 1);
        case Qt::Key_Right:
            return to(m_cursorRow, m_cursorColumn + 1);
        case Qt::Key_Home:
            return to(event->modifiers() & Qt::ControlModifier ? 0 : m_cursorRow, 0);
        case Qt::Key_End:
            return to(event->modifiers() & Qt::ControlModifier ? rows - 1 : m_cursorRow, columns - 1);
        case Qt::Key_PageUp:
            return to(m_cursorRow, m_cursorColumn - 4);
        case Qt::Key_PageDown:
            return to(m_cursorRow, m_cursorColumn + 4);
        case Qt::Key_W:
            if (m_cursorColumn >= 0) Q_EMIT columnChosen(m_cursorColumn);
            return;
        case Qt::Key_B:
            if (m_cursorColumn >= 0) Q_EMIT baselineChosen(m_cursorColumn);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            if (m_cursorRow >= 0 && m_cursorColumn >= 0) Q_EMIT cellChosen(m_cursorRow, m_cursorColumn);
            return;
        default:
            QWidget::keyPressEvent(event);
    }
}

QString DriftHeatMap::words(int row, int column) const {
    const items::DriftCell cell = m_model.cell(row, column);
    const QString name = m_model.feature(row), when = windowName(m_model.window(column), m_zone);
    if (!cell.finding) return name + u" · "_qs + when + u"\nno verdict"_qs;
    const statistics::Verdict& v = cell.finding->verdict;
    QString text = name + u" · "_qs + when + u'\n' + stateWord(v.state);
    if (m_model.days(row, column).size() > 1)
        text += u" on "_qs + shortDate(cell.evaluation->window.start, m_zone) + u" (the worst day)"_qs;
    if (!v.reason.empty()) text += u": "_qs + QString::fromStdString(v.reason);
    if (std::isfinite(v.effect)) {
        text += u"\neffect "_qs + effectText(v.effect, v.method);
        const QString interval = intervalText(v);
        if (!interval.isEmpty()) text += u" ("_qs + interval + u')';
        text += u" · n "_qs + theme::count(v.nCurrent);
    }
    if (cell.missing && cell.missing->verdict.state == statistics::State::Drift)
        text += u"\nmissing values drift too: "_qs + theme::percent(cell.missing->missingShare);
    return text;
}

bool DriftHeatMap::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const Hit at = hit(help->pos());
        QString text;
        if (at.head && at.column >= 0) {
            text = windowName(m_model.window(at.column), m_zone);
            const ports::Evaluation* e = m_model.evaluation(at.column);
            if (!e->version.empty()) text += u" against the profile of "_qs + QString::fromStdString(e->version);
            text += u"\nclick: look at this window everywhere; Shift+click: compare with this window"_qs;
        } else if (at.row >= 0 && at.column >= 0) {
            text = words(at.row, at.column);
        } else if (at.row >= 0) {
            text = m_model.feature(at.row);
        }
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), text, this);
        }
        return true;
    }
    return QWidget::event(event);
}

}  // namespace pilothouse::drift
