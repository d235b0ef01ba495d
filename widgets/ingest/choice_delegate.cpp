// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/choice_delegate.h"

#include <QApplication>
#include <QComboBox>
#include <QPainter>
#include <QTimer>

#include "models/items/import_mapping_model.h"
#include "widgets/theme/marks.h"

namespace pilothouse::ingest_view {

using items::ImportMappingModel;
using theme::Token;

namespace {
constexpr int kArrow = 16;
}

void ChoiceDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const bool value = index.column() >= ImportMappingModel::FirstRow;
    const bool leftOut = index.data(ImportMappingModel::LeftOutRole).toBool();
    const bool problem = !index.data(ImportMappingModel::ProblemRole).toString().isEmpty();
    if (leftOut || value) {
        const QColor ink = theme::color(leftOut ? Token::TextDisabled : Token::TextMuted);
        item.palette.setColor(QPalette::Text, ink);
        item.palette.setColor(QPalette::HighlightedText, ink);
    }
    const bool choice = index.flags() & Qt::ItemIsEditable;
    const QRect whole = item.rect;
    const int right = (choice ? kArrow : 0) + (problem ? kArrow : 0);
    // The ground over the whole cell, the words beside arrow and mark.
    QStyleOptionViewItem ground = item;
    ground.text.clear();
    const QStyle* style = item.widget ? item.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, item.widget);
    painter->save();
    painter->setFont(item.font);
    painter->setPen(
        item.palette.color(item.state & QStyle::State_Selected ? QPalette::HighlightedText : QPalette::Text));
    const QRect words = whole.adjusted(6, 0, -right - 4, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                      item.fontMetrics.elidedText(item.text, Qt::ElideRight, words.width()));
    if (problem)
        theme::drawMark(*painter, QRectF(whole.right() - right, whole.top(), kArrow, whole.height()),
                        theme::Mark::Warning);
    if (choice) {
        painter->setPen(theme::color(Token::TextMuted));
        painter->drawText(QRect(whole.right() - kArrow, whole.top(), kArrow - 4, whole.height()),
                          Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("▾"));
    }
    painter->restore();
}

QWidget* ChoiceDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex& index) const {
    const QStringList choices = index.data(ImportMappingModel::ChoicesRole).toStringList();
    if (choices.isEmpty()) return nullptr;
    auto* box = new QComboBox(parent);
    box->setObjectName(QStringLiteral("choice"));
    box->setAccessibleName(index.model()->headerData(index.column(), Qt::Horizontal).toString());
    for (const QString& id : choices)
        box->addItem(ImportMappingModel::choiceTitle(id), id);
    auto* self = const_cast<ChoiceDelegate*>(this);
    connect(box, &QComboBox::activated, self, [self, box] {
        Q_EMIT self->commitData(box);
        Q_EMIT self->closeEditor(box);
    });
    QTimer::singleShot(0, box, &QComboBox::showPopup);
    return box;
}

void ChoiceDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const {
    auto* box = qobject_cast<QComboBox*>(editor);
    box->setCurrentIndex(box->findData(index.data(ImportMappingModel::ChoiceRole)));
}

void ChoiceDelegate::setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const {
    model->setData(index, qobject_cast<QComboBox*>(editor)->currentData());
}

}  // namespace pilothouse::ingest_view
