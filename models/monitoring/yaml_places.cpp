// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/yaml_places.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace pilothouse::monitoring {

namespace {

constexpr int kMaximumDepth = 50;

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Thrown through yaml-cpp's parser; never leaves checkEditable().
struct Refusal {
    int line;
    std::string what;
};

/// Looks at every event for what has no place in a file that is edited by lines.
class EditableCheck final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++m_documents > 1) throw Refusal{mark.line, "a second document"};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { node(mark, "", anchor, nullptr); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refusal{mark.line, "an alias"}; }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        node(mark, tag, anchor, &value);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        node(mark, tag, anchor, nullptr);
        push(mark, false);
    }
    void OnSequenceEnd() override { m_open.pop_back(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        node(mark, tag, anchor, nullptr);
        push(mark, true);
    }
    void OnMapEnd() override { m_open.pop_back(); }

private:
    struct Open {
        bool map = false, keyNext = true;
        std::set<std::string> keys;
    };
    void push(const YAML::Mark& mark, bool map) {
        if (m_open.size() >= kMaximumDepth) throw Refusal{mark.line, "nesting this deep"};
        m_open.push_back({map, true, {}});
    }
    void node(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string* scalar) {
        if (anchor != 0) throw Refusal{mark.line, "an anchor"};
        if (!tag.empty() && tag != "?" && tag != "!") throw Refusal{mark.line, "a tag"};
        if (m_open.empty() || !m_open.back().map) return;
        Open& map = m_open.back();
        if (map.keyNext) {
            if (!scalar) throw Refusal{mark.line, "a key that is no text"};
            if (!map.keys.insert(*scalar).second) throw Refusal{mark.line, "the key \"" + *scalar + "\" twice"};
        }
        map.keyNext = !map.keyNext;
    }
    std::vector<Open> m_open;
    int m_documents = 0;
};

}  // namespace

Status checkEditable(std::string_view yaml, const std::string& file) {
    const auto refuse = [&file](int line, const std::string& what) {
        return fail(ErrorKind::Unsupported, what + " is there, so the file is not edited line by line; edit it by hand",
                    file + ":" + std::to_string(line + 1));
    };
    int line = 0;
    for (std::size_t at = 0; at < yaml.size(); ++line) {
        const auto end = std::min(yaml.find('\n', at), yaml.size());
        const auto text = yaml.substr(at, end - at);
        const auto first = text.find_first_not_of(' ');
        if (first != std::string_view::npos && text[first] == '\t') return refuse(line, "a tab that indents");
        if (text.starts_with("---") || text.starts_with("...") || text.starts_with('%'))
            return refuse(line, "a mark of a document");
        at = end + 1;
    }
    if (yaml.starts_with("\xEF\xBB\xBF")) return refuse(0, "a byte order mark");
    if (const auto nul = yaml.find('\0'); nul != std::string_view::npos) return refuse(0, "a byte that is no text");
    try {
        std::istringstream stream{std::string(yaml)};
        YAML::Parser parser(stream);
        EditableCheck check;
        // Behind a map in flow style yaml-cpp finds empty documents without end: the second one is refused.
        while (parser.HandleNextDocument(check)) {
        }
        return {};
    } catch (const Refusal& refusal) {
        return refuse(refusal.line, refusal.what);
    } catch (const YAML::Exception& e) {
        return fail(Error::invalid(e.msg, e.mark.is_null() ? file : file + ":" + std::to_string(e.mark.line + 1)));
    }
}

YamlPlaces::YamlPlaces(std::string_view text) : m_text(text), m_lines{0} {
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        if (text[i] == '\n') m_lines.push_back(i + 1);
}

std::size_t YamlPlaces::offset(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= m_lines.size()) return m_text.size();
    return std::min(m_lines[static_cast<std::size_t>(mark.line)] + static_cast<std::size_t>(mark.column),
                    m_text.size());
}

std::size_t YamlPlaces::lineOf(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(m_lines.begin(), m_lines.end(), offset) - m_lines.begin()) - 1;
}

std::size_t YamlPlaces::quotedEnd(std::size_t at) const {
    const char quote = m_text[at];
    for (std::size_t i = at + 1; i < m_text.size(); ++i) {
        if (quote == '"' && m_text[i] == '\\') {
            ++i;
        } else if (m_text[i] == quote) {
            if (quote == '"' || i + 1 >= m_text.size() || m_text[i + 1] != quote) return i + 1;
            ++i;  // '' within single quotes
        }
    }
    return m_text.size();
}

/// On one line: up to a comment or, within braces, to what ends it; without blanks at its end.
std::size_t YamlPlaces::plainEnd(std::size_t at, bool flow) const {
    std::size_t end = at;
    for (std::size_t i = at; i < m_text.size() && m_text[i] != '\n'; ++i) {
        const char c = m_text[i];
        if (c == '#' && i > at && isBlank(m_text[i - 1])) break;
        if (flow && (c == ',' || c == ']' || c == '}')) break;
        if (!isBlank(c)) end = i + 1;
    }
    return end;
}

std::size_t YamlPlaces::flowEnd(std::size_t at) const {
    if (at >= m_text.size()) return m_text.size();
    if (m_text[at] == '"' || m_text[at] == '\'') return quotedEnd(at);
    if (m_text[at] != '[' && m_text[at] != '{') return plainEnd(at, true);
    int depth = 0;
    char before = ' ';
    for (std::size_t i = at; i < m_text.size(); before = m_text[i], ++i) {
        const char c = m_text[i];
        // A quote within a plain text is no quote.
        const bool begins =
            isBlank(before) || before == '\n' || before == '[' || before == '{' || before == ',' || before == ':';
        if ((c == '"' || c == '\'') && begins) {
            i = quotedEnd(i) - 1;
        } else if (c == '#' && (isBlank(before) || before == '\n')) {
            while (i + 1 < m_text.size() && m_text[i + 1] != '\n')
                ++i;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if ((c == ']' || c == '}') && --depth == 0) {
            return i + 1;
        }
    }
    return m_text.size();
}

std::size_t YamlPlaces::keyEnd(std::size_t at, bool flow) const {
    if (at < m_text.size() && (m_text[at] == '"' || m_text[at] == '\'')) return quotedEnd(at);
    for (std::size_t i = at; i < m_text.size() && m_text[i] != '\n'; ++i) {
        if (m_text[i] != ':') continue;
        const char next = i + 1 < m_text.size() ? m_text[i + 1] : '\n';
        if (isBlank(next) || next == '\n' || (flow && (next == ',' || next == '}'))) {
            while (i > at && isBlank(m_text[i - 1]))
                --i;
            return i;
        }
    }
    return plainEnd(at, flow);
}

/// The last line below a key that is part of its value: deeper lines, and items of a list at the key's own column.
std::size_t YamlPlaces::lastLineBelow(std::size_t keyLine, std::size_t keyColumn, std::size_t limit,
                                      const YAML::Node& value, bool blockScalar) const {
    std::size_t last = keyLine;
    for (std::size_t line = keyLine + 1; line < std::min(limit, m_lines.size()); ++line) {
        const std::string_view text = m_text.substr(m_lines[line], lineEnd(line) - m_lines[line]);
        const auto indent = text.find_first_not_of(' ');
        if (indent == std::string_view::npos || text[indent] == '\n' || text[indent] == '\r') continue;
        const bool item = indent == keyColumn && value.IsSequence() && text[indent] == '-' &&
                          (indent + 1 >= text.size() || isBlank(text[indent + 1]) || text[indent + 1] == '\n');
        if (text[indent] == '#' && !(blockScalar && indent > keyColumn)) continue;
        if (indent <= keyColumn && !item) break;
        last = line;
    }
    return last;
}

void YamlPlaces::placeBlockValue(EntryPlace& place, const YAML::Node& value, std::size_t limit) const {
    const std::size_t keyLine = lineOf(place.key), keyColumn = place.key - lineStart(keyLine);
    const char first = place.value < m_text.size() ? m_text[place.value] : '\n';
    const bool blockScalar = value.IsScalar() && (first == '|' || first == '>');
    const std::size_t below = lastLineBelow(keyLine, keyColumn, limit, value, blockScalar);
    if (value.IsScalar() && (first == '"' || first == '\'')) {
        place.valueEnd = quotedEnd(place.value);
    } else if (value.IsScalar() && !blockScalar && below == lineOf(place.value)) {
        place.valueEnd = plainEnd(place.value, false);
    } else {
        place.blockValue = true;
        const std::size_t end = lineEnd(below);
        place.valueEnd = end;
        while (place.valueEnd > place.value &&
               (m_text[place.valueEnd - 1] == '\n' || m_text[place.valueEnd - 1] == '\r'))
            --place.valueEnd;
    }
    place.lastLine = std::max(below, lineOf(place.valueEnd - 1));
}

EntryPlace YamlPlaces::entry(const YAML::Node& map, std::size_t index) const {
    auto it = map.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(index));
    const YAML::Node value = it->second;
    const bool flow = map.Style() == YAML::EmitterStyle::Flow;
    EntryPlace place;
    place.key = offset(it->first.Mark());
    place.keyEnd = keyEnd(place.key, flow);
    place.colonEnd = place.keyEnd;
    while (place.colonEnd < m_text.size() && isBlank(m_text[place.colonEnd]))
        ++place.colonEnd;
    if (place.colonEnd < m_text.size() && m_text[place.colonEnd] == ':') ++place.colonEnd;
    place.value = place.valueEnd = place.colonEnd;
    place.lastLine = lineOf(place.keyEnd == 0 ? 0 : place.keyEnd - 1);
    const std::size_t at = offset(value.Mark());
    // A value that is not written (the text "null" is) has no place of its own.
    const bool written = value.IsDefined() && at >= place.colonEnd && at < m_text.size() &&
                         (!value.IsNull() || std::string_view("nN~").find(m_text[at]) != std::string_view::npos);
    if (!written) return place;
    place.value = at;
    if (flow || ((value.IsMap() || value.IsSequence()) && value.Style() == YAML::EmitterStyle::Flow)) {
        place.valueEnd = flowEnd(at);
        place.lastLine = lineOf(place.valueEnd == 0 ? 0 : place.valueEnd - 1);
        return place;
    }
    std::size_t limit = m_lines.size();
    if (++it != map.end()) limit = lineOf(offset(it->first.Mark()));
    placeBlockValue(place, value, limit);
    return place;
}

}  // namespace pilothouse::monitoring
