// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/number_coding.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "models/predictions/packed_numbers.h"

namespace pilothouse::predictions {

namespace {

constexpr int kMaxPlaces = 9;
constexpr std::array<double, kMaxPlaces + 1> kPowersOfTen{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr double kMaxExact = 4503599627370496.0;  // 2^52: halves are exact below

/// m with m / 10^places == value, bit by bit; false where there is none.
bool scaled(double value, double power, std::int64_t& whole) {
    const double m = value * power;
    if (!(std::abs(m) < kMaxExact)) return false;
    whole = static_cast<std::int64_t>(m < 0 ? m - 0.5 : m + 0.5);
    return static_cast<double>(whole) / power == value && (value != 0 || !std::signbit(value));
}

/// Every value as a whole number of the fewest places that hold them all; NaN gives zero. Nothing where nine do not
/// suffice.
std::optional<int> decimals(const std::vector<double>& values, std::vector<std::int64_t>& wholes) {
    wholes.assign(values.size(), 0);
    int places = 0;
    std::size_t start = 0;  // where the present number of places came up
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        const int before = places;
        while (places <= kMaxPlaces && !scaled(values[i], kPowersOfTen[static_cast<std::size_t>(places)], wholes[i]))
            ++places;
        if (places > kMaxPlaces) return {};
        if (places != before) start = i;
    }
    // What came before has to be scaled again; a value that fitted fewer places may not fit more (it must stay exact).
    for (std::size_t i = 0; i < start; ++i)
        if (!std::isnan(values[i]) && !scaled(values[i], kPowersOfTen[static_cast<std::size_t>(places)], wholes[i]))
            return {};
    return places;
}

void putDecimal(ByteWriter& out, const std::vector<double>& values, const std::vector<std::int64_t>& wholes,
                int places) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    bool missing = false, any = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            missing = true;
        } else {
            least = std::min(least, wholes[i]);
            any = true;
        }
    }
    if (!any) least = 0;
    std::vector<std::uint64_t> packed(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isnan(values[i])) packed[i] = static_cast<std::uint64_t>(wholes[i] - least) + (missing ? 1 : 0);
    out.put(static_cast<std::uint8_t>(places));
    out.put(static_cast<std::uint8_t>(missing));
    out.put(least);
    putPacked(out, packed);
}

/// What stands before the packed numbers of decimals.
struct Decimals {
    unsigned places = 0, missing = 0;
    std::uint64_t base = 0;
    [[nodiscard]] double valueOf(std::uint64_t packed) const {
        const double whole = static_cast<double>(static_cast<std::int64_t>(base + packed));
        return missing != 0 && packed == 0 ? std::numeric_limits<double>::quiet_NaN() : whole;
    }
    [[nodiscard]] double scale() const { return kPowersOfTen[places]; }
};

std::optional<Decimals> getDecimals(ByteReader& in) {
    Decimals decimals;
    decimals.places = in.get<std::uint8_t>();
    decimals.missing = in.get<std::uint8_t>();
    const auto least = in.get<std::int64_t>();
    if (!in.ok() || decimals.places > kMaxPlaces || decimals.missing > 1) return {};
    decimals.base = static_cast<std::uint64_t>(least) - decimals.missing;
    return decimals;
}

bool getDecimal(ByteReader& in, std::size_t rows, std::vector<double>& values) {
    const auto decimals = getDecimals(in);
    if (!decimals) return false;
    values.resize(rows);
    const Decimals d = *decimals;
    const bool ok = forPacked(in, rows, [&](std::size_t i, std::uint64_t v) { values[i] = d.valueOf(v); });
    if (d.places > 0) {
        const double scale = d.scale();
        for (double& v : values)
            v /= scale;
    }
    return ok;
}

bool getDecimalAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted,
                  std::vector<double>& values) {
    const auto decimals = getDecimals(in);
    return decimals && forPackedAt(in, rows, wanted, [&](std::uint64_t v) {
               values.push_back(decimals->valueOf(v) / decimals->scale());
           });
}

/// Byte planes: all first bytes, then all second ones, …; neighbours in a plane are alike and compress.
template <class T>
void putPlanes(ByteWriter& out, const std::vector<T>& values) {
    Bytes planes(values.size() * sizeof(T));
    const auto* from = reinterpret_cast<const std::uint8_t*>(values.data());
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t b = 0; b < sizeof(T); ++b)
            planes[b * values.size() + i] = from[i * sizeof(T) + b];
    out.put(ByteView(planes));
}

template <class T>
double fromPlanes(const std::uint8_t* planes, std::size_t rows, std::size_t row) {
    std::array<std::uint8_t, sizeof(T)> bytes;
    for (std::size_t b = 0; b < sizeof(T); ++b)
        bytes[b] = planes[b * rows + row];
    return static_cast<double>(std::bit_cast<T>(bytes));
}

template <class T>
bool getPlanes(ByteReader& in, std::size_t rows, std::vector<double>& values) {
    const ByteView planes = in.take(rows * sizeof(T));
    if (!in.ok()) return false;
    values.resize(rows);
    for (std::size_t i = 0; i < rows; ++i)
        values[i] = fromPlanes<T>(planes.data(), rows, i);
    return true;
}

template <class T>
bool getPlanesAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted, std::vector<double>& values) {
    const ByteView planes = in.take(rows * sizeof(T));
    if (!in.ok()) return false;
    for (const std::uint32_t row : wanted)
        values.push_back(fromPlanes<T>(planes.data(), rows, row));
    return true;
}

bool floatsHold(const std::vector<double>& values) {
    for (const double v : values) {
        if (std::isnan(v)) continue;
        if (std::isfinite(v) && std::abs(v) > static_cast<double>(std::numeric_limits<float>::max())) return false;
        if (static_cast<double>(static_cast<float>(v)) != v) return false;
    }
    return true;
}

}  // namespace

NumberCoding putNumbers(ByteWriter& out, const std::vector<double>& values) {
    std::vector<std::int64_t> wholes;
    if (const auto places = decimals(values, wholes)) {
        putDecimal(out, values, wholes, *places);
        return NumberCoding::Decimal;
    }
    if (floatsHold(values)) {
        std::vector<float> floats(values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            floats[i] = std::isnan(values[i]) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(values[i]);
        putPlanes(out, floats);
        return NumberCoding::Float;
    }
    std::vector<double> canonical = values;
    for (double& v : canonical)
        if (std::isnan(v)) v = std::numeric_limits<double>::quiet_NaN();
    putPlanes(out, canonical);
    return NumberCoding::Double;
}

bool getNumbers(ByteReader& in, NumberCoding coding, std::size_t rows, std::vector<double>& values) {
    switch (coding) {
        case NumberCoding::Decimal:
            return getDecimal(in, rows, values);
        case NumberCoding::Float:
            return getPlanes<float>(in, rows, values);
        case NumberCoding::Double:
            return getPlanes<double>(in, rows, values);
    }
    return false;
}

bool getNumbersAt(ByteReader& in, NumberCoding coding, std::size_t rows, std::span<const std::uint32_t> wanted,
                  std::vector<double>& values) {
    switch (coding) {
        case NumberCoding::Decimal:
            return getDecimalAt(in, rows, wanted, values);
        case NumberCoding::Float:
            return getPlanesAt<float>(in, rows, wanted, values);
        case NumberCoding::Double:
            return getPlanesAt<double>(in, rows, wanted, values);
    }
    return false;
}

}  // namespace pilothouse::predictions
