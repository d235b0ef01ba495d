// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_tiles.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <cmath>

#include "widgets/drift/drift_chart.h"
#include "widgets/drift/drift_words.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

using theme::Token;

constexpr int kTileHeight = 142, kHead = 42, kPad = 12, kTileWidth = 250;

}  // namespace

DriftTile::DriftTile(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
}

void DriftTile::setPicture(const ColumnPicture& picture) {
    m_picture = picture;
    m_stale = true;
    setObjectName(u"driftTile_"_qs + picture.feature);
    setAccessibleName(picture.feature + u": "_qs + stateWord(picture.finding.verdict.state) + u", effect "_qs +
                      effectText(picture.finding.verdict.effect, picture.finding.verdict.method));
    update();
}

void DriftTile::setChosen(bool chosen) {
    if (chosen == m_chosen) return;
    m_chosen = chosen;
    update();
}

bool DriftTile::material() const { return !m_stale; }

void DriftTile::materialise() {
    m_stale = false;
    if (!m_picture.histogram) {
        if (m_chart) m_chart->hide();
        return;
    }
    if (!m_chart) {
        m_chart = new DriftChart(DriftChart::Size::Small, this);
        m_chart->setGeometry(kPad, kHead, width() - 2 * kPad, height() - kHead - 4);
    }
    m_chart->setReferenceRange(m_picture.referenceRange);
    m_chart->setHistogram(m_picture.histogram);
    m_chart->show();
}

void DriftTile::resizeEvent(QResizeEvent*) {
    if (m_chart) m_chart->setGeometry(kPad, kHead, width() - 2 * kPad, height() - kHead - 4);
}

void DriftTile::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) Q_EMIT chosen(m_picture.feature);
}

void DriftTile::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space) {
        Q_EMIT chosen(m_picture.feature);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void DriftTile::enterEvent(QEnterEvent*) {
    m_hover = true;
    update();
}

void DriftTile::leaveEvent(QEvent*) {
    m_hover = false;
    update();
}

void DriftTile::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_chosen) {
        painter.fillRect(rect(), theme::color(Token::Selection));
    } else if (m_hover) {
        painter.fillRect(rect(), theme::color(Token::Hover));
    }
    painter.fillRect(QRect(0, height() - 1, width(), 1), theme::color(Token::Hairline));
    if (hasFocus()) {
        painter.setPen(theme::color(Token::Accent));
        painter.drawRect(rect().adjusted(0, 0, -1, -2));
    }
    const statistics::Verdict& v = m_picture.finding.verdict;
    const QString effect = effectText(v.effect, v.method);
    painter.setFont(theme::font(true));
    const QFontMetrics metrics(painter.font());
    const int effectWidth = metrics.horizontalAdvance(effect);
    const QRect line(kPad, 6, width() - 2 * kPad, 18);
    painter.setPen(theme::color(Token::Text));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, effect);
    theme::drawMark(painter, QRectF(line.right() - effectWidth - 19, line.top(), 12, line.height()),
                    stateMark(v.state, m_picture.finding.severity), 9);
    const int room = line.width() - effectWidth - 26;
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(m_picture.feature, Qt::ElideMiddle, room));

    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(Token::TextMuted));
    QStringList parts;
    const QString interval = intervalText(v);
    if (!v.reason.empty()) {
        parts += QString::fromStdString(v.reason);
    } else if (!interval.isEmpty()) {
        parts += interval;
    }
    if (v.nCurrent > 0) parts += u"n "_qs + theme::count(v.nCurrent);
    const QRect second(kPad, 23, width() - 2 * kPad, 16);
    painter.drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(painter.font()).elidedText(parts.join(u" · "_qs), Qt::ElideRight, second.width()));
    if (!m_picture.histogram)
        painter.drawText(rect().adjusted(kPad, kHead, -kPad, -4), Qt::AlignCenter | Qt::TextWordWrap,
                         m_picture.problem);
}

DriftTiles::DriftTiles(QWidget* parent) : QScrollArea(parent) {
    setObjectName(u"driftTiles"_qs);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWidget(new QWidget);
    viewport()->setAutoFillBackground(false);
    widget()->setAutoFillBackground(false);
    m_work.setSingleShot(true);
    m_work.setInterval(0);
    connect(&m_work, &QTimer::timeout, this, &DriftTiles::materialiseNext);
}

void DriftTiles::setPictures(const std::vector<ColumnPicture>& pictures) {
    while (m_tiles.size() < pictures.size()) {
        auto* tile = new DriftTile(widget());
        connect(tile, &DriftTile::chosen, this, &DriftTiles::chosen);
        m_tiles.push_back(tile);
    }
    m_shown = pictures.size();
    for (std::size_t i = 0; i < m_tiles.size(); ++i) {
        m_tiles[i]->setVisible(i < m_shown);
        if (i >= m_shown) continue;
        m_tiles[i]->setPicture(pictures[i]);
        m_tiles[i]->setChosen(pictures[i].feature == m_chosen);
    }
    layOut();
    m_work.start();
}

void DriftTiles::setChosen(const QString& feature) {
    if (feature == m_chosen) return;
    m_chosen = feature;
    for (std::size_t i = 0; i < m_shown; ++i) {
        m_tiles[i]->setChosen(m_tiles[i]->feature() == feature);
        if (m_tiles[i]->feature() == feature && !widget()->visibleRegion().isEmpty())
            ensureWidgetVisible(m_tiles[i], 0, 0);
    }
}

void DriftTiles::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    layOut();
    m_work.start();
}

void DriftTiles::scrollContentsBy(int dx, int dy) {
    QScrollArea::scrollContentsBy(dx, dy);
    m_work.start();
}

void DriftTiles::layOut() {
    const int width = viewport()->width(), columns = std::max(1, width / kTileWidth);
    const int rows = (static_cast<int>(m_shown) + columns - 1) / columns;
    for (std::size_t i = 0; i < m_shown; ++i) {
        const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
        const int left = column * width / columns;
        m_tiles[i]->setGeometry(left, row * kTileHeight, (column + 1) * width / columns - left, kTileHeight);
    }
    widget()->resize(width, std::max(1, rows * kTileHeight));
}

DriftTile* DriftTiles::nextInSight() const {
    const QRect sight(-widget()->pos(), viewport()->size());
    for (std::size_t i = 0; i < m_shown; ++i)
        if (!m_tiles[i]->material() && m_tiles[i]->geometry().intersects(sight)) return m_tiles[i];
    return nullptr;
}

bool DriftTiles::settled() const { return nextInSight() == nullptr; }

void DriftTiles::materialiseNext() {
    DriftTile* tile = nextInSight();
    if (!tile) return;
    tile->materialise();
    m_work.start();
}

}  // namespace pilothouse::drift
