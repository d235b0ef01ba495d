// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/mapping_table.h"

#include <QHeaderView>
#include <QKeyEvent>

#include "models/items/import_mapping_model.h"
#include "widgets/ingest/choice_delegate.h"

namespace pilothouse::ingest_view {

namespace {
constexpr int kMinWidth = 70, kMaxWidth = 240, kRowHeight = 24;
}

MappingTable::MappingTable(QWidget* parent) : QTableView(parent) {
    setObjectName(QStringLiteral("mappingTable"));
    setAccessibleName(QStringLiteral("Fields of the file"));
    setItemDelegate(new ChoiceDelegate(this));
    setEditTriggers(QAbstractItemView::EditKeyPressed);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setTabKeyNavigation(false);
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(kRowHeight);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.flags() & Qt::ItemIsEditable) edit(index);
    });
}

void MappingTable::fitColumns() {
    if (!model()) return;
    for (int column = 0; column < model()->columnCount(); ++column) {
        const int hint = std::max(sizeHintForColumn(column) + 24, horizontalHeader()->sectionSizeHint(column));
        setColumnWidth(column, std::clamp(hint, kMinWidth, kMaxWidth));
    }
    // The choices may become longer than what is chosen now.
    if (model()->columnCount() > items::ImportMappingModel::Role) setColumnWidth(items::ImportMappingModel::Role, 190);
    if (model()->columnCount() > items::ImportMappingModel::Privacy)
        setColumnWidth(items::ImportMappingModel::Privacy, 100);
}

void MappingTable::keyPressEvent(QKeyEvent* event) {
    // Not on to the form, whose default button it would press.
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (currentIndex().flags() & Qt::ItemIsEditable) edit(currentIndex());
        event->accept();
        return;
    }
    QTableView::keyPressEvent(event);
}

}  // namespace pilothouse::ingest_view
