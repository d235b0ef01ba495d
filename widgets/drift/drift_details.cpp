// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_details.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "models/predictions/query_parser.h"
#include "widgets/chart/facts_table.h"
#include "widgets/drift/drift_words.h"
#include "widgets/drift/effect_history.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

using theme::Token;

QString coloured(const QString& text, Token token) {
    return u"<span style=\"color:%1\">%2</span>"_qs.arg(theme::color(token).name(), text.toHtmlEscaped());
}

void tint(QWidget* widget, Token token, bool bold = false, bool small = false) {
    QPalette palette = widget->palette();
    palette.setColor(QPalette::WindowText, theme::color(token));
    widget->setPalette(palette);
    widget->setFont(theme::font(bold, small));
}

QString markText(theme::Mark mark) {
    switch (mark) {
        case theme::Mark::Ok:
            return u"●"_qs;
        case theme::Mark::Info:
            return u"○"_qs;
        case theme::Mark::Warning:
            return u"◆"_qs;
        case theme::Mark::Alarm:
            return u"▲"_qs;
        case theme::Mark::Unknown:
            return u"▨"_qs;
    }
    return {};
}

/// Rows begin and end at odd minutes; people think of the days.
QString daysText(const TimeRange& range, const Zone& zone) {
    return theme::range({zone.startOfDay(range.start), zone.nextMidnight(range.end - Duration(1))}, zone);
}

}  // namespace

DriftDetails::DriftDetails(QWidget* parent) : QScrollArea(parent) {
    setObjectName(u"driftDetails"_qs);
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    m_content = new QWidget;
    m_content->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(6);

    auto* head = new QHBoxLayout;
    m_title = new QLabel;
    m_title->setObjectName(u"driftFeature"_qs);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_state = new QLabel;
    m_state->setObjectName(u"driftState"_qs);
    head->addWidget(m_title);
    head->addStretch(1);
    head->addWidget(m_state);
    column->addLayout(head);
    m_context = new QLabel;
    m_context->setWordWrap(true);
    column->addWidget(m_context);

    auto* modes = new QHBoxLayout;
    modes->setSpacing(2);
    m_modes = new QButtonGroup(this);
    const std::pair<QString, QString> names[] = {{u"modeHistogram"_qs, u"Histogram"_qs},
                                                 {u"modeCumulative"_qs, u"Cumulative"_qs},
                                                 {u"modeDifference"_qs, u"Difference"_qs}};
    for (int i = 0; i < 3; ++i) {
        auto* button = new QToolButton;
        button->setObjectName(names[i].first);
        button->setText(names[i].second);
        button->setCheckable(true);
        button->setAutoRaise(true);
        m_modes->addButton(button, i);
        modes->addWidget(button);
    }
    m_modes->button(0)->setChecked(true);
    modes->addStretch(1);
    column->addLayout(modes);
    m_legend = new QLabel;
    column->addWidget(m_legend);

    m_chart = new DriftChart(DriftChart::Size::Large);
    m_chart->setObjectName(u"driftLargeChart"_qs);
    m_chart->setFixedHeight(230);
    column->addWidget(m_chart);

    auto* bar = new QHBoxLayout;
    m_bin = new QLabel;
    m_bin->setObjectName(u"driftBin"_qs);
    m_bin->setWordWrap(true);
    m_rows = new QPushButton;
    m_rows->setObjectName(u"showRows"_qs);
    bar->addWidget(m_bin, 1);
    bar->addWidget(m_rows);
    column->addLayout(bar);
    m_others = new QLabel;
    m_others->setObjectName(u"driftOtherRows"_qs);
    m_others->setTextFormat(Qt::RichText);
    m_others->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    column->addWidget(m_others);

    m_reason = new QLabel;
    m_reason->setObjectName(u"driftReason"_qs);
    m_reason->setWordWrap(true);
    column->addWidget(m_reason);
    m_facts = new chart::FactsTable;
    m_facts->setObjectName(u"driftFacts"_qs);
    column->addWidget(m_facts);
    column->addSpacing(8);
    m_historyTitle = new QLabel;
    column->addWidget(m_historyTitle);
    m_history = new EffectHistory;
    column->addWidget(m_history);
    column->addStretch(1);
    m_empty = new QLabel(u"Choose a cell of the heat map to see its histogram and statistics"_qs, this);
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_empty->setContentsMargins(12, 10, 12, 0);
    setWidget(m_content);

    connect(m_modes, &QButtonGroup::idClicked, this, [this](int id) {
        setMode(static_cast<DriftChart::Mode>(id));
        QSettings().setValue(u"drift/mode"_qs, id);
    });
    connect(m_others, &QLabel::linkActivated, this, [this](const QString& clause) { Q_EMIT rowsWanted({clause}); });
    connect(m_chart, &DriftChart::binClicked, this, &DriftDetails::showBin);
    connect(m_history, &EffectHistory::windowChosen, this, &DriftDetails::windowChosen);
    connect(m_rows, &QPushButton::clicked, this, [this] {
        const auto& histogram = m_chart->histogram();
        const int bin = m_chart->selectedBin();
        Q_EMIT rowsWanted(histogram && bin >= 0 ? histogram->bins[static_cast<std::size_t>(bin)].clauses
                                                : QStringList());
    });
    setMode(static_cast<DriftChart::Mode>(std::clamp(QSettings().value(u"drift/mode"_qs, 0).toInt(), 0, 2)));
    dress();
    refresh();
}

void DriftDetails::dress() {
    tint(m_title, Token::Text, true);
    tint(m_context, Token::TextMuted, false, true);
    tint(m_legend, Token::TextMuted, false, true);
    tint(m_bin, Token::TextMuted);
    tint(m_others, Token::TextMuted, false, true);
    tint(m_reason, Token::TextMuted);
    tint(m_historyTitle, Token::Text, true);
    tint(m_empty, Token::TextMuted);
}

void DriftDetails::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_empty) {
        dress();
        refresh();
    }
    QScrollArea::changeEvent(event);
}

void DriftDetails::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    m_empty->setGeometry(0, 0, viewport()->width(), 90);
}

void DriftDetails::setZone(const Zone& zone) {
    m_zone = zone;
    m_history->setZone(zone);
    refresh();
}

void DriftDetails::setMode(DriftChart::Mode mode) {
    m_modes->button(static_cast<int>(mode))->setChecked(true);
    m_chart->setMode(mode);
}

void DriftDetails::setColumn(std::optional<ColumnDetails> column) {
    const bool other = !column || !m_column || column->picture.feature != m_column->picture.feature ||
                       column->window != m_column->window;
    m_column = std::move(column);
    if (other) m_chart->setSelectedBin(-1);
    if (m_column) {
        m_chart->setReferenceRange(m_column->picture.referenceRange);
        m_chart->setHistogram(m_column->picture.histogram);
        m_history->setHistory(m_column->history, m_column->window);
    }
    refresh();
}

void DriftDetails::refresh() {
    m_content->setVisible(m_column.has_value());
    m_empty->setVisible(!m_column);
    if (!m_column) return;
    const ports::Finding& finding = m_column->picture.finding;
    const statistics::Verdict& v = finding.verdict;
    m_title->setText(m_column->picture.feature);
    const theme::Mark mark = stateMark(v.state, finding.severity);
    QString state = coloured(markText(mark), theme::markToken(mark)) + u' ' + stateWord(v.state);
    if (m_column->driftSince) state += u" since "_qs + shortDate(*m_column->driftSince, m_zone);
    m_state->setText(state);
    QString context = windowName(m_column->window, m_zone);
    if (!m_column->version.isEmpty()) context += u" against the profile of "_qs + m_column->version;
    if (!m_column->against.isEmpty()) context += u" against "_qs + m_column->against;
    m_context->setText(context);
    const QString reference =
        m_column->reference.empty() ? u"reference"_qs : u"reference, "_qs + daysText(m_column->reference, m_zone);
    m_legend->setText(coloured(u"▭"_qs, Token::Reference) + u' ' + reference + u"&nbsp;&nbsp; "_qs +
                      coloured(u"■"_qs, Token::Current) + u' ' + theme::range(m_column->window, m_zone));
    const bool drawn = m_column->picture.histogram.has_value();
    m_chart->setVisible(drawn);
    m_legend->setVisible(drawn);
    for (QAbstractButton* button : m_modes->buttons())
        button->setEnabled(drawn);
    showOthers();
    m_reason->setText(QString::fromStdString(v.reason));
    m_reason->setVisible(!v.reason.empty());
    fillFacts();
    m_historyTitle->setText(u"Effect over time"_qs);
    m_historyTitle->setVisible(m_column->history.size() > 1);
    m_history->setVisible(m_column->history.size() > 1);
    showBin(m_chart->selectedBin());
}

void DriftDetails::showBin(int bin) {
    if (!m_column) return;
    m_rows->setVisible(m_column->rowsCanBeShown);
    const auto& histogram = m_chart->histogram();
    if (!histogram || bin < 0 || bin >= static_cast<int>(histogram->bins.size())) {
        m_bin->setText(histogram ? u"Click a bar for its rows"_qs : m_column->picture.problem);
        m_rows->setText(u"Show the window's rows"_qs);
        return;
    }
    const items::DriftBin& b = histogram->bins[static_cast<std::size_t>(bin)];
    m_bin->setText(coloured(b.label, Token::Text) + u": "_qs + theme::percent(b.current) + u" now, "_qs +
                   theme::percent(b.reference) + u" in the reference"_qs);
    m_rows->setText(u"Show these "_qs + theme::count(static_cast<std::uint64_t>(b.currentCount)) + u" rows"_qs);
    m_rows->setVisible(m_column->rowsCanBeShown && b.currentCount > 0);
}

void DriftDetails::showOthers() {
    // Values that no bar can show.
    const ports::Finding& finding = m_column->picture.finding;
    const auto& histogram = m_chart->histogram();
    QString field = QString::fromStdString(predictions::equalsClause(finding.feature, "x"));
    field.chop(2);
    QStringList links;
    const double share = m_column->missing ? m_column->missing->missingShare : finding.missingShare;
    if (finding.check == "unseen")
        links += u"<a href=\"%1\">values that training never saw</a>"_qs.arg((u"unseen:"_qs + field).toHtmlEscaped());
    if ((std::isfinite(share) && share > 0) || (finding.check == "missing" && !finding.feature.empty()))
        links += u"<a href=\"%1\">missing values%2</a>"_qs.arg(
            (u"missing:"_qs + field).toHtmlEscaped(),
            std::isfinite(share) ? u", "_qs + theme::percent(share) : QString());
    if (histogram && histogram->categorical && m_column->against.isEmpty())
        links += u"<a href=\"%1\">values that training never saw</a>"_qs.arg((u"unseen:"_qs + field).toHtmlEscaped());
    m_others->setText(links.isEmpty() ? QString() : u"Also the rows with "_qs + links.join(u" · "_qs));
    m_others->setVisible(m_column->rowsCanBeShown && !links.isEmpty());
}

void DriftDetails::fillFacts() {
    const ports::Finding& finding = m_column->picture.finding;
    const statistics::Verdict& v = finding.verdict;
    std::vector<chart::FactsTable::Fact> facts;
    const auto add = [&](const QString& name, const QString& value,
                         const QString& tip = {}) -> chart::FactsTable::Fact& {
        facts.push_back({name, value, false, Token::Text, false, tip});
        return facts.back();
    };
    add(u"effect"_qs, effectText(v.effect, v.method)).strong = true;
    const QString interval = intervalText(v);
    add(u"interval"_qs, interval.isEmpty() ? u"–"_qs : interval, u"95 % interval of the effect"_qs);
    add(u"threshold at this n"_qs, effectText(v.threshold, v.method),
        u"what no drift stays under at this number of rows"_qs);
    add(u"minimum effect"_qs, effectText(v.minimumEffect, v.method),
        u"an effect below it is not drift, however certain"_qs);
    add(u"p, q"_qs, pText(v.pValue) + u", "_qs + pText(v.qValue),
        u"p: by what sees most in this kind of column: the distance; χ² for few values, categories and booleans; "
        u"Anderson-Darling for scores and heavy tails; the largest deviation among many categories; put together by "
        u"Cauchy's combination. q: after Benjamini-Hochberg over the window's columns"_qs);
    add(u"effective n"_qs,
        std::isfinite(v.nEffective) ? theme::count(static_cast<std::uint64_t>(std::llround(v.nEffective))) : u"–"_qs,
        u"rows of one cluster count for less than one each"_qs);
    add(u"n reference"_qs, theme::count(v.nReference));
    add(u"n current"_qs, theme::count(v.nCurrent));
    const auto share = [](double s) { return std::isfinite(s) ? theme::percent(s) : u"–"_qs; };
    add(u"missing then"_qs, share(m_column->missingThen));
    auto& now =
        add(u"missing now"_qs, share(m_column->missing ? m_column->missing->missingShare : finding.missingShare));
    if (m_column->missing && m_column->missing->verdict.state == statistics::State::Drift) {
        now.token = Token::Warning;
        now.strong = true;
        now.value = u"◆ "_qs + now.value;
    }
    add(u"method"_qs, methodWords(v.method)).wide = true;
    m_facts->setFacts(std::move(facts));
}

}  // namespace pilothouse::drift
