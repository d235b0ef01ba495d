// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <string>

#include "app/command_line.h"
#include "models/engine/engine.h"

namespace pilothouse::app {

/// Opens the demo's workspace, or makes it.
[[nodiscard]] Result<std::shared_ptr<workspace::Workspace>> openOrCreateDemo(const std::string& path,
                                                                             const engine::DemoOptions& options);
[[nodiscard]] Result<engine::DemoOptions> demoOptions(const DemoArguments& arguments);
/// "1", "0.25", "max" → simulated days a second.
[[nodiscard]] Result<double> parseSpeed(const std::string& text);

/// The report as a page of its own: no script, pictures inside, printable. `pictures`: name → PNG bytes.
[[nodiscard]] QByteArray reportHtml(const QJsonObject& report,
                                    const std::vector<std::pair<QString, QByteArray>>& pictures);

}  // namespace pilothouse::app
