// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::monitoring {

/// A key of a map in the text. Offsets are bytes; an end is behind the last byte.
struct EntryPlace {
    std::size_t key = 0, keyEnd = 0;      ///< the key itself, quotes included
    std::size_t colonEnd = 0;             ///< behind the colon
    std::size_t value = 0, valueEnd = 0;  ///< equal: there is no value
    std::size_t lastLine = 0;             ///< number of the last line that holds some of it, from 0
    bool blockValue = false;              ///< its value is made of lines below the key
};

/// Where things are in a YAML text. yaml-cpp knows where nodes begin; where they end is read here.
class YamlPlaces {
public:
    explicit YamlPlaces(std::string_view text);
    /// Of entry `index` of a map, whose key is a scalar. Places are a guess of what the text means: the caller reads
    /// its result again.
    [[nodiscard]] EntryPlace entry(const YAML::Node& map, std::size_t index) const;

    [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const;
    [[nodiscard]] std::size_t lineOf(std::size_t offset) const;
    [[nodiscard]] std::size_t lineStart(std::size_t line) const { return m_lines[line]; }
    /// Behind the line's end, or the text's.
    [[nodiscard]] std::size_t lineEnd(std::size_t line) const {
        return line + 1 < m_lines.size() ? m_lines[line + 1] : m_text.size();
    }
    [[nodiscard]] std::size_t lines() const { return m_lines.size(); }
    /// Behind the value that begins at `at`, within braces or brackets.
    [[nodiscard]] std::size_t flowEnd(std::size_t at) const;

private:
    [[nodiscard]] std::size_t quotedEnd(std::size_t at) const;
    [[nodiscard]] std::size_t plainEnd(std::size_t at, bool flow) const;
    [[nodiscard]] std::size_t keyEnd(std::size_t at, bool flow) const;
    [[nodiscard]] std::size_t lastLineBelow(std::size_t keyLine, std::size_t keyColumn, std::size_t limit,
                                            const YAML::Node& value, bool blockScalar) const;
    void placeBlockValue(EntryPlace& place, const YAML::Node& value, std::size_t limit) const;

    std::string_view m_text;
    std::vector<std::size_t> m_lines;  ///< where each begins
};

/// Unsupported, with the line, for what cannot be edited line by line: see editMonitor().
[[nodiscard]] Status checkEditable(std::string_view yaml, const std::string& file);

}  // namespace pilothouse::monitoring
