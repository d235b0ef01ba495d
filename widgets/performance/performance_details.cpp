// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/performance/performance_details.h"

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

#include "widgets/chart/facts_table.h"
#include "widgets/performance/performance_pictures.h"
#include "widgets/theme/format.h"

namespace pilothouse::performance {

using theme::Token;

PerformanceDetails::PerformanceDetails(QWidget* parent) : QScrollArea(parent) {
    setObjectName(u"performanceDetails"_qs);
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    auto* content = new QWidget;
    content->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(6);
    m_title = new QLabel;
    m_title->setObjectName(u"performanceVersion"_qs);
    m_context = new QLabel;
    m_facts = new chart::FactsTable;
    m_facts->setObjectName(u"performanceFacts"_qs);
    m_howTitle = new QLabel(tr("How was this made?"));
    m_how = new QLabel;
    m_how->setObjectName(u"performanceHow"_qs);
    m_how->setTextFormat(Qt::PlainText);
    m_how->setTextInteractionFlags(Qt::TextSelectableByMouse);
    for (QLabel* label : {m_title, m_context, m_howTitle, m_how}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    column->addWidget(m_title);
    column->addWidget(m_context);
    column->addWidget(m_facts);
    column->addSpacing(8);
    column->addWidget(m_howTitle);
    column->addWidget(m_how);
    column->addStretch(1);
    setWidget(content);
    dress();
    clear();
}

void PerformanceDetails::dress() {
    const auto tint = [](QWidget* widget, Token token, bool bold, bool small) {
        QPalette palette = widget->palette();
        palette.setColor(QPalette::WindowText, theme::color(token));
        widget->setPalette(palette);
        widget->setFont(theme::font(bold, small));
    };
    tint(m_title, Token::Text, true, false);
    tint(m_context, Token::TextMuted, false, true);
    tint(m_howTitle, Token::Text, true, false);
    tint(m_how, Token::TextMuted, false, true);
}

void PerformanceDetails::changeEvent(QEvent* event) {
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_how) dress();
}

void PerformanceDetails::clear() {
    m_title->setText(tr("No version to show"));
    m_context->clear();
    m_facts->setFacts({});
    m_howTitle->hide();
    m_how->clear();
}

void PerformanceDetails::setReport(const items::PerformanceReport& report, const Zone& zone) {
    const items::VersionPerformance* v = report.main();
    if (!v) return clear();
    m_title->setText(QString::fromStdString(report.question.model + " " + v->version));
    m_context->setText(theme::range(report.question.range, zone));
    const items::VersionPerformance* other = report.comparison();
    std::vector<chart::FactsTable::Fact> facts;
    const auto add = [&](const QString& name, const QString& value, const QString& tip = {}) {
        facts.push_back({name, value, false, Token::Text, true, tip});
    };
    for (const auto& m : v->overall) {
        add(QString::fromStdString(items::metricTitle(m.name)), metricText(m.name, m.value), howMeasured(m));
        const auto* beside = other ? other->metric(m.name) : nullptr;
        if (!beside) continue;
        facts.push_back({u"    "_qs + QString::fromStdString(other->version), metricText(m.name, beside->value), false,
                         Token::TextMuted, true, howMeasured(*beside)});
    }
    const double known = v->rows == 0 ? 0 : static_cast<double>(v->labelled) / static_cast<double>(v->rows);
    add(tr("rows"), theme::count(v->rows), tr("scored rows of the version that the lens holds"));
    add(tr("labels known"), theme::percent(known) + u" · "_qs + theme::count(v->labelled),
        tr("rows whose outcome is known now"));
    if (known < 0.5) facts.back().token = Token::Warning;
    if (v->unscored > 0) add(tr("without a score"), theme::count(v->unscored), tr("left out: the request failed"));
    if (v->task == items::PerformanceTask::Binary) add(tr("threshold"), theme::number(v->threshold));
    m_facts->setFacts(std::move(facts));
    m_howTitle->show();
    QStringList how = howMade(report, zone);
    if (!v->problem.empty()) how.prepend(QString::fromStdString(v->problem) + u'.');
    m_how->setText(how.join(u"\n\n"_qs));
}

}  // namespace pilothouse::performance
