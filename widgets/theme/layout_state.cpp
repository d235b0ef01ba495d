// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/layout_state.h"

#include <QCryptographicHash>
#include <QHeaderView>
#include <QSettings>
#include <QSplitter>
#include <QTableView>

namespace pilothouse::theme {

namespace {

constexpr const char* kRemembered = "rememberColumns";

QString keyOf(const QString& group, const QSplitter& splitter) {
    return group + QLatin1Char('/') + splitter.objectName();
}

/// Of a table and just these columns: a table that got others starts anew. Empty: not remembered here.
QString keyOf(const QString& group, const QTableView& table) {
    const QAbstractItemModel* const model = table.model();
    if (!table.property(kRemembered).toBool() || table.objectName().isEmpty() || !model || model->columnCount() == 0)
        return {};
    QByteArray names;
    for (int column = 0; column < model->columnCount(); ++column)
        names += model->headerData(column, Qt::Horizontal).toString().toUtf8() + '\n';
    const QByteArray digest = QCryptographicHash::hash(names, QCryptographicHash::Sha256).toHex().left(12);
    return QStringLiteral("%1/%2/%3").arg(group, table.objectName(), QString::fromLatin1(digest));
}

}  // namespace

void rememberColumns(QTableView& table) {
    table.setProperty(kRemembered, true);
    table.horizontalHeader()->setSectionsMovable(true);
}

void restoreLayout(QWidget& widget, const QString& group) {
    const QSettings settings;
    for (auto* splitter : widget.findChildren<QSplitter*>()) {
        if (splitter->objectName().isEmpty()) continue;
        const QByteArray state = settings.value(keyOf(group, *splitter)).toByteArray();
        if (!state.isEmpty()) splitter->restoreState(state);
    }
    for (auto* table : widget.findChildren<QTableView*>()) {
        const QString key = keyOf(group, *table);
        if (key.isEmpty()) continue;
        const QByteArray state = settings.value(key).toByteArray();
        if (!state.isEmpty()) table->horizontalHeader()->restoreState(state);
    }
}

void saveLayout(const QWidget& widget, const QString& group) {
    QSettings settings;
    for (const auto* splitter : widget.findChildren<QSplitter*>())
        if (!splitter->objectName().isEmpty()) settings.setValue(keyOf(group, *splitter), splitter->saveState());
    for (const auto* table : widget.findChildren<QTableView*>())
        if (const QString key = keyOf(group, *table); !key.isEmpty())
            settings.setValue(key, table->horizontalHeader()->saveState());
}

}  // namespace pilothouse::theme
