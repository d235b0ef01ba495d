// SPDX-License-Identifier: GPL-3.0-or-later
// Loops without a branch, over plain pointers: they are meant to be vectorised.
#include "models/predictions/mask.h"

#include <algorithm>

namespace pilothouse::predictions {

namespace {

template <class Matches>
void uniteRows(Mask& mask, Matches&& matches) {
    std::uint8_t* const selected = mask.data();
    const std::size_t rows = mask.size();
    for (std::size_t i = 0; i < rows; ++i)
        selected[i] |= static_cast<std::uint8_t>(matches(i));
}

}  // namespace

void intersect(Mask& mask, const Mask& other) {
    std::uint8_t* const selected = mask.data();
    const std::uint8_t* const also = other.data();
    const std::size_t rows = mask.size();
    for (std::size_t i = 0; i < rows; ++i)
        selected[i] &= also[i];
}

void unite(Mask& mask, const Mask& other) {
    uniteRows(mask, [also = other.data()](std::size_t i) { return also[i]; });
}

void invert(Mask& mask) {
    for (std::uint8_t& m : mask)
        m ^= 1;
}

std::uint64_t countSelected(const Mask& mask) {
    std::uint32_t sum = 0;
    for (const std::uint8_t m : mask)
        sum += m;
    return sum;
}

void selectedRows(const Mask& mask, std::vector<std::uint32_t>& rows) {
    rows.resize(mask.size());
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < mask.size(); ++i) {
        rows[count] = i;  // without a branch: in a mixed mask it would be guessed wrong every other row
        count += mask[i];
    }
    rows.resize(count);
}

void unite(Mask& mask, const std::vector<double>& values, Comparison comparison, double x) {
    const double* const v = values.data();
    switch (comparison) {
        case Comparison::Equal:
            return uniteRows(mask, [v, x](std::size_t i) { return v[i] == x; });
        case Comparison::Less:
            return uniteRows(mask, [v, x](std::size_t i) { return v[i] < x; });
        case Comparison::LessEqual:
            return uniteRows(mask, [v, x](std::size_t i) { return v[i] <= x; });
        case Comparison::Greater:
            return uniteRows(mask, [v, x](std::size_t i) { return v[i] > x; });
        case Comparison::GreaterEqual:
            return uniteRows(mask, [v, x](std::size_t i) { return v[i] >= x; });
    }
}

void uniteWithin(Mask& mask, const std::vector<double>& values, double low, double high) {
    uniteRows(mask, [v = values.data(), low, high](std::size_t i) { return (v[i] >= low) & (v[i] <= high); });
}

void intersectWithin(Mask& mask, const std::vector<std::int64_t>& values, std::int64_t from, std::int64_t to) {
    std::uint8_t* const selected = mask.data();
    const std::int64_t* const v = values.data();
    const std::size_t rows = mask.size();
    for (std::size_t i = 0; i < rows; ++i)
        selected[i] &= static_cast<std::uint8_t>((v[i] >= from) & (v[i] < to));
}

void uniteHits(Mask& mask, const std::vector<std::uint32_t>& codes, const std::vector<std::uint8_t>& hit) {
    const std::uint32_t* const code = codes.data();
    const auto first = std::ranges::find(hit, std::uint8_t{1});
    if (first == hit.end()) return;
    const auto one = static_cast<std::uint32_t>(first - hit.begin());
    if (std::find(first + 1, hit.end(), std::uint8_t{1}) == hit.end())  // one text, as is mostly asked for
        return uniteRows(mask, [code, one](std::size_t i) { return code[i] == one; });
    const std::uint8_t* const hits = hit.data();
    const auto count = static_cast<std::uint32_t>(hit.size());
    uniteRows(mask, [=](std::size_t i) { return code[i] < count && hits[code[i]] != 0; });
}

}  // namespace pilothouse::predictions
