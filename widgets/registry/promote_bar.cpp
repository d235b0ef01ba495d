// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/registry/promote_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace pilothouse::registry {

PromoteBar::PromoteBar(QWidget* parent)
    : QWidget(parent),
      m_question(new QLabel(this)),
      m_reason(new QLineEdit(this)),
      m_confirm(new QPushButton(this)),
      m_cancel(new QPushButton(tr("Leave as it is"), this)) {
    setObjectName(QStringLiteral("promoteBar"));
    m_question->setObjectName(QStringLiteral("promoteQuestion"));
    m_question->setTextFormat(Qt::PlainText);
    m_reason->setObjectName(QStringLiteral("promoteReason"));
    m_reason->setPlaceholderText(tr("Reason, for the audit trail"));
    m_reason->setMaxLength(500);
    m_confirm->setObjectName(QStringLiteral("promoteConfirm"));
    m_cancel->setObjectName(QStringLiteral("promoteCancel"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(m_question);
    layout->addWidget(m_reason, 1);
    layout->addWidget(m_confirm);
    layout->addWidget(m_cancel);
    connect(m_confirm, &QPushButton::clicked, this, [this] { Q_EMIT confirmed(m_reason->text().trimmed()); });
    connect(m_reason, &QLineEdit::returnPressed, m_confirm, &QPushButton::click);
    connect(m_cancel, &QPushButton::clicked, this, &QWidget::hide);
    hide();
}

void PromoteBar::ask(const QString& question, const QString& action) {
    m_question->setText(question);
    m_confirm->setText(action);
    m_reason->clear();
    for (QWidget* w : {static_cast<QWidget*>(m_reason), static_cast<QWidget*>(m_confirm)})
        w->show();
    m_cancel->setText(tr("Leave as it is"));
    show();
    m_reason->setFocus();
}

void PromoteBar::showOutcome(const QString& text) {
    m_question->setText(text);
    m_reason->hide();
    m_confirm->hide();
    m_cancel->setText(tr("Close"));
    show();
}

void PromoteBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        hide();
    else
        QWidget::keyPressEvent(event);
}

}  // namespace pilothouse::registry
