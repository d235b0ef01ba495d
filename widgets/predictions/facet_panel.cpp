// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/facet_panel.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>

#include "models/items/prediction_loader.h"
#include "widgets/predictions/difference_list.h"
#include "widgets/predictions/facet_list.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {

using theme::Token;

FacetPanel::FacetPanel(items::Session& session, items::PredictionLoader& loader, items::PredictionFacetsModel& facets,
                       QWidget* parent)
    : QWidget(parent), m_session(session), m_loader(loader), m_differences(session.ports().predictions) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 6, 0, 8);
    column->setSpacing(2);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 0, 8, 0);
    head->setSpacing(2);
    auto* group = new QButtonGroup(this);
    const auto button = [&](const QString& name, const QString& text, const QString& tip) {
        auto* b = new QPushButton(text);
        b->setObjectName(name);
        b->setToolTip(tip);
        b->setFlat(true);
        b->setCheckable(true);
        group->addButton(b);
        head->addWidget(b);
        return b;
    };
    m_facetsButton = button(u"showFacets"_qs, u"Values"_qs, u"The most frequent values of these rows"_qs);
    m_differencesButton =
        button(u"showDifferences"_qs, u"What differs"_qs, u"What is different about these rows against the rest"_qs);
    m_facetsButton->setChecked(true);
    head->addStretch(1);
    column->addLayout(head);
    auto* pages = new QWidget;
    m_pages = new QStackedLayout(pages);
    const auto page = [&](QWidget* list, QLabel*& note, const QString& name) {
        auto* box = new QWidget;
        auto* inner = new QVBoxLayout(box);
        inner->setContentsMargins(0, 0, 0, 0);
        inner->setSpacing(2);
        inner->addWidget(list, 1);
        note = new QLabel;
        note->setObjectName(name);
        note->setWordWrap(true);
        note->setContentsMargins(12, 4, 10, 0);
        inner->addWidget(note);
        m_pages->addWidget(box);
    };
    m_facetList = new FacetList(facets);
    page(m_facetList, m_facetNote, u"facetNote"_qs);
    m_differenceList = new DifferenceList(m_differences);
    page(m_differenceList, m_differenceNote, u"differenceNote"_qs);
    column->addWidget(pages, 1);
    dress();
    connect(m_facetList, &FacetList::toggled, this, &FacetPanel::toggled);
    connect(m_differenceList, &DifferenceList::toggled, this, &FacetPanel::toggled);
    connect(m_differencesButton, &QPushButton::toggled, this, [this](bool on) {
        m_pages->setCurrentIndex(on ? 1 : 0);
        if (on) ask();
    });
    connect(&m_differences, &items::PredictionDifferences::ready, this, &FacetPanel::tell);
    connect(&m_differences, &items::PredictionDifferences::failed, m_differenceNote, &QLabel::setText);
}

bool FacetPanel::showsDifferences() const { return m_differencesButton->isChecked(); }

void FacetPanel::setDifferences(bool shown) { (shown ? m_differencesButton : m_facetsButton)->setChecked(true); }

void FacetPanel::setWords(const QString& positive, const QString& negative) {
    m_facetList->setWords(positive, negative);
}

void FacetPanel::refresh() {
    m_facetNote->setText(m_session.lens().state().filters.empty()
                             ? u"Right: times its share in the same length of time before"_qs
                             : u"Right: times its share in all rows of the range"_qs);
    if (showsDifferences() && isVisible()) ask();
}

void FacetPanel::ask() {
    const items::PredictionSummary& s = m_loader.summary();
    if (s.edges.size() < 2 || s.matching == 0) {
        m_differences.clear();
        return m_differenceNote->setText(u"No rows to look at"_qs);
    }
    items::PredictionDifferences::Question question;
    question.query = m_session.lens().query();
    question.range = s.range;
    question.all = m_loader.baseQuery();
    question.within = !m_session.lens().state().filters.empty();
    question.allRange = question.within ? s.range : TimeRange{s.range.start - s.range.duration(), s.range.start};
    question.fields = m_loader.fields();
    m_differenceNote->setText(u"Comparing…"_qs);
    m_differences.ask(std::move(question));
}

void FacetPanel::tell() {
    const bool within = !m_session.lens().state().filters.empty();
    const QString others = within ? u"the other rows of the range"_qs : u"the same length of time before"_qs;
    if (m_differences.rows() == 0 || m_differences.restRows() == 0)
        return m_differenceNote->setText(u"There is nothing to compare with: no rows in %1"_qs.arg(others));
    QString text =
        m_differences.rowCount() == 0
            ? u"Nothing differs by more than chance explains: %1 values compared"_qs
            : u"Filled: these; outlined: %2. Of %1 values compared, those that chance does not explain, what "
              u"is more frequent here first"_qs.arg(theme::count(m_differences.comparisons()), others);
    if (m_differences.rowCount() == 0) text = text.arg(theme::count(m_differences.comparisons()));
    text += u"; %1 rows against %2"_qs.arg(theme::count(m_differences.rows()), theme::count(m_differences.restRows()));
    m_differenceNote->setText(text);
}

void FacetPanel::dress() {
    for (QLabel* label : {m_facetNote, m_differenceNote}) {
        QPalette palette = label->palette();
        palette.setColor(QPalette::WindowText, theme::color(Token::TextMuted));
        label->setPalette(palette);
        label->setFont(theme::font(false, true));
    }
}

void FacetPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_differenceNote) dress();
    QWidget::changeEvent(event);
}

}  // namespace pilothouse::predictions_view
