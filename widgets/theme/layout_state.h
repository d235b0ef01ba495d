// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QTableView;
class QWidget;

namespace pilothouse::theme {

/// The table's columns can be moved, and saveLayout() keeps their widths and their order. For tables whose columns are
/// always the same and which do not fit them to the window themselves.
void rememberColumns(QTableView& table);

/// Remembers, in the settings under `group`, how the splitters inside a widget stand (those with an object name), and
/// the columns of such tables.
void restoreLayout(QWidget& widget, const QString& group);
void saveLayout(const QWidget& widget, const QString& group);

}  // namespace pilothouse::theme
