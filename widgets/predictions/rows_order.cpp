// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the rows: newest or oldest first, or the greatest or least of one column.
#include <QHeaderView>
#include <QMenu>
#include <QSettings>
#include <algorithm>

#include "widgets/predictions/rows_table.h"

namespace pilothouse::predictions_view {
namespace {

const QString kOrder = QStringLiteral("predictions/order");

bool isTime(const items::PredictionColumn& column) { return column.id == QString::fromUtf8(ports::field::time.data()); }

}  // namespace

bool RowsTable::sortable(const items::PredictionColumn& column) {
    return isTime(column) || (column.fields.size() == 1 && column.type == ports::ColumnType::Number);
}

ports::RowOrder RowsTable::rememberedOrder() const {
    const QSettings settings;
    const QString field = settings.value(kOrder + u"/field"_qs).toString();
    const ports::RowOrder order{field.toStdString(), settings.value(kOrder + u"/ascending"_qs).toBool()};
    return has(order) ? order : ports::RowOrder{};  // another log, without that field
}

bool RowsTable::has(const ports::RowOrder& order) const {
    if (order.field.empty()) return true;
    const QString field = QString::fromStdString(order.field);
    return std::ranges::any_of(m_model.columns(),
                               [&](const auto& column) { return column.id == field && sortable(column); });
}

void RowsTable::chooseOrder(const ports::RowOrder& order) {
    const ports::RowOrder known = has(order) ? order : ports::RowOrder{};
    if (known != m_order) choose(known);
}

void RowsTable::setOrder(const ports::RowOrder& order) {
    m_order = order;
    showOrder();
}

void RowsTable::choose(const ports::RowOrder& order) {
    QSettings settings;
    settings.setValue(kOrder + u"/field"_qs, QString::fromStdString(order.field));
    settings.setValue(kOrder + u"/ascending"_qs, order.ascending);
    setOrder(order);
    Q_EMIT orderChosen(order);
}

/// The greatest first, then the least, then by time again.
void RowsTable::headClicked(int section) {
    if (section < 0 || section >= static_cast<int>(m_model.columns().size())) return;
    const items::PredictionColumn& column = m_model.columns()[static_cast<std::size_t>(section)];
    if (!sortable(column)) return;
    if (isTime(column)) return choose({{}, m_order.field.empty() && !m_order.ascending});
    const std::string& field = column.fields.front();
    if (m_order.field != field) return choose({field, false});
    choose(m_order.ascending ? ports::RowOrder{} : ports::RowOrder{field, true});
}

void RowsTable::showOrder() {
    const QString id =
        m_order.field.empty() ? QString::fromUtf8(ports::field::time.data()) : QString::fromStdString(m_order.field);
    int section = -1;
    for (int i = 0; i < static_cast<int>(m_model.columns().size()); ++i)
        if (m_model.columns()[static_cast<std::size_t>(i)].id == id) section = i;
    // The style's arrow points up for what descends; here it points to where the values go.
    horizontalHeader()->setSortIndicator(section, m_order.ascending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void RowsTable::orderMenu() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(u"orderMenu"_qs);
    const auto add = [&](const QString& title, const QString& name, const ports::RowOrder& order) {
        QAction* action = menu->addAction(title);
        action->setObjectName(name);
        action->setCheckable(true);
        action->setChecked(order == m_order);
        connect(action, &QAction::triggered, this, [this, order] { choose(order); });
    };
    add(u"Newest first"_qs, u"order_newest"_qs, {});
    add(u"Oldest first"_qs, u"order_oldest"_qs, {{}, true});
    for (int visual = 0; visual < horizontalHeader()->count(); ++visual) {
        const int i = horizontalHeader()->logicalIndex(visual);
        const items::PredictionColumn& column = m_model.columns()[static_cast<std::size_t>(i)];
        if (isColumnHidden(i) || isTime(column) || !sortable(column)) continue;
        const std::string& field = column.fields.front();
        add(u"Greatest "_qs + column.title, u"order_greatest_"_qs + column.id, {field, false});
        add(u"Least "_qs + column.title, u"order_least_"_qs + column.id, {field, true});
    }
    menu->popup(horizontalHeader()->mapToGlobal(QPoint(8, horizontalHeader()->height())));
}

}  // namespace pilothouse::predictions_view
