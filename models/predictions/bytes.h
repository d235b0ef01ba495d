// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

/// Little-endian reading and writing of the log's own formats.
namespace pilothouse::predictions {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian and are copied as they lie");

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

class ByteWriter {
public:
    explicit ByteWriter(Bytes& out) : m_out(out) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    void put(T value) {
        const std::size_t at = m_out.size();
        m_out.resize(at + sizeof(T));
        std::memcpy(m_out.data() + at, &value, sizeof(T));
    }
    void put(ByteView bytes) { m_out.insert(m_out.end(), bytes.begin(), bytes.end()); }
    void put(std::string_view text) { put(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())); }

private:
    Bytes& m_out;
};

/// Never reads past the end: after a failed read ok() is false and every value is zero.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : m_rest(bytes) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    T get() {
        T value{};
        const ByteView bytes = take(sizeof(T));
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    /// Empty when fewer are left.
    ByteView take(std::size_t count) {
        if (count > m_rest.size()) {
            m_ok = false;
            m_rest = {};
            return {};
        }
        const ByteView front = m_rest.first(count);
        m_rest = m_rest.subspan(count);
        return front;
    }
    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] std::size_t left() const { return m_rest.size(); }

private:
    ByteView m_rest;
    bool m_ok = true;
};

}  // namespace pilothouse::predictions
