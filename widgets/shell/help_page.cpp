// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/help_page.h"

#include <QFile>
#include <QTextBrowser>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextTable>
#include <QVBoxLayout>

#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

namespace {

/// Tables over the whole width with lines between their rows: Markdown says nothing of how they look.
void dressTables(QTextDocument& document) {
    for (QTextFrame* frame : document.rootFrame()->childFrames()) {
        auto* table = qobject_cast<QTextTable*>(frame);
        if (!table) continue;
        QTextTableFormat format = table->format();
        format.setBorder(0.5);
        format.setBorderCollapse(true);
        format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
        format.setBorderBrush(theme::color(theme::Token::Hairline));
        format.setCellPadding(4);
        format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
        format.setColumnWidthConstraints(
            {QTextLength(QTextLength::PercentageLength, 42), QTextLength(QTextLength::PercentageLength, 58)});
        table->setFormat(format);
    }
}

}  // namespace

HelpPage::HelpPage(QWidget* window) : Overlay(window, {860, 680}) {
    setObjectName(QStringLiteral("helpPage"));
    setAccessibleName(QStringLiteral("Help"));
    m_text = new QTextBrowser(this);
    m_text->setObjectName(QStringLiteral("helpText"));
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setOpenLinks(false);
    m_text->document()->setDocumentMargin(16);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->addWidget(m_text);
}

void HelpPage::openPage(const QString& name) {
    QFile file(QStringLiteral(":/help/%1.md").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        m_text->setPlainText(QStringLiteral("There is no page \"%1\"").arg(name));
    } else {
        m_text->document()->setMarkdown(QString::fromUtf8(file.readAll()), QTextDocument::MarkdownDialectGitHub);
        dressTables(*m_text->document());
    }
    m_text->moveCursor(QTextCursor::Start);
    open(m_text);
}

}  // namespace pilothouse::shell
