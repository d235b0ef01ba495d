// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>

class QLabel;
class QLineEdit;
class QPushButton;

namespace pilothouse::registry {

/// Asks once, in place, before an alias moves: what happens, an optional reason, do it or leave it. Esc leaves it.
class PromoteBar : public QWidget {
    Q_OBJECT
public:
    explicit PromoteBar(QWidget* parent = nullptr);
    void ask(const QString& question, const QString& action);
    void showOutcome(const QString& text);

Q_SIGNALS:
    void confirmed(const QString& reason);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QLabel* m_question;
    QLineEdit* m_reason;
    QPushButton *m_confirm, *m_cancel;
};

}  // namespace pilothouse::registry
