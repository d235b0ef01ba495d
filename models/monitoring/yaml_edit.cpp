// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/yaml_edit.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "models/monitoring/yaml_places.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::size_t kMaximumBytes = 1 << 20;

// --- values ----------------------------------------------------------------------------------------------------------

bool isPlain(const std::string& text, bool isText) {
    constexpr std::string_view kInner = "_./%+- ";
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || text.back() == ' ') return false;
    if (!letter(text[0]) && !digit(text[0]) &&
        std::string_view(isText ? "_/" : "-.").find(text[0]) == std::string::npos)
        return false;
    if (!std::ranges::all_of(text,
                             [&](char c) { return letter(c) || digit(c) || kInner.find(c) != std::string::npos; }))
        return false;
    if (!isText) return true;
    // What another type would be read from.
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    for (const char* word : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
        if (lower == word) return false;
    return text.find_first_not_of("0123456789.+-_eE") != std::string::npos;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            const auto byte = static_cast<unsigned char>(c);
            ((out += "\\x") += kDigits[byte >> 4]) += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string written(const std::string& text) { return isPlain(text, true) ? text : quoted(text); }

std::string written(const YamlValue& value) {
    std::string out;
    switch (value.kind) {
        case YamlValue::Kind::Text:
            return written(value.scalar);
        case YamlValue::Kind::Plain:
            return isPlain(value.scalar, false) ? value.scalar : quoted(value.scalar);
        case YamlValue::Kind::List:
            for (const YamlValue& item : value.items)
                out += (out.empty() ? "" : ", ") + written(item);
            return '[' + out + ']';
        case YamlValue::Kind::Map:
            for (const auto& [key, item] : value.entries)
                out += (out.empty() ? "" : ", ") + written(key) + ": " + written(item);
            return '{' + out + '}';
    }
    return out;
}

YAML::Node nodeOf(const YamlValue& value) {
    YAML::Node out;
    switch (value.kind) {
        case YamlValue::Kind::Text:
        case YamlValue::Kind::Plain:
            return YAML::Node(value.scalar);
        case YamlValue::Kind::List:
            out = YAML::Node(YAML::NodeType::Sequence);
            for (const YamlValue& item : value.items)
                out.push_back(nodeOf(item));
            return out;
        case YamlValue::Kind::Map:
            out = YAML::Node(YAML::NodeType::Map);
            for (const auto& [key, item] : value.entries)
                out[key] = nodeOf(item);
            return out;
    }
    return out;
}

// --- the tree --------------------------------------------------------------------------------------------------------

bool equal(const YAML::Node& a, const YAML::Node& b) {
    if (a.Type() != b.Type() || a.size() != b.size()) return false;
    if (a.IsScalar()) return a.Scalar() == b.Scalar();
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end(); ++i, ++j) {
        if (a.IsMap() ? !equal(i->first, j->first) || !equal(i->second, j->second) : !equal(*i, *j)) return false;
    }
    return true;
}

std::optional<std::size_t> indexOf(const YAML::Node& map, const std::string& key) {
    std::size_t index = 0;
    for (const auto& entry : map) {
        if (entry.first.IsScalar() && entry.first.Scalar() == key) return index;
        ++index;
    }
    return {};
}

YAML::Node valueOf(const YAML::Node& map, std::size_t index) {
    auto it = map.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(index));
    return it->second;
}

Result<YAML::Node> findMonitor(const YAML::Node& root, const std::string& name, const std::string& file) {
    const auto is = [&name](const YAML::Node& node) {
        if (!node.IsMap()) return false;
        const auto at = indexOf(node, "name");
        return name.empty() || (at && valueOf(node, *at).IsScalar() && valueOf(node, *at).Scalar() == name);
    };
    if (root.IsMap()) {
        const auto list = indexOf(root, "monitors");
        if (!list && is(root)) return root;
        if (list && valueOf(root, *list).IsSequence())
            for (const YAML::Node& node : valueOf(root, *list))
                if (is(node)) return node;
    }
    return fail(ErrorKind::NotFound, "there is no monitor \"" + name + "\"", file);
}

/// The innermost map on the path that is there, and how much of the path led to it.
struct Reached {
    YAML::Node map;
    std::size_t depth = 0;
};
Result<Reached> follow(const YAML::Node& monitor, const std::vector<std::string>& path, const std::string& file) {
    Reached out{monitor, 0};
    while (out.depth + 1 < path.size()) {
        const auto at = indexOf(out.map, path[out.depth]);
        if (!at) return out;
        const YAML::Node next = valueOf(out.map, *at);
        if (next.IsNull()) return out;
        if (!next.IsMap()) return fail(ErrorKind::Unsupported, path[out.depth] + " is no map", file);
        out.map.reset(next);
        ++out.depth;
    }
    return out;
}

/// What is to be set where the path is left: the value, within the maps that are still to be made.
YamlValue within(const std::vector<std::string>& path, std::size_t depth, YamlValue value) {
    for (std::size_t i = path.size(); i-- > depth + 1;)
        value = YamlValue::map({{path[i], std::move(value)}});
    return value;
}

// --- the text --------------------------------------------------------------------------------------------------------

struct Splice {
    std::size_t from, to;
    std::string text;
};

class Editor {
public:
    explicit Editor(std::string_view text) : m_text(text), m_places(text) {}

    [[nodiscard]] std::vector<Splice> set(const YAML::Node& map, std::size_t index, const YamlValue& value) const {
        const EntryPlace p = m_places.entry(map, index);
        const std::string text = written(value);
        if (p.value == p.valueEnd) {
            const bool colon = p.colonEnd > 0 && m_text[p.colonEnd - 1] == ':';
            return {{p.colonEnd, p.colonEnd, (colon ? " " : ": ") + text}};
        }
        const std::size_t keyLine = m_places.lineOf(p.key);
        if (!p.blockValue || m_places.lineOf(p.value) == keyLine) return {{p.value, p.valueEnd, text}};
        // A comment behind the key stays; the lines below go.
        return {{p.colonEnd, p.colonEnd, ' ' + text},
                {m_places.lineStart(keyLine + 1), m_places.lineEnd(p.lastLine), ""}};
    }

    [[nodiscard]] std::vector<Splice> add(const YAML::Node& map, const std::string& key, const YamlValue& value) const {
        const std::string text = written(key) + ": " + written(value);
        const bool flow = map.Style() == YAML::EmitterStyle::Flow;
        if (map.size() == 0) {
            const std::size_t brace = m_places.offset(map.Mark()) + 1;
            return {{brace, brace, text}};
        }
        const EntryPlace last = m_places.entry(map, map.size() - 1);
        if (flow) return {{last.valueEnd, last.valueEnd, ", " + text}};
        const EntryPlace first = m_places.entry(map, 0);
        const std::size_t column = first.key - m_places.lineStart(m_places.lineOf(first.key));
        const std::size_t at = m_places.lineEnd(last.lastLine);
        const std::string end = endOfLine(m_places.lineOf(first.key));
        const bool closed = at > 0 && m_text[at - 1] == '\n';
        const std::string line = std::string(column, ' ') + text;
        return {{at, at, closed ? line + end : end + line}};
    }

    [[nodiscard]] Result<std::vector<Splice>> remove(const YAML::Node& map, std::size_t index) const {
        return map.Style() == YAML::EmitterStyle::Flow ? removeFromFlow(map, index) : removeFromBlock(map, index);
    }

    [[nodiscard]] std::string apply(std::vector<Splice> splices) const {
        std::string out(m_text);
        std::ranges::sort(splices, std::greater{}, &Splice::from);
        for (const Splice& s : splices)
            out.replace(s.from, s.to - s.from, s.text);
        return out;
    }

private:
    [[nodiscard]] std::string endOfLine(std::size_t line) const {
        const std::size_t end = m_places.lineEnd(line);
        if (end < 1 || m_text[end - 1] != '\n') return "\n";
        return end >= 2 && m_text[end - 2] == '\r' ? "\r\n" : "\n";
    }

    [[nodiscard]] Result<std::vector<Splice>> removeFromBlock(const YAML::Node& map, std::size_t index) const {
        if (map.size() == 1)
            return fail(ErrorKind::Unsupported,
                        "it is the only key of its map; remove the map, or edit the file by hand");
        const EntryPlace p = m_places.entry(map, index);
        const std::size_t start = m_places.lineStart(m_places.lineOf(p.key));
        if (m_text.substr(start, p.key - start).find_first_not_of(' ') == std::string_view::npos)
            return std::vector<Splice>{{start, m_places.lineEnd(p.lastLine), ""}};
        // Behind a dash: the next key takes its place.
        const EntryPlace next = m_places.entry(map, index + 1);
        if (m_places.lineOf(next.key) != p.lastLine + 1)
            return fail(ErrorKind::Unsupported,
                        "comments follow the first key of a list's item; edit the file by hand");
        return std::vector<Splice>{{p.key, next.key, ""}};
    }

    [[nodiscard]] Result<std::vector<Splice>> removeFromFlow(const YAML::Node& map, std::size_t index) const {
        const EntryPlace p = m_places.entry(map, index);
        std::size_t from = p.key, to = std::max(p.valueEnd, p.keyEnd);
        const auto skip = [this](std::size_t at) {
            while (at < m_text.size() && m_text[at] == ' ')
                ++at;
            return at;
        };
        if (const std::size_t comma = skip(to); comma < m_text.size() && m_text[comma] == ',') {
            to = skip(comma + 1);
        } else if (index > 0) {
            // The last one: the comma before it goes as well, where it is on the same line.
            std::size_t before = from;
            while (before > 0 && m_text[before - 1] == ' ')
                --before;
            if (before > 0 && m_text[before - 1] == ',') from = before - 1;
        }
        return std::vector<Splice>{{from, to, ""}};
    }

    std::string_view m_text;
    YamlPlaces m_places;
};

Result<std::string> changed(std::string_view yaml, const Reached& at, const MonitorEdit& edit,
                            const std::string& file) {
    const Editor editor(yaml);
    const std::string& key = edit.path[at.depth];
    const auto index = indexOf(at.map, key);
    if (!edit.value) {
        if (!index || at.depth + 1 < edit.path.size())
            return fail(ErrorKind::NotFound, "there is no key \"" + edit.path.back() + "\" to be removed", file);
        PH_ASSIGN(auto splices, editor.remove(at.map, *index));
        return editor.apply(std::move(splices));
    }
    const YamlValue value = within(edit.path, at.depth, *edit.value);
    return editor.apply(index ? editor.set(at.map, *index, value) : editor.add(at.map, key, value));
}

/// The same edit to the tree that the text was read into.
void changeTree(const Reached& at, const MonitorEdit& edit) {
    const std::string& key = edit.path[at.depth];
    YAML::Node map = at.map;
    if (edit.value)
        map[key] = nodeOf(within(edit.path, at.depth, *edit.value));
    else
        map.remove(key);
}

Result<std::string> edited(std::string_view yaml, const std::string& file, const MonitorEdit& edit) {
    YAML::Node root = YAML::Load(std::string(yaml));
    PH_ASSIGN(const auto monitor, findMonitor(root, edit.monitor, file));
    PH_ASSIGN(const auto at, follow(monitor, edit.path, file));
    PH_ASSIGN(std::string after, changed(yaml, at, edit, file));
    changeTree(at, edit);
    // What was understood of the text may be wrong; what YAML makes of it is not.
    bool same = false;
    if (checkEditable(after, file)) same = equal(YAML::Load(after), root);
    if (!same)
        return fail(ErrorKind::Unsupported,
                    "the key \"" + edit.path.back() + "\" cannot be edited line by line; edit the file by hand", file);
    return after;
}

}  // namespace

YamlValue YamlValue::number(double value) {
    std::array<char, 32> text{};
    const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {Kind::Plain, std::string(text.data(), end), {}, {}};
}

Result<std::string> editMonitor(std::string_view yaml, const std::string& file, const MonitorEdit& edit) {
    if (yaml.size() > kMaximumBytes) return fail(Error::invalid("more than 1 MiB of monitors", file));
    if (edit.path.empty()) return fail(Error::invalid("no key is named", file));
    PH_TRY(checkEditable(yaml, file));
    try {
        return edited(yaml, file, edit);
    } catch (const std::exception& e) {
        return fail(Error::invalid(e.what(), file));
    }
}

}  // namespace pilothouse::monitoring
