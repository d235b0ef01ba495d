// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSize>
#include <QString>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/base/result.h"
#include "models/base/timestamp.h"
#include "models/workspace/workspace.h"

/// Pictures of the real views, drawn without a display.
namespace pilothouse::app {

struct PictureOptions {
    QSize size{1600, 900};
    bool dark = false;
    int timeoutMs = 30'000;          ///< for each view to answer
    std::optional<TimeRange> range;  ///< what the lens shows; else the last 28 days
};

/// Before the QApplication: no display needed, and `scale` pixels to a logical one.
void prepareForPictures(double scale);
/// "overview" … "registry" with their PNG bytes. Needs a QApplication and its GUI thread. Runs an event loop until each
/// view is up to date; Timeout when one is not in time.
[[nodiscard]] Result<std::vector<std::pair<QString, QByteArray>>> drawPictures(
    std::shared_ptr<workspace::Workspace> workspace, const PictureOptions& options);
/// The same into FOLDER/overview.png and so on; the folder is made.
[[nodiscard]] Status savePictures(std::shared_ptr<workspace::Workspace> workspace, const std::string& folder,
                                  const PictureOptions& options);

}  // namespace pilothouse::app
