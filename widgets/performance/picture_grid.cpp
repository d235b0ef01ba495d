// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/performance/picture_grid.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace pilothouse::performance {

namespace {
constexpr int kMargin = 12, kBetween = 16, kNarrowest = 190;
}

PictureGrid::PictureGrid(QWidget* parent) : QWidget(parent) { setObjectName(u"performancePictures"_qs); }

void PictureGrid::setPictures(std::vector<chart::PlotPicture> pictures) {
    m_pictures = std::move(pictures);
    QStringList words;
    for (const auto& p : m_pictures)
        words += p.title + (p.note.isEmpty() ? QString() : u": "_qs + p.note);
    setAccessibleName(words.join(u"; "_qs));
    update();
}

int PictureGrid::columns() const {
    const int n = static_cast<int>(m_pictures.size());
    if (n <= 1) return 1;
    if ((width() - 2 * kMargin) / n >= kNarrowest || height() < 260) return n;
    return (n + 1) / 2;
}

QRectF PictureGrid::box(std::size_t index) const {
    const int across = columns(), down = (static_cast<int>(m_pictures.size()) + across - 1) / across;
    const double w = (width() - 2 * kMargin - (across - 1) * kBetween) / static_cast<double>(across);
    const double h = (height() - kMargin - (down - 1) * kBetween / 2.0) / std::max(1, down);
    const int c = static_cast<int>(index) % across, r = static_cast<int>(index) / across;
    return {kMargin + c * (w + kBetween), 4 + r * (h + kBetween / 2.0), w, h};
}

void PictureGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (std::size_t i = 0; i < m_pictures.size(); ++i)
        chart::paintPlot(painter, box(i), m_pictures[i]);
}

bool PictureGrid::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QString tip;
        for (std::size_t i = 0; i < m_pictures.size(); ++i)
            if (box(i).contains(help->pos())) tip = chart::plotTip(box(i), m_pictures[i], help->pos());
        QToolTip::showText(help->globalPos(), tip, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace pilothouse::performance
