// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QPushButton>

namespace pilothouse::ingest_view {

/// One that Enter does not press from elsewhere in the form.
inline QPushButton* formButton(QWidget* parent, const char* name, const QString& words) {
    auto* button = new QPushButton(words, parent);
    button->setObjectName(QString::fromLatin1(name));
    button->setAutoDefault(false);
    return button;
}

/// Of any length, and never markup: it may hold what stands in a file.
inline QLabel* formLabel(QWidget* parent, const char* name) {
    auto* label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

}  // namespace pilothouse::ingest_view
