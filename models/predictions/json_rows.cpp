// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/json_rows.h"

#include <simdjson.h>

#include <cstring>
#include <deque>
#include <limits>
#include <unordered_map>

namespace pilothouse::predictions {

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxNames = 20'000;

std::string_view reasonOf(error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR:
            return "not UTF-8";
        case simdjson::DEPTH_ERROR:
            return "nested too deeply";
        case simdjson::NUMBER_ERROR:
            return "a number cannot be read";
        default:
            return "not JSON";
    }
}

std::string_view trimmed(std::string_view token) {
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t' || token.back() == '\r'))
        token.remove_suffix(1);
    return token;
}

/// A key without its escapes, for the name of a column.
std::string plainKey(const std::string& key) {
    if (key.find('\\') == std::string::npos) return key;
    simdjson::padded_string text("\"" + key + "\"");
    ondemand::parser parser;
    ondemand::document document;
    std::string_view out;
    if (parser.iterate(text).get(document) || document.get_string().get(out)) return key;
    return std::string(out);
}

}  // namespace

/// Names are looked up once: the keys of a line mostly come in the order of the line before.
struct JsonRowReader::Private {
    struct Node;
    struct Child {
        std::string key;  ///< as it is written, escapes and all
        std::uint32_t slot = 0;
        bool slotKnown = false;
        Node* node = nullptr;  ///< where the value was an object
    };
    struct Node {
        std::string path;  ///< with the dot behind it
        std::deque<Child> children;
        std::unordered_map<std::string, Child*> byKey;
    };

    ondemand::parser parser;
    RowSink* sink = nullptr;
    std::deque<Node> nodes;
    std::size_t names = 0;

    error_code object(ondemand::object from, Node& node, std::size_t depth);
    error_code value(ondemand::value from, Node& node, Child& child, std::size_t depth);
    error_code scalar(ondemand::value from, ondemand::json_type type, std::uint32_t slot);
    bool bareWord(ondemand::value from, std::uint32_t slot);
    Child* childOf(Node& node, std::size_t expected, const char* raw);
    error_code document(const RowPlace& place, std::string_view line);
};

JsonRowReader::JsonRowReader() : d(std::make_unique<Private>()) {}
JsonRowReader::~JsonRowReader() = default;

void JsonRowReader::start(RowSink& sink) {
    d->sink = &sink;
    d->nodes.clear();
    d->nodes.emplace_back();
    d->names = 0;
}

/// The child whose key lies at `raw`, up to its closing quote; null when there are too many names.
JsonRowReader::Private::Child* JsonRowReader::Private::childOf(Node& node, std::size_t expected, const char* raw) {
    if (expected < node.children.size()) {
        Child& child = node.children[expected];
        // A key that ends earlier differs at its quote at the latest; the padding makes the read safe.
        if (child.key.size() < kJsonPadding && std::memcmp(raw, child.key.data(), child.key.size()) == 0 &&
            raw[child.key.size()] == '"')
            return &child;
    }
    const char* end = raw;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    std::string key(raw, end);
    if (const auto known = node.byKey.find(key); known != node.byKey.end()) return known->second;
    if (names >= kMaxNames) return nullptr;
    ++names;
    Child& child = node.children.emplace_back();
    child.key = key;
    node.byKey.emplace(std::move(key), &child);
    return &child;
}

error_code JsonRowReader::Private::object(ondemand::object from, Node& node, std::size_t depth) {
    std::size_t expected = 0;
    for (auto entry : from) {
        ondemand::field field;
        if (const auto error = std::move(entry).get(field)) return error;
        Child* child = childOf(node, expected++, field.key().raw());
        if (!child) {
            sink->setNumber(RowSink::kNoRoom, 0);
            continue;
        }
        if (const auto error = value(field.value(), node, *child, depth)) return error;
    }
    return simdjson::SUCCESS;
}

error_code JsonRowReader::Private::value(ondemand::value from, Node& node, Child& child, std::size_t depth) {
    ondemand::json_type type;
    const error_code unknown = from.type().get(type);
    if (!unknown && type == ondemand::json_type::object) {
        if (depth >= kMaxDepth) return simdjson::DEPTH_ERROR;
        if (!child.node) {
            child.node = &nodes.emplace_back();
            child.node->path = node.path + plainKey(child.key) + ".";
        }
        ondemand::object inner;
        if (const auto error = from.get_object().get(inner)) return error;
        return object(inner, *child.node, depth + 1);
    }
    if (!child.slotKnown) {
        child.slot = sink->slotOf(node.path + plainKey(child.key));
        child.slotKnown = true;
    }
    if (unknown) return bareWord(from, child.slot) ? simdjson::SUCCESS : unknown;
    return scalar(from, type, child.slot);
}

/// What Python's json writes for numbers that JSON has no form for.
bool JsonRowReader::Private::bareWord(ondemand::value from, std::uint32_t slot) {
    const std::string_view token = trimmed(from.raw_json_token());
    if (token == "NaN") return true;
    if (token != "Infinity" && token != "-Infinity") return false;
    const double infinity = std::numeric_limits<double>::infinity();
    sink->setNumber(slot, token.front() == '-' ? -infinity : infinity);
    return true;
}

error_code JsonRowReader::Private::scalar(ondemand::value from, ondemand::json_type type, std::uint32_t slot) {
    switch (type) {
        case ondemand::json_type::string: {
            // Mostly there is nothing to undo, and the text can stay where it is.
            std::string_view text = trimmed(from.raw_json_token());
            if (text.size() >= 2 && text.back() == '"' && std::memchr(text.data(), '\\', text.size()) == nullptr) {
                sink->setText(slot, text.substr(1, text.size() - 2));
                return simdjson::SUCCESS;
            }
            if (const auto error = from.get_string().get(text)) return error;
            sink->setText(slot, text);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::number: {
            double number = 0;
            const bool asText = sink->wantsText(slot);
            const std::string_view token = asText ? trimmed(from.raw_json_token()) : std::string_view{};
            if (const auto error = from.get_double().get(number))
                return bareWord(from, slot) ? simdjson::SUCCESS : error;
            if (asText)
                sink->setText(slot, token);
            else
                sink->setNumber(slot, number);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::boolean: {
            bool yes = false;
            if (const auto error = from.get_bool().get(yes)) return error;
            sink->setBoolean(slot, yes);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::array: {
            ondemand::array array;
            if (const auto error = from.get_array().get(array)) return error;
            std::string_view raw;
            if (const auto error = array.raw_json().get(raw)) return error;
            sink->setText(slot, trimmed(raw));
            return simdjson::SUCCESS;
        }
        default: {
            bool null = false;
            if (const auto error = from.is_null().get(null)) return error;
            return null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
        }
    }
}

error_code JsonRowReader::Private::document(const RowPlace&, std::string_view line) {
    ondemand::document document;
    const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
    if (const auto error = parser.iterate(padded).get(document)) return error;
    ondemand::object root;
    if (const auto error = document.get_object().get(root)) return error;
    if (const auto error = object(root, nodes.front(), 0)) return error;
    const char* behind = nullptr;
    return document.current_location().get(behind) ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

void JsonRowReader::read(const RowPlace& place, std::string_view line) {
    if (const auto error = d->document(place, line)) {
        std::string detail = simdjson::error_message(error);
        // simdjson's texts are sentences.
        while (!detail.empty() && detail.back() == '.')
            detail.pop_back();
        d->sink->reject(reasonOf(error), std::move(detail));
    }
    d->sink->finishRow(place, line);
}

namespace {

bool leavesOf(ondemand::object object, const std::string& path, std::size_t depth, std::vector<JsonLeaf>& out) {
    for (auto entry : object) {
        ondemand::field field;
        if (std::move(entry).get(field)) return false;
        std::string_view key;
        if (field.unescaped_key().get(key)) return false;
        const std::string name = path + std::string(key);
        ondemand::value value = field.value();
        ondemand::json_type type;
        if (value.type().get(type)) return false;
        if (type == ondemand::json_type::object) {
            ondemand::object inner;
            if (depth >= kMaxDepth || value.get_object().get(inner) || !leavesOf(inner, name + ".", depth + 1, out))
                return false;
            continue;
        }
        if (out.size() >= kMaxNames) return true;
        std::string_view text;
        if (type == ondemand::json_type::string) {
            if (value.get_string().get(text)) return false;
            out.push_back({name, std::string(text), false});
        } else if (type == ondemand::json_type::number || type == ondemand::json_type::boolean) {
            out.push_back({name, std::string(trimmed(value.raw_json_token())), true});
        }
    }
    return true;
}

}  // namespace

bool jsonLeaves(std::string_view line, std::vector<JsonLeaf>& out) {
    ondemand::parser parser;
    const simdjson::padded_string text(line);
    ondemand::document document;
    ondemand::object root;
    if (parser.iterate(text).get(document) || document.get_object().get(root)) return false;
    return leavesOf(root, {}, 0, out);
}

}  // namespace pilothouse::predictions
