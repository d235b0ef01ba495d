// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/base/result.h"
#include "models/base/time_zone.h"
#include "models/monitoring/label_matchers.h"

/// Inside of the folder only; callers use parseMonitors().
namespace pilothouse::monitoring {

/// Reads one monitor's keys; keeps the file's name for errors, and which keys were read so that others can be refused.
class MapReader {
public:
    MapReader(const YAML::Node& map, std::string file) : m_map(map), m_file(std::move(file)) {}

    [[nodiscard]] Error error(const YAML::Node& at, const std::string& what) const {
        const YAML::Mark mark = at.IsDefined() ? at.Mark() : m_map.Mark();
        return Error::invalid(what, m_file + ":" + std::to_string(mark.line + 1));
    }

    Status text(const char* key, std::string& out, bool required = false) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) {
            if (required) return fail(error(m_map, std::string("the key \"") + key + "\" is missing"));
            return {};
        }
        if (!node.IsScalar()) return fail(error(node, std::string(key) + ": a text is expected"));
        out = node.Scalar();
        if (required && out.empty()) return fail(error(node, std::string(key) + ": is empty"));
        return {};
    }

    Status number(const char* key, double& out, double low, double high) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        PH_ASSIGN(out, scalar(node, key));
        return within(key, out, low, high);
    }

    Status optionalNumber(const char* key, std::optional<double>& out, double low, double high) {
        if (!take(key).IsDefined()) return {};
        double value = 0;
        PH_TRY(number(key, value, low, high));
        out = value;
        return {};
    }

    Status within(const char* key, double value, double low, double high) {
        if (value >= low && value <= high) return {};
        return fail(error(take(key), std::string(key) + ": " + shown(value) + " is not within " + shown(low) + " and " +
                                         shown(high)));
    }

    Status integer(const char* key, int& out, int low, int high) {
        double value = out;
        PH_TRY(number(key, value, low, high));
        if (value != static_cast<int>(value))
            return fail(error(take(key), std::string(key) + ": a whole number is expected"));
        out = static_cast<int>(value);
        return {};
    }

    Status duration(const char* key, Duration& out) {
        std::string written;
        PH_TRY(text(key, written));
        if (written.empty()) return {};
        const auto parsed = parseDuration(written);
        if (!parsed || parsed->count() < 0)
            return fail(
                error(take(key), std::string(key) + ": \"" + written + "\" is not a duration such as 36h or 14d"));
        out = *parsed;
        return {};
    }

    Status list(const char* key, std::vector<std::string>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsSequence()) return fail(error(node, std::string(key) + ": a list is expected"));
        if (node.size() > kMaximumList) return fail(error(node, std::string(key) + ": the list is too long"));
        out.clear();
        for (const YAML::Node& item : node) {
            if (!item.IsScalar()) return fail(error(item, std::string(key) + ": a list of texts is expected"));
            out.push_back(item.Scalar());
        }
        return {};
    }

    Status numbers(const char* key, std::map<std::string, double>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": columns with a number are expected"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) return fail(error(entry.first, std::string(key) + ": a column is expected"));
            PH_ASSIGN(const double value, scalar(entry.second, key));
            if (value < 0) return fail(error(entry.second, std::string(key) + ": is negative"));
            out[entry.first.Scalar()] = value;
        }
        return {};
    }

    /// Names of labels or annotations, with their texts.
    Status labels(const char* key, std::map<std::string, std::string>& out, const std::set<std::string>& reserved) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": names with a text are expected"));
        if (node.size() > kMaximumLabels) return fail(error(node, std::string(key) + ": there are too many"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar() || !isLabelName(entry.first.Scalar()) || !entry.second.IsScalar())
                return fail(
                    error(entry.first, std::string(key) + ": a name (letters, digits, _) with a text is expected"));
            if (reserved.contains(entry.first.Scalar()))
                return fail(error(entry.first, std::string(key) + ": " + entry.first.Scalar() + " is set by itself"));
            if (entry.second.Scalar().size() > kMaximumText)
                return fail(error(entry.second, std::string(key) + ": the text is too long"));
            out[entry.first.Scalar()] = entry.second.Scalar();
        }
        return {};
    }

    Status ranges(const char* key, std::map<std::string, std::pair<double, double>>& out) {
        const YAML::Node node = take(key);
        if (!node.IsDefined()) return {};
        if (!node.IsMap()) return fail(error(node, std::string(key) + ": columns with [low, high] are expected"));
        for (const auto& entry : node) {
            if (!entry.first.IsScalar() || !entry.second.IsSequence() || entry.second.size() != 2)
                return fail(error(entry.first, std::string(key) + ": \"column: [low, high]\" is expected"));
            PH_ASSIGN(const double low, scalar(entry.second[0], key));
            PH_ASSIGN(const double high, scalar(entry.second[1], key));
            if (!(low <= high)) return fail(error(entry.second, std::string(key) + ": low is above high"));
            out[entry.first.Scalar()] = {low, high};
        }
        return {};
    }

    /// One of the words of a fixed list.
    Status word(const char* key, std::string& out, const std::vector<std::string>& words) {
        PH_TRY(text(key, out));
        if (std::find(words.begin(), words.end(), out) != words.end()) return {};
        std::string all;
        for (const std::string& w : words)
            all += (all.empty() ? "" : ", ") + w;
        return fail(error(take(key), std::string(key) + ": \"" + out + "\" is not one of " + all));
    }

    YAML::Node take(const char* key) {
        m_known.insert(key);
        return m_map[key];
    }

    [[nodiscard]] Status nothingElse() const {
        for (const auto& entry : m_map) {
            if (!entry.first.IsScalar()) return fail(error(entry.first, "a key must be a text"));
            if (!m_known.contains(entry.first.Scalar()))
                return fail(error(entry.first, "the key \"" + entry.first.Scalar() + "\" is not known"));
        }
        return {};
    }

private:
    static constexpr std::size_t kMaximumList = 10'000, kMaximumLabels = 50, kMaximumText = 4096;

    [[nodiscard]] Result<double> scalar(const YAML::Node& node, const char* key) const {
        double value = 0;
        if (node.IsScalar()) {
            const std::string& s = node.Scalar();
            const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), value);
            if (code == std::errc() && end == s.data() + s.size() && std::isfinite(value)) return value;
        }
        return fail(error(node, std::string(key) + ": a number is expected"));
    }
    static std::string shown(double value) {
        char text[32];
        const auto [end, code] = std::to_chars(text, text + sizeof text, value);
        return std::string(text, end);
    }

    const YAML::Node m_map;
    std::string m_file;
    std::set<std::string> m_known;
};

}  // namespace pilothouse::monitoring
