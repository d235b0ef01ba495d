// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QSet>
#include <QStringList>

namespace pilothouse::layering {

/// What the build knows (written by this folder's CMakeLists.txt).
struct Facts {
    QMap<QString, QSet<QString>> allowed;  ///< layer → layers that it may use
    QMap<QString, QString> layerOf;        ///< "models/base/result.h" → "base"
    QSet<QString> guiClasses;              ///< "QColor", …
};

[[nodiscard]] Facts readFacts(const QString& file);
[[nodiscard]] const QSet<QString>& layersWithoutQt();
[[nodiscard]] QString readText(const QString& path);
/// What one file of models/, widgets/ or resources/ does that its layer may not.
[[nodiscard]] QStringList violations(const Facts& facts, const QString& path, const QString& text);
/// What is missing of what every source file has to begin with.
[[nodiscard]] QStringList formViolations(const QString& path, const QString& text);

}  // namespace pilothouse::layering
