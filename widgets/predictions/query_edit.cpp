// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/query_edit.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QTextCharFormat>

#include "models/predictions/query_parser.h"
#include "widgets/predictions/completion_model.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using items::TextPiece;
using theme::Token;

constexpr qsizetype kHistory = 50;

/// The parser counts bytes of UTF-8; people count characters.
qsizetype characterAt(const QString& text, qsizetype byte) {
    return QString::fromUtf8(text.toUtf8().left(byte)).size();
}

}  // namespace

void CompletionDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const bool chosen = option.state & QStyle::State_Selected;
    painter->fillRect(option.rect, theme::color(chosen ? Token::Selection : Token::PanelRaised));
    const QRect box = option.rect.adjusted(8, 0, -8, 0);
    painter->setFont(theme::font());
    painter->setPen(theme::color(Token::Text));
    const QString text = index.data().toString(), hint = index.data(CompletionModel::kHintRole).toString();
    painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, text);
    const int used = painter->fontMetrics().horizontalAdvance(text) + 16;
    painter->setFont(theme::font(false, true));
    painter->setPen(theme::color(Token::TextMuted));
    const QRect rest = box.adjusted(used, 0, 0, 0);
    painter->drawText(rest, Qt::AlignRight | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(hint, Qt::ElideRight, rest.width()));
}

QSize CompletionDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {320, 22}; }

QueryEdit::QueryEdit(QWidget* parent)
    : QLineEdit(parent), m_completer(new QCompleter(this)), m_model(new CompletionModel(this)) {
    setObjectName(u"queryEdit"_qs);
    setAccessibleName(u"Query"_qs);
    setPlaceholderText(u"every row · carrier:UA  temp_f>80  -origin:JFK  score~0.5±0.05  wrong  outside:temp_f"_qs);
    setClearButtonEnabled(true);
    setMaxLength(64 * 1024);
    m_completer->setModel(m_model);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    m_completer->setWidget(this);
    m_completer->setMaxVisibleItems(12);
    m_completer->popup()->setItemDelegate(new CompletionDelegate(this));
    m_completer->popup()->setObjectName(u"queryCompletions"_qs);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &QueryEdit::insert);
    connect(this, &QLineEdit::textEdited, this, &QueryEdit::edited);
    connect(this, &QLineEdit::textChanged, this, [this] {
        if (m_colouring) return;
        check();
        colour();
        if (m_problem.isEmpty()) Q_EMIT typed(items::splitClauses(text().trimmed()));
    });
}

void QueryEdit::setFields(std::vector<ports::FieldInfo> fields) { m_fields = std::move(fields); }

void QueryEdit::setApplied(const QString& text) {
    const bool untouched = this->text() == m_applied;
    m_applied = text;
    if ((untouched || !hasFocus()) && this->text() != text) setText(text);
}

void QueryEdit::setHistory(const QStringList& history) { m_history = history.mid(0, kHistory); }

void QueryEdit::edited() {
    m_place = -1;
    suggest();
}

/// Parses what stands there; an empty text is every row.
void QueryEdit::check() {
    QString problem;
    qsizetype at = -1;
    if (!text().trimmed().isEmpty()) {
        const auto query = predictions::parseQuery(text().toStdString());
        if (!query) {
            problem = QString::fromStdString(query.error().message);
            static const QRegularExpression position(u"^byte (\\d+): "_qs);
            const auto match = position.match(problem);
            if (match.hasMatch()) {
                at = characterAt(text(), match.captured(1).toLongLong());
                problem = u"Position %1: %2"_qs.arg(at + 1).arg(problem.mid(match.capturedLength()));
            }
        }
    }
    if (problem == m_problem && at == m_problemAt) return;
    m_problem = problem;
    m_problemAt = at;
    Q_EMIT problemChanged();
}

/// A line edit knows no formats of its own; those of an input method's text do the same.
void QueryEdit::colour() {
    QList<QInputMethodEvent::Attribute> attributes;
    const auto add = [&](qsizetype start, qsizetype length, const QTextCharFormat& format) {
        attributes.append({QInputMethodEvent::TextFormat, static_cast<int>(start - cursorPosition()),
                           static_cast<int>(length), format});
    };
    for (const TextPiece& piece : items::pieces(text())) {
        QTextCharFormat format;
        switch (piece.kind) {
            case TextPiece::Kind::Field:
                format.setForeground(theme::color(Token::Text));
                break;
            case TextPiece::Kind::Value:
                format.setForeground(theme::color(Token::Accent));
                break;
            case TextPiece::Kind::Operator:
                format.setForeground(theme::color(Token::TextMuted));
                break;
            case TextPiece::Kind::Word:
                format.setForeground(theme::color(Token::Text));
                break;
        }
        add(piece.start, piece.length, format);
    }
    if (m_problemAt >= 0 && !text().isEmpty()) {
        QTextCharFormat wrong;
        wrong.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        wrong.setUnderlineColor(theme::color(Token::Alarm));
        const qsizetype start = std::min(m_problemAt, text().size() - 1);
        add(start, std::max<qsizetype>(1, text().size() - start), wrong);
    }
    m_colouring = true;
    QInputMethodEvent event(QString(), attributes);
    QCoreApplication::sendEvent(this, &event);
    m_colouring = false;
}

void QueryEdit::changeEvent(QEvent* event) {
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_model) colour();
}

void QueryEdit::focusInEvent(QFocusEvent* event) {
    QLineEdit::focusInEvent(event);
    if (event->reason() != Qt::PopupFocusReason) m_valuesOf.clear();  // the log may have grown since
    if (event->reason() == Qt::ShortcutFocusReason) selectAll();
}

void QueryEdit::suggest() {
    m_token = items::tokenAt(text(), cursorPosition());
    const bool valueOf = !m_token.field.isEmpty() && !m_token.fieldName;
    if (valueOf) {
        const auto known = std::find_if(m_fields.begin(), m_fields.end(), [&](const ports::FieldInfo& f) {
            return QString::fromStdString(f.name) == m_token.field;
        });
        if (known == m_fields.end() || known->type != ports::ColumnType::Text) return m_completer->popup()->hide();
        if (m_valuesOf == m_token.field) return offerValues();
        Q_EMIT valuesWanted(m_token.field);
        return;
    }
    if (m_token.prefix.isEmpty() && !m_token.fieldName) return m_completer->popup()->hide();
    showSuggestions(items::completeNames(m_token, m_fields));
}

void QueryEdit::setValues(const QString& field, const ports::TopValues& values) {
    m_valuesOf = field;
    m_values = values;
    m_token = items::tokenAt(text(), cursorPosition());
    if (field == m_token.field) offerValues();
}

void QueryEdit::offerValues() {
    std::vector<items::Completion> suggestions;
    for (auto& [completion, count] : items::completeValues(m_token, m_values)) {
        completion.hint = theme::count(count) + u" rows"_qs;
        suggestions.push_back(std::move(completion));
    }
    showSuggestions(std::move(suggestions));
}

void QueryEdit::showSuggestions(std::vector<items::Completion> suggestions) {
    const QString typed = text().mid(m_token.start, m_token.end - m_token.start);
    const bool nothingToAdd = suggestions.size() == 1 && suggestions.front().text == typed;
    if (suggestions.empty() || nothingToAdd || !(hasFocus() || m_completer->popup()->isVisible()))
        return m_completer->popup()->hide();
    m_model->set(std::move(suggestions));
    QRect place = cursorRect();
    place.setWidth(360);
    m_completer->complete(place);
    m_completer->popup()->setCurrentIndex({});
}

void QueryEdit::insert(const QString& completion) {
    QString all = text();
    // A value that was typed half may go on behind the cursor.
    all.replace(m_token.start, m_token.end - m_token.start, completion);
    setText(all);
    setCursorPosition(static_cast<int>(m_token.start + completion.size()));
    if (completion.endsWith(u':')) suggest();
}

void QueryEdit::apply() {
    m_completer->popup()->hide();
    if (!m_problem.isEmpty()) return;
    const QString query = text().trimmed();
    m_applied = query;
    m_place = -1;
    m_valuesOf.clear();  // another range or model may hold others
    if (!query.isEmpty()) {
        m_history.removeAll(query);
        m_history.prepend(query);
        m_history = m_history.mid(0, kHistory);
        Q_EMIT historyChanged();
    }
    Q_EMIT applied(items::splitClauses(query));
}

void QueryEdit::walkHistory(int step) {
    const int place = std::clamp(m_place + step, -1, static_cast<int>(m_history.size()) - 1);
    if (place == m_place) return;
    if (m_place < 0) m_draft = text();
    m_place = place;
    setText(place < 0 ? m_draft : m_history[place]);
}

/// Tab takes the first suggestion; a widget hears of it only here, before it moves the focus.
bool QueryEdit::event(QEvent* event) {
    if (event->type() == QEvent::KeyPress && m_completer->popup()->isVisible()) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Tab && key->modifiers() == Qt::NoModifier) {
            const QModelIndex current = m_completer->popup()->currentIndex();
            const QModelIndex taken = current.isValid() ? current : m_model->index(0, 0);
            m_completer->popup()->hide();
            insert(taken.data().toString());
            key->accept();
            return true;
        }
    }
    return QLineEdit::event(event);
}

void QueryEdit::keyPressEvent(QKeyEvent* event) {
    const bool popup = m_completer->popup()->isVisible();
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (popup && m_completer->popup()->currentIndex().isValid()) return event->ignore();  // the completer's
            return apply();
        case Qt::Key_Escape:
            if (popup) return m_completer->popup()->hide();
            if (text() != m_applied) return setText(m_applied);
            return Q_EMIT left();
        case Qt::Key_Up:
            if (!popup) return walkHistory(+1);
            break;
        case Qt::Key_Down:
            if (!popup) return m_place >= 0 ? walkHistory(-1) : left();
            break;
        case Qt::Key_Space:
            if (event->modifiers() & Qt::ControlModifier) return suggest();
            break;
        default:
            break;
    }
    QLineEdit::keyPressEvent(event);
}

}  // namespace pilothouse::predictions_view
