// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/view_state.h"

#include <QSettings>
#include <QSplitter>

namespace pilothouse::shell {

namespace {
QString keyOf(const QString& group, const QSplitter& splitter) {
    return group + QLatin1Char('/') + splitter.objectName();
}
}  // namespace

void restoreSplitters(QWidget& widget, const QString& group) {
    const QSettings settings;
    for (auto* splitter : widget.findChildren<QSplitter*>()) {
        if (splitter->objectName().isEmpty()) continue;
        const QByteArray state = settings.value(keyOf(group, *splitter)).toByteArray();
        if (!state.isEmpty()) splitter->restoreState(state);
    }
}

void saveSplitters(const QWidget& widget, const QString& group) {
    QSettings settings;
    for (const auto* splitter : widget.findChildren<QSplitter*>())
        if (!splitter->objectName().isEmpty()) settings.setValue(keyOf(group, *splitter), splitter->saveState());
}

}  // namespace pilothouse::shell
