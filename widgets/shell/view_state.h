// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QWidget;

namespace pilothouse::shell {

/// Remembers, in the settings under `group`, how the splitters inside a widget stand. Those without an object name are
/// left out.
void restoreSplitters(QWidget& widget, const QString& group);
void saveSplitters(const QWidget& widget, const QString& group);

}  // namespace pilothouse::shell
