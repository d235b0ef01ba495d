// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPointer>

namespace pilothouse::shell {

/// A panel over the window that ends with Esc or when the focus goes elsewhere, and gives the focus back.
class Overlay : public QFrame {
    Q_OBJECT
public:
    Overlay(QWidget* window, QSize size);
    /// Centred near the top; `first` gets the focus.
    void open(QWidget* first);
    void dismiss();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void onFocus(QWidget* old, QWidget* now);
    QSize m_wanted;
    QPointer<QWidget> m_before;
};

}  // namespace pilothouse::shell
