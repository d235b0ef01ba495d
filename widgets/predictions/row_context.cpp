// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/row_context.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <cmath>

#include "models/predictions/query_parser.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using theme::Token;

constexpr int kSibling = 22, kShownSiblings = 6, kJsonHeight = 220;

QPushButton* button(QWidget* parent, const char* name, const QString& words) {
    auto* b = new QPushButton(words, parent);
    b->setObjectName(QString::fromLatin1(name));
    return b;
}

QLabel* label(QWidget* parent, const char* name) {
    auto* l = new QLabel(parent);
    l->setObjectName(QString::fromLatin1(name));
    l->setTextFormat(Qt::PlainText);
    l->setWordWrap(true);
    l->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return l;
}

QString orDash(double value) { return std::isfinite(value) ? QLocale::c().toString(value, 'f', 3) : u"–"_qs; }

}  // namespace

RowContext::RowContext(QWidget* parent) : QWidget(parent) {
    setObjectName(u"requestContext"_qs);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    m_traceLine = new QWidget(this);
    auto* trace = new QHBoxLayout(m_traceLine);
    trace->setContentsMargins(0, 0, 0, 0);
    m_traceText = label(m_traceLine, "rowTrace");
    m_traceText->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_copyTrace = button(m_traceLine, "copyTrace", u"Copy"_qs);
    m_findTrace = button(m_traceLine, "findTrace", u"Its rows"_qs);
    m_findTrace->setToolTip(u"Only the rows of this trace"_qs);
    trace->addWidget(m_traceText, 1);
    trace->addWidget(m_copyTrace);
    trace->addWidget(m_findTrace);
    column->addWidget(m_traceLine);
    m_outcomesTitle = label(this, "rowOutcomesTitle");
    m_outcomes = label(this, "rowOutcomes");
    column->addWidget(m_outcomesTitle);
    column->addWidget(m_outcomes);
    m_siblingsTitle = label(this, "rowSiblingsTitle");
    m_siblings = new QListWidget(this);
    m_siblings->setObjectName(u"rowSiblings"_qs);
    m_siblings->setAccessibleName(u"Rows of the same request"_qs);
    m_siblings->setFrameShape(QFrame::NoFrame);
    m_siblings->setUniformItemSizes(true);
    column->addWidget(m_siblingsTitle);
    column->addWidget(m_siblings);
    m_jsonToggle = button(this, "showJson", u"Show the row as JSON"_qs);
    m_jsonToggle->setCheckable(true);
    m_json = new QPlainTextEdit(this);
    m_json->setObjectName(u"rowJson"_qs);
    m_json->setAccessibleName(u"The row as JSON"_qs);
    m_json->setReadOnly(true);
    m_json->setTabChangesFocus(true);
    m_json->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_json->setFixedHeight(kJsonHeight);
    m_json->hide();
    column->addWidget(m_jsonToggle, 0, Qt::AlignLeft);
    column->addWidget(m_json);
    makeErasure();
    column->addWidget(m_erase, 0, Qt::AlignLeft);
    column->addWidget(m_erasure);

    connect(m_copyTrace, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_trace); });
    connect(m_findTrace, &QPushButton::clicked, this, [this] {
        Q_EMIT clauseWanted(
            QString::fromStdString(predictions::equalsClause(ports::field::traceId, m_trace.toStdString())));
    });
    connect(m_siblings, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        const auto at = static_cast<std::size_t>(m_siblings->row(item));
        if (at >= m_row.siblings.size() || m_row.siblings[at].self) return;
        const auto& s = m_row.siblings[at];
        Q_EMIT rowWanted(QString::fromStdString(s.model), QString::fromStdString(s.version), s.time);
    });
    connect(m_siblings, &QListWidget::itemClicked, m_siblings, &QListWidget::itemActivated);
    connect(m_jsonToggle, &QPushButton::toggled, this, &RowContext::showJson);
    dress();
}

void RowContext::makeErasure() {
    m_erase = button(this, "eraseRequest", u"Erase this request …"_qs);
    m_erasure = new QWidget(this);
    m_erasure->setObjectName(u"erasure"_qs);
    auto* column = new QVBoxLayout(m_erasure);
    column->setContentsMargins(0, 4, 0, 0);
    m_erasureText = label(m_erasure, "erasureText");
    m_confirm = button(m_erasure, "confirmErasure", u"Erase"_qs);
    m_keep = button(m_erasure, "keepRequest", u"Leave as it is"_qs);
    column->addWidget(m_erasureText);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_confirm);
    buttons->addWidget(m_keep);
    buttons->addStretch(1);
    column->addLayout(buttons);
    m_erasure->hide();
    connect(m_erase, &QPushButton::clicked, this, &RowContext::erasureAsked);
    connect(m_keep, &QPushButton::clicked, this, [this] {
        m_erasure->hide();
        m_erase->setVisible(m_erasable);
    });
    connect(m_confirm, &QPushButton::clicked, this, [this] {
        m_confirm->setEnabled(false);
        m_keep->setEnabled(false);
        m_erasureText->setText(u"Erasing …"_qs);
        Q_EMIT erasureConfirmed(m_toErase);
    });
}

void RowContext::confirmErasure(const QString& requestId, const QString& what) {
    if (requestId != m_requestId) return;  // another row is shown by now
    m_toErase = requestId;
    m_erasureText->setText(
        u"Erase request %1 of all models and versions: %2. They go from the file itself, not only from sight, and "
        u"cannot "
        u"be brought back. The audit trail keeps that something was erased, not what."_qs.arg(requestId, what));
    m_confirm->setEnabled(true);
    m_confirm->show();
    m_keep->setEnabled(true);
    m_keep->setText(u"Leave as it is"_qs);
    m_erase->hide();
    m_erasure->show();
    m_keep->setFocus();
}

void RowContext::showErasure(const QString& words, bool problem) {
    QPalette palette = m_erasureText->palette();
    palette.setColor(QPalette::WindowText, theme::color(problem ? Token::Alarm : Token::Text));
    m_erasureText->setPalette(palette);
    m_erasureText->setText(problem ? u"▲ "_qs + words : words);
    m_confirm->hide();
    m_keep->setEnabled(true);
    m_keep->setText(u"Close"_qs);
    m_erasure->show();
}

void RowContext::setErasable(bool erasable) {
    m_erasable = erasable;
    m_erase->setVisible(erasable && m_erasure->isHidden());
}

void RowContext::setZone(const Zone& zone) {
    m_zone = zone;
    refresh();
}

void RowContext::setRow(const items::PredictionRow& row) {
    m_row = row;
    const QString id = QString::fromStdString(row.text(ports::field::requestId));
    if (id != m_requestId) {  // a question about another row is not this one's
        m_erasure->hide();
        m_erase->setVisible(m_erasable);
        dress();
    }
    m_requestId = id;
    refresh();
}

void RowContext::refresh() {
    showTrace();
    showOutcomes();
    showSiblings();
    showJson();
}

void RowContext::showTrace() {
    m_trace = QString::fromStdString(m_row.text(ports::field::traceId));
    m_traceLine->setVisible(!m_trace.isEmpty());
    m_traceText->setText(u"trace "_qs + m_trace);
    m_traceText->setToolTip(m_trace);
}

/// Only where there is more to say than the one outcome that stands above.
void RowContext::showOutcomes() {
    QStringList lines;
    for (const auto& o : m_row.outcomes)
        lines << u"%1  known %2"_qs.arg(theme::number(o.value), theme::time(o.known, m_zone));
    m_outcomesTitle->setText(u"Its outcome changed"_qs);
    m_outcomesTitle->setVisible(lines.size() > 1);
    m_outcomes->setVisible(!lines.isEmpty());
    m_outcomes->setText(lines.size() == 1 ? u"outcome "_qs + lines.front() : lines.mid(0, 20).join(u'\n'));
}

void RowContext::showSiblings() {
    const auto& siblings = m_row.siblings;
    const bool any = siblings.size() > 1;
    m_siblingsTitle->setVisible(any);
    m_siblings->setVisible(any);
    m_siblings->clear();
    if (!any) return;
    m_siblingsTitle->setText(siblings.size() >= items::PredictionRow::kMaxSiblings
                                 ? u"The same request, its newest %1 rows"_qs.arg(siblings.size())
                                 : u"The same request in %1 rows"_qs.arg(siblings.size()));
    const std::string model = m_row.text(ports::field::model);
    for (const auto& s : siblings) {
        QStringList words;
        if (s.model != model) words << QString::fromStdString(s.model);
        words << (s.version.empty() ? u"not scored"_qs : QString::fromStdString(s.version)) << orDash(s.score);
        if (!s.status.empty() && s.status != "ok") words << QString::fromStdString(s.status);
        if (s.time != m_row.time()) words << theme::time(s.time, m_zone);
        if (s.self) words << u"this row"_qs;
        auto* item = new QListWidgetItem(words.join(u" · "_qs), m_siblings);
        item->setSizeHint({100, kSibling});
        if (s.self) item->setForeground(theme::color(Token::TextMuted));
    }
    m_siblings->setFixedHeight(std::min(kShownSiblings, static_cast<int>(siblings.size())) * kSibling + 2);
}

void RowContext::showJson() {
    const bool shown = m_jsonToggle->isChecked();
    m_jsonToggle->setText(shown ? u"Hide the JSON"_qs : u"Show the row as JSON"_qs);
    m_json->setVisible(shown);
    if (!shown) return;
    const QString json = QString::fromUtf8(items::rowJson(m_row.row, 0));
    if (m_json->toPlainText() != json) m_json->setPlainText(json);
}

void RowContext::dress() {
    const auto tint = [](QLabel* l, Token token, bool bold) {
        QPalette palette = l->palette();
        palette.setColor(QPalette::WindowText, theme::color(token));
        l->setPalette(palette);
        l->setFont(theme::font(bold));
    };
    tint(m_traceText, Token::TextMuted, false);
    tint(m_outcomesTitle, Token::Text, true);
    tint(m_outcomes, Token::TextMuted, false);
    tint(m_siblingsTitle, Token::Text, true);
    tint(m_erasureText, Token::Text, false);
}

void RowContext::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !m_json) return;
    dress();
    showSiblings();
}

}  // namespace pilothouse::predictions_view
