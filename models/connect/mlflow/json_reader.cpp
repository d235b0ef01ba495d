// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/json_reader.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace pilothouse::connect::mlflow::fields {

namespace {

constexpr std::size_t kMaxPairs = 100'000;
constexpr std::int64_t kLastMs = std::numeric_limits<std::int64_t>::max() / 1'000'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Unsound notA(std::string_view key, const char* what) { return {std::string(key) + " is not " + what}; }

std::string bounded(std::string_view key, std::string_view text, std::size_t most) {
    if (text.size() > most) throw Unsound{std::string(key) + " is longer than " + std::to_string(most) + " bytes"};
    return std::string(text);
}

}  // namespace

std::optional<json::element> at(json::object object, std::string_view key) {
    json::element found;
    if (object.at_key(key).get(found) || found.is_null()) return {};
    return found;
}

std::string text(json::object object, std::string_view key, std::size_t most) {
    const auto found = at(object, key);
    if (!found) return {};
    std::string_view out;
    if (!found->get_string().get(out)) return bounded(key, out, most);
    std::int64_t number = 0;
    if (!found->get_int64().get(number)) return std::to_string(number);
    throw notA(key, "a text");
}

std::int64_t integer(json::object object, std::string_view key, std::int64_t otherwise) {
    const auto found = at(object, key);
    if (!found) return otherwise;
    std::int64_t out = 0;
    if (!found->get_int64().get(out)) return out;
    double real = 0;
    // 1.7e12 is how some proxies write it again; beyond 2^53 it would not be what was meant.
    if (!found->get_double().get(real) && std::trunc(real) == real && std::abs(real) <= 9007199254740992.0)
        return static_cast<std::int64_t>(real);
    std::string_view digits;
    if (!found->get_string().get(digits)) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
        if (error == std::errc{} && end == digits.data() + digits.size()) return out;
    }
    throw notA(key, "a whole number");
}

bool flag(json::object object, std::string_view key) {
    const auto found = at(object, key);
    if (!found) return false;
    bool out = false;
    if (found->get_bool().get(out)) throw notA(key, "true or false");
    return out;
}

std::optional<Timestamp> time(json::object object, std::string_view key) {
    const std::int64_t ms = integer(object, key);
    if (ms <= 0) return {};
    if (ms > kLastMs) throw Unsound{std::string(key) + " is a time out of range"};
    return Timestamp::fromMs(ms);
}

double number(json::object object, std::string_view key) {
    const auto found = at(object, key);
    if (!found) return 0;  // protobuf's JSON may leave out what is zero
    double out = 0;
    std::string_view word;
    if (!found->get_string().get(word)) {
        if (word == "NaN" || word == "nan") return std::numeric_limits<double>::quiet_NaN();
        if (word == "Infinity" || word == "inf") return kInfinity;
        if (word == "-Infinity" || word == "-inf") return -kInfinity;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
        if (error != std::errc{} || end != word.data() + word.size()) throw notA(key, "a number");
    } else if (found->get_double().get(out)) {
        throw notA(key, "a number");
    }
    if (std::abs(out) == std::numeric_limits<double>::max()) return std::copysign(kInfinity, out);
    return out;
}

std::optional<json::object> object(json::object object, std::string_view key) {
    const auto found = at(object, key);
    if (!found) return {};
    json::object out;
    if (found->get_object().get(out)) throw notA(key, "an object");
    return out;
}

std::map<std::string, std::string> pairs(json::object object, std::string_view key) {
    std::map<std::string, std::string> out;
    objects(object, key, kMaxPairs, [&](json::object pair) {
        std::string name = text(pair, "key");
        if (name.empty()) throw Unsound{"an entry of " + std::string(key) + " has no key"};
        out.insert_or_assign(std::move(name), text(pair, "value", kMaxValue));
    });
    return out;
}

}  // namespace pilothouse::connect::mlflow::fields
