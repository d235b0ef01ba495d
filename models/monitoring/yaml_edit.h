// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/result.h"

/// Changes one key of one monitor in the text of its file, so that only the lines concerned change: comments, order,
/// quotes, indentation and line ends of all other lines stay as they are, to the byte.
namespace pilothouse::monitoring {

/// What a key is set to. Written in flow style, quoted where YAML needs it.
struct YamlValue {
    enum class Kind { Text, Plain, List, Map };
    Kind kind = Kind::Text;
    std::string scalar;
    std::vector<YamlValue> items;                            ///< of a list
    std::vector<std::pair<std::string, YamlValue>> entries;  ///< of a map

    static YamlValue text(std::string text) { return {Kind::Text, std::move(text), {}, {}}; }
    static YamlValue number(double value);
    static YamlValue boolean(bool value) { return {Kind::Plain, value ? "true" : "false", {}, {}}; }
    static YamlValue list(std::vector<YamlValue> items) { return {Kind::List, {}, std::move(items), {}}; }
    static YamlValue map(std::vector<std::pair<std::string, YamlValue>> entries) {
        return {Kind::Map, {}, {}, std::move(entries)};
    }
};

struct MonitorEdit {
    std::string monitor;             ///< its name; empty: the first of the file
    std::vector<std::string> path;   ///< {"minimum_effect"}, {"minimum_effects", "temp_f"}; maps on the way are made
    std::optional<YamlValue> value;  ///< nothing: the key is removed
};

/// The text after the edit. Setting a key that is not there adds it behind the others of its map.
///
/// Refused with the reason: InvalidInput for YAML that cannot be read, NotFound for a monitor or a key to be removed
/// that is not there, Unsupported for what cannot be edited line by line (anchors, aliases, tags, several documents,
/// tabs that indent, keys declared twice, keys that are no text). The result is read again and must differ from the
/// text in nothing but the edit; otherwise it is Unsupported, too. Bounded: 1 MiB. `file` is for errors.
[[nodiscard]] Result<std::string> editMonitor(std::string_view yaml, const std::string& file, const MonitorEdit& edit);

/// The change as `diff -u` shows it, with three lines around; empty when there is none.
[[nodiscard]] std::string unifiedDiff(std::string_view before, std::string_view after, const std::string& file);

/// Writes `after` in place of the file, whole or not at all. Conflict when the file does not hold `before` any more.
[[nodiscard]] Status replaceFile(const std::string& path, std::string_view before, std::string_view after);

}  // namespace pilothouse::monitoring
