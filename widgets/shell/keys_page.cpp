// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/keys_page.h"

#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include "widgets/shell/command_registry.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

KeysPage::KeysPage(QWidget* window) : Overlay(window, {720, 620}) {
    setObjectName(QStringLiteral("keysPage"));
    setAccessibleName(QStringLiteral("Keys"));
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->addWidget(m_scroll);
}

void KeysPage::openWith(const CommandRegistry& commands, const QString& viewTitle, const QStringList& viewKeys) {
    auto* page = new QWidget;
    page->setAutoFillBackground(true);
    QPalette ground = page->palette();
    ground.setColor(QPalette::Window, theme::color(theme::Token::Panel));
    page->setPalette(ground);
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(20, 16, 20, 16);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(5);
    int row = 0;
    const auto heading = [&](const QString& title) {
        auto* label = new QLabel(title, page);
        label->setFont(theme::font(true));
        if (row > 0) grid->setRowMinimumHeight(row++, 8);
        grid->addWidget(label, row++, 0, 1, 2);
    };
    const auto line = [&](const QString& keys, const QString& what) {
        auto* key = new QLabel(keys, page);
        QPalette muted = key->palette();
        muted.setColor(QPalette::WindowText, theme::color(theme::Token::Accent));
        key->setPalette(muted);
        grid->addWidget(key, row, 0);
        grid->addWidget(new QLabel(what, page), row++, 1);
    };
    if (!viewKeys.isEmpty()) {
        heading(viewTitle);
        for (const QString& text : viewKeys) {
            const qsizetype dash = text.indexOf(QStringLiteral(" – "));
            line(dash < 0 ? QString() : text.left(dash), dash < 0 ? text : text.mid(dash + 3));
        }
    }
    QStringList sections;
    for (const Command& c : commands.commands())
        if (!sections.contains(c.section)) sections << c.section;
    for (const QString& section : sections) {
        bool headed = false;
        for (const Command& c : commands.commands()) {
            if (c.section != section || c.keys.isEmpty()) continue;
            if (!headed) heading(section);
            headed = true;
            QStringList keys;
            for (const QKeySequence& k : c.keys)
                keys << k.toString(QKeySequence::NativeText);
            line(keys.join(QStringLiteral("  ")), c.title);
        }
    }
    heading(QStringLiteral("Time axes"));
    line(QStringLiteral("drag"), QStringLiteral("choose a range; with Shift extend it"));
    line(QStringLiteral("wheel"), QStringLiteral("zoom at the pointer"));
    line(QStringLiteral("middle drag"), QStringLiteral("pan"));
    line(QStringLiteral("double click"), QStringLiteral("show all"));
    grid->setColumnStretch(1, 1);
    grid->setRowStretch(row, 1);
    m_scroll->setWidget(page);
    open(m_scroll);
}

}  // namespace pilothouse::shell
