// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "models/base/result.h"
#include "models/base/timestamp.h"

/// Fields of MLflow's JSON, as its servers write them: what is empty is left out, 64-bit integers are numbers or texts
/// (protobuf's JSON form has texts), NaN and infinities are texts or the largest double. Within this library only.
namespace pilothouse::connect::mlflow::fields {

// The whole document is checked before anything is read from it, as in the reader of Prometheus's answers.
namespace json = simdjson::dom;

inline constexpr std::size_t kMaxDepth = 32;       ///< of objects and lists in each other; answers have 7
inline constexpr std::size_t kMaxName = 2'000;     ///< bytes of keys, ids and names; servers allow 500 at most
inline constexpr std::size_t kMaxValue = 100'000;  ///< bytes of values and descriptions; servers allow 8,000

/// What is wrong with an answer. Thrown by the functions below; read() makes an Error of it.
struct Unsound {
    std::string what;
};

/// The field; nothing where it is absent or null.
[[nodiscard]] std::optional<json::element> at(json::object object, std::string_view key);
/// Of a text or a whole number (ids of old servers); empty where it is absent.
[[nodiscard]] std::string text(json::object object, std::string_view key, std::size_t most = kMaxName);
[[nodiscard]] std::int64_t integer(json::object object, std::string_view key, std::int64_t otherwise = 0);
[[nodiscard]] bool flag(json::object object, std::string_view key);
/// Milliseconds since 1970; nothing where it is absent, 0 or negative (an end that was never).
[[nodiscard]] std::optional<Timestamp> time(json::object object, std::string_view key);
/// "NaN", "Infinity", "-Infinity" and ±1.797e308 (what databases keep for infinities) become such numbers.
[[nodiscard]] double number(json::object object, std::string_view key);
/// The list, or nothing where it is absent; `each` is called with its objects.
template <class Each>
std::size_t objects(json::object object, std::string_view key, std::size_t most, Each each) {
    const auto found = at(object, key);
    if (!found) return 0;
    json::array array;
    if (found->get_array().get(array)) throw Unsound{std::string(key) + " is not a list"};
    std::size_t count = 0;
    for (const json::element item : array) {
        json::object one;
        if (item.get_object().get(one)) throw Unsound{"an entry of " + std::string(key) + " is not an object"};
        if (++count > most) throw Unsound{std::string(key) + " has more than " + std::to_string(most) + " entries"};
        each(one);
    }
    return count;
}
/// The object, or nothing where it is absent.
[[nodiscard]] std::optional<json::object> object(json::object object, std::string_view key);
/// A list of {"key": …, "value": …}. Of a key that comes twice, the last.
[[nodiscard]] std::map<std::string, std::string> pairs(json::object object, std::string_view key);

/// Runs `take` on the document's object. InvalidInput, with what is wrong, for anything that is no such answer.
template <class Take>
auto read(std::string_view answer, const std::string& source, Take take)
    -> Result<decltype(take(std::declval<json::object>()))> {
    const auto unsound = [&](std::string what, std::string detail) {
        return fail(ErrorKind::InvalidInput, "not an answer of MLflow: " + std::move(what), source, std::move(detail));
    };
    try {
        json::parser parser;
        if (parser.allocate(answer.size() + 1, kMaxDepth)) return unsound("it is too long", {});
        const simdjson::padded_string padded(answer);
        json::object root;
        json::element document;
        if (const auto error = parser.parse(padded).get(document); error)
            return unsound(error == simdjson::DEPTH_ERROR ? "it is nested too deeply" : "its JSON cannot be read",
                           simdjson::error_message(error));
        if (document.get_object().get(root)) return unsound("it is not an object", {});
        return take(root);
    } catch (const Unsound& error) {
        return unsound(error.what, {});
    } catch (const simdjson::simdjson_error& error) {
        return unsound("its JSON cannot be read", error.what());
    }
}

}  // namespace pilothouse::connect::mlflow::fields
