// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/overlay.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>

#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

Overlay::Overlay(QWidget* window, QSize size) : QFrame(window), m_wanted(size) {
    hide();
    connect(qApp, &QApplication::focusChanged, this, &Overlay::onFocus);
}

void Overlay::open(QWidget* first) {
    const QWidget* window = parentWidget();
    const QSize size = m_wanted.boundedTo(window->size() - QSize(24, 60));
    setGeometry((window->width() - size.width()) / 2, 44, size.width(), size.height());
    if (!isVisible()) m_before = QApplication::focusWidget();
    show();
    raise();
    first->setFocus(Qt::ShortcutFocusReason);
}

void Overlay::dismiss() {
    if (!isVisible()) return;
    hide();
    if (m_before) m_before->setFocus(Qt::OtherFocusReason);
}

void Overlay::onFocus(QWidget*, QWidget* now) {
    if (!isVisible() || !now || now == this || isAncestorOf(now) || now->window() != window()) return;
    m_before = nullptr;  // the focus has gone where it was sent
    hide();
}

void Overlay::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return dismiss();
    QFrame::keyPressEvent(event);
}

void Overlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(theme::Token::Panel));
    painter.setPen(theme::color(theme::Token::TextDisabled));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

}  // namespace pilothouse::shell
