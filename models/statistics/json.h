// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

/// A JSON value. Small and strict: what a profile needs, without a library that this folder may not link.
struct Json {
    struct Member;

    enum class Type { Null, Bool, Number, String, Array, Object } type = Type::Null;
    bool boolean = false;
    double number = 0;
    bool whole = false;         ///< written as an integer that fits `integer`
    bool negative = false;      ///< of `integer`
    std::uint64_t integer = 0;  ///< magnitude, exact beyond 2^53
    std::string text;
    std::vector<Json> items;
    std::vector<Member> members;  ///< in their order; a key twice is refused

    [[nodiscard]] const Json* find(std::string_view key) const;
};

struct Json::Member {
    std::string name;
    Json value;
};

inline const Json* Json::find(std::string_view key) const {
    for (const auto& [name, value] : members)
        if (name == key) return &value;
    return nullptr;
}

/// RFC 8259, at most 64 MiB and 8 levels deep. An error names the byte.
[[nodiscard]] Result<Json> parseJson(std::string_view text);

void appendJson(std::string& out, std::string_view text);
void appendJson(std::string& out, double number);  ///< shortest form that reads back to the same bits; finite only
void appendJson(std::string& out, std::uint64_t number);

}  // namespace pilothouse::statistics
