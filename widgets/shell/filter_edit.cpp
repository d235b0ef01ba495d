// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/filter_edit.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QStringListModel>
#include <QToolTip>

#include "models/predictions/query_parser.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

FilterEdit::FilterEdit(const QString& text, const std::vector<ports::FieldInfo>& fields, QWidget* parent)
    : QLineEdit(text, parent) {
    setObjectName(QStringLiteral("filterEdit"));
    setAccessibleName(QStringLiteral("Filter"));
    setPlaceholderText(QStringLiteral("carrier:UA, temp_f>80, wrong"));
    setFixedWidth(220);
    QStringList words;
    for (const auto& f : fields)
        words << QString::fromStdString(f.name) + (f.type == ports::ColumnType::Text ? u':' : u'>');
    words << QStringLiteral("wrong") << QStringLiteral("confident") << QStringLiteral("labelled")
          << QStringLiteral("outside:") << QStringLiteral("unseen:") << QStringLiteral("_missing_:");
    words.sort();
    auto* completer = new QCompleter(words, this);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    setCompleter(completer);
    connect(this, &QLineEdit::textEdited, this, [this] {
        setPalette({});
        QToolTip::hideText();
    });
}

QString FilterEdit::problem() const {
    if (text().trimmed().isEmpty()) return {};
    const auto parsed = predictions::parseQuery(text().toStdString());
    return parsed ? QString() : QString::fromStdString(parsed.error().message);
}

void FilterEdit::finish(bool keep) {
    if (m_done) return;
    if (keep) {
        const QString wrong = problem();
        if (!wrong.isEmpty()) {
            QPalette p = palette();
            p.setColor(QPalette::Text, theme::color(theme::Token::Alarm));
            setPalette(p);
            setAccessibleDescription(wrong);
            QToolTip::showText(mapToGlobal(QPoint(0, height())), wrong, this);
            return;
        }
    }
    m_done = true;
    if (keep) {
        Q_EMIT taken(text().trimmed());
    } else {
        Q_EMIT left();
    }
}

void FilterEdit::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Escape:
            return finish(false);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return finish(true);
        default:
            QLineEdit::keyPressEvent(event);
    }
}

void FilterEdit::focusOutEvent(QFocusEvent* event) {
    QLineEdit::focusOutEvent(event);
    if (event->reason() == Qt::PopupFocusReason || event->reason() == Qt::ActiveWindowFocusReason) return;
    finish(problem().isEmpty() && !text().trimmed().isEmpty());
}

}  // namespace pilothouse::shell
