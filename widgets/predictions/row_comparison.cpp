// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/row_comparison.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QTableView>
#include <QVBoxLayout>

#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {

using Comparison = items::PredictionComparison;
using theme::Token;

RowComparison::RowComparison(Comparison& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setObjectName(u"rowComparison"_qs);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 12);
    m_title = new QLabel;
    m_title->setObjectName(u"comparisonTitle"_qs);
    m_title->setWordWrap(true);
    column->addWidget(m_title);
    m_table = new QTableView;
    m_table->setObjectName(u"comparisonTable"_qs);
    m_table->setAccessibleName(u"Two rows compared"_qs);
    m_table->setModel(&model);
    m_table->setItemDelegate(new ComparisonDelegate(m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(20);
    m_table->verticalHeader()->setDefaultSectionSize(20);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(m_table, 1);
    dress();
    connect(&model, &QAbstractItemModel::modelReset, this, &RowComparison::tell);
    connect(&model, &Comparison::failed, m_title, &QLabel::setText);
}

void RowComparison::tell() {
    const int rows = m_model.rowCount(), differing = m_model.differing();
    m_title->setText(rows == 0 ? u"Reading…"_qs
                               : u"<b>%1</b> of %2 fields differ; they stand first"_qs.arg(differing).arg(rows));
}

void RowComparison::dress() {
    m_title->setFont(theme::font());
    m_table->setFont(theme::font());
}

void RowComparison::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_table) dress();
    QWidget::changeEvent(event);
}

void ComparisonDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const bool differs = index.data(Comparison::DiffersRole).toBool();
    if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, theme::color(Token::Selection));
    const bool value = index.column() > 0, missing = index.data(Comparison::MissingRole).toBool();
    painter->setFont(theme::font(differs && value && !missing));
    painter->setPen(theme::color(differs && value && !missing ? Token::Text : Token::TextMuted));
    const QRect box = option.rect.adjusted(4, 0, -4, 0);
    painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, box.width()));
}

}  // namespace pilothouse::predictions_view
