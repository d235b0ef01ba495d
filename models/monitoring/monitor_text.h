// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "models/base/result.h"

/// A monitor's text, key by key, for a form.
namespace pilothouse::monitoring {

/// Keys of a monitor and what is written there: scalars as they are, lists as "a, b". Maps ("minimum_effects",
/// "labels") are left out: a form leaves them as they are.
using MonitorValues = std::map<std::string, std::string>;

/// Of the first monitor of a text; InvalidInput for what is no YAML.
[[nodiscard]] Result<MonitorValues> valuesOf(std::string_view yaml, const std::string& file);

/// The text with these keys set to these values, an empty one being taken away; keys that are not named stay, and so
/// does every line that nothing changes (see yaml_edit.h). Of an empty text a new monitor is written, name, model and
/// kind first. `columns`, `cluster`, `checks`, `classes` and `probabilities` are lists. Fails as editMonitor() does.
[[nodiscard]] Result<std::string> withValues(std::string_view yaml, const std::string& file,
                                             const MonitorValues& values);

/// The text of a monitor as strict as outcomeAt() makes it at the factor: its limit moved, or else all of its minimum
/// effects multiplied.
[[nodiscard]] Result<std::string> withFactor(std::string_view yaml, const std::string& file, double factor);

}  // namespace pilothouse::monitoring
