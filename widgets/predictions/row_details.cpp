// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/row_details.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <cmath>

#include "widgets/predictions/row_context.h"
#include "widgets/predictions/row_pictures.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using theme::Token;

void tint(QWidget* widget, Token token, bool bold = false) {
    QPalette palette = widget->palette();
    palette.setColor(QPalette::WindowText, theme::color(token));
    widget->setPalette(palette);
    widget->setFont(theme::font(bold));
}

QString coloured(const QString& text, Token token) {
    return u"<span style=\"color:%1\">%2</span>"_qs.arg(theme::color(token).name(), text.toHtmlEscaped());
}

double logistic(double logOdds) { return 1 / (1 + std::exp(-logOdds)); }

}  // namespace

RowDetails::RowDetails(QWidget* parent) : QScrollArea(parent) {
    setObjectName(u"rowDetails"_qs);
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    m_content = new QWidget;
    m_content->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(4);
    const auto label = [&](const QString& name) {
        auto* l = new QLabel;
        l->setObjectName(name);
        l->setWordWrap(true);
        l->setMinimumWidth(1);  // a long id or path is cut, and does not push the pane's right side out of sight
        l->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(l);
        return l;
    };
    m_title = label(u"rowTitle"_qs);
    m_context = label(u"rowContext"_qs);
    m_score = label(u"rowScore"_qs);
    auto* buttons = new QHBoxLayout;
    m_copyJson = new QPushButton(u"Copy JSON"_qs);
    m_copyJson->setObjectName(u"copyJson"_qs);
    m_copyId = new QPushButton(u"Copy request id"_qs);
    m_copyId->setObjectName(u"copyRequestId"_qs);
    buttons->addWidget(m_copyJson);
    buttons->addWidget(m_copyId);
    buttons->addStretch(1);
    column->addLayout(buttons);
    column->addSpacing(8);
    m_why = label(u"rowWhy"_qs);
    m_bars = new ContributionBars;
    column->addWidget(m_bars);
    m_whyNote = label(u"rowWhyNote"_qs);
    column->addSpacing(8);
    m_against = label(u"rowAgainst"_qs);
    m_beyond = label(u"rowBeyond"_qs);
    m_reference = new ReferenceRows;
    column->addWidget(m_reference);
    column->addSpacing(8);
    // What stands in a log is shown as it is, whatever it looks like.
    for (QLabel* plain : {m_context, m_whyNote, m_against, m_beyond})
        plain->setTextFormat(Qt::PlainText);
    m_around = label(u"rowAround"_qs);
    m_neighbours = new NeighbourList;
    column->addWidget(m_neighbours);
    column->addSpacing(8);
    m_request = new RowContext;
    column->addWidget(m_request);
    column->addStretch(1);
    setWidget(m_content);
    m_empty = new QLabel(u"Choose a row to see its features beside the reference and why it got its score"_qs, this);
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_empty->setContentsMargins(12, 10, 12, 0);

    connect(m_copyJson, &QPushButton::clicked, this, [this] {
        if (m_row) QApplication::clipboard()->setText(QString::fromUtf8(items::rowJson(m_row->row, 0)));
    });
    connect(m_copyId, &QPushButton::clicked, this, [this] {
        if (m_row) QApplication::clipboard()->setText(QString::fromStdString(m_row->text(ports::field::requestId)));
    });
    connect(m_neighbours, &NeighbourList::chosen, this, &RowDetails::requestChosen);
    connect(m_reference, &ReferenceRows::clauseWanted, this, &RowDetails::clauseWanted);
    connect(m_request, &RowContext::clauseWanted, this, &RowDetails::clauseWanted);
    connect(m_request, &RowContext::rowWanted, this, &RowDetails::siblingChosen);
    dress();
    refresh();
}

void RowDetails::dress() {
    tint(m_title, Token::Text, true);
    tint(m_context, Token::TextMuted);
    tint(m_score, Token::Text);
    tint(m_why, Token::Text, true);
    tint(m_whyNote, Token::TextMuted);
    tint(m_against, Token::Text, true);
    tint(m_beyond, Token::TextMuted);
    tint(m_around, Token::Text, true);
    tint(m_empty, Token::TextMuted);
}

void RowDetails::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_empty) {
        dress();
        refresh();
    }
    QScrollArea::changeEvent(event);
}

void RowDetails::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    m_empty->setGeometry(0, 0, viewport()->width(), 90);
}

void RowDetails::setZone(const Zone& zone) {
    m_zone = zone;
    m_neighbours->setZone(zone);
    m_request->setZone(zone);
    refresh();
}

void RowDetails::setRow(const std::optional<items::PredictionRow>& row) {
    m_row = row;
    refresh();
}

void RowDetails::refresh() {
    m_content->setVisible(m_row.has_value());
    m_empty->setVisible(!m_row);
    if (!m_row) return;
    showHead();
    showReference();
    m_request->setRow(*m_row);
    m_bars->setRow(*m_row);
    m_bars->setVisible(!m_row->contributions.empty());
    m_neighbours->setRow(*m_row);
    m_around->setText(u"Around it"_qs);
    m_around->setVisible(m_row->neighbours.size() > 1);
    m_neighbours->setVisible(m_row->neighbours.size() > 1);
}

void RowDetails::showHead() {
    const items::PredictionRow& row = *m_row;
    const auto text = [&](std::string_view field) { return QString::fromStdString(row.text(field)); };
    QString title = text("carrier");
    if (!text("flight").isEmpty()) title += u' ' + text("flight");
    QString route = text("origin");
    if (!text("dest").isEmpty()) route += u" → "_qs + text("dest");
    if (title.trimmed().isEmpty()) title = text(ports::field::requestId);
    const QString version = text(ports::field::version);
    QStringList parts{title};
    if (!route.isEmpty()) parts += route;
    m_title->setText(coloured(parts.join(u"  "_qs), Token::Text) +
                     coloured(version.isEmpty() ? u" · not scored"_qs : u" · "_qs + version, Token::TextMuted));
    QString context = theme::time(row.time(), m_zone) + u" · request "_qs + text(ports::field::requestId);
    const double latency = row.number(ports::field::latencyMs);
    if (std::isfinite(latency)) context += u" · "_qs + theme::milliseconds(latency);
    m_context->setText(context);

    const double score = row.number(ports::field::score), outcome = row.number(ports::field::outcome);
    const double threshold = row.version ? row.version->threshold : 0.5;
    const QString positive = row.version && !row.version->positiveClass.empty()
                                 ? QString::fromStdString(row.version->positiveClass)
                                 : u"positive"_qs;
    QString line;
    if (std::isfinite(score)) {
        const QString predicted = score >= threshold ? positive : u"not "_qs + positive;
        line = u"<b>%1</b> %2 %3 (from %4 on: %5)"_qs.arg(
            QLocale::c().toString(score, 'f', 3), coloured(u"predicts"_qs, Token::TextMuted), predicted.toHtmlEscaped(),
            QLocale::c().toString(threshold, 'g', 3), positive.toHtmlEscaped());
    } else {
        line = u"no score"_qs;
    }
    line += u"; outcome "_qs;
    if (std::isfinite(outcome)) {
        line += (outcome > 0.5 ? positive : u"not "_qs + positive).toHtmlEscaped();
        if (std::isfinite(score) && (score >= threshold) != (outcome > 0.5))
            line += u' ' + coloured(u"wrong"_qs, Token::Alarm);
    } else {
        line += u"not known"_qs;
    }
    m_score->setText(line);

    m_why->setVisible(std::isfinite(score));
    m_why->setText(u"Why "_qs + QLocale::c().toString(score, 'f', 3) +
                   coloured(u"  SHAP, log-odds"_qs, Token::TextMuted));
    if (!row.unexplained.empty()) {
        m_whyNote->setText(u"No contributions: "_qs + QString::fromStdString(row.unexplained));
    } else if (row.contributions.empty()) {
        m_whyNote->setText(u"Asking the model…"_qs);
    } else {
        m_whyNote->setText(u"Starts from "_qs + QLocale::c().toString(logistic(row.bias), 'f', 3) +
                           u", the model's share of "_qs + positive);
    }
}

void RowDetails::showReference() {
    m_reference->setRow(*m_row);
    const bool known = m_row->profile != nullptr;
    m_against->setVisible(known);
    m_reference->setVisible(known);
    m_against->setText(u"Against the reference of "_qs + QString::fromStdString(m_row->text(ports::field::version)));
    const QStringList& beyond = m_reference->beyond();
    m_beyond->setVisible(known);
    m_beyond->setText(
        beyond.isEmpty() ? u"Every value lies within what training saw"_qs
        : beyond.size() == 1
            ? u"1 value beyond anything seen in training: "_qs + beyond.front()
            : u"%1 values beyond anything seen in training: %2"_qs.arg(beyond.size()).arg(beyond.join(u", "_qs)));
}

}  // namespace pilothouse::predictions_view
