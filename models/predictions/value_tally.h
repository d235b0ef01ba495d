// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/predictions/scanner.h"

namespace pilothouse::predictions {

/// Rows by value of one field, in text form. Values are told apart by a hash of 64 bits (of ten million distinct ones,
/// two fall together once in 400,000 logs) and a place where each stands, so that memory is 48 bytes a distinct value
/// at most, however long they are. Thread: one at a time.
class ValueTally {
public:
    explicit ValueTally(std::string field) : m_field(std::move(field)) {}
    /// Of all matching rows, on several threads.
    [[nodiscard]] static Result<ValueTally> of(Scanner& scanner, const std::string& field);
    [[nodiscard]] Status add(BlockView& view, const Mask& mask);
    void add(const ValueTally& other);
    /// Rows without a value count as rows with an empty text.
    void missingAsEmpty();

    struct Entry {
        std::string value;
        std::uint64_t count = 0;
    };
    /// The most frequent values, at most `limit`: most first, ties by value. Reads where they stand.
    [[nodiscard]] Result<std::vector<Entry>> top(const Scanner& scanner, std::size_t limit) const;
    [[nodiscard]] std::size_t distinct() const { return m_used; }
    [[nodiscard]] std::uint64_t total() const { return m_total; }
    [[nodiscard]] std::uint64_t missing() const { return m_missing; }

private:
    /// Where a value stands: a code of a block's texts, or a row of a block of another type.
    struct Place {
        static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;  ///< the empty text
        std::uint32_t part = kNowhere;
        std::uint16_t block = 0;
        std::uint16_t item : 14 = 0, type : 2 = 0;
    };
    static_assert(kBlockRows <= 1 << 14);
    struct Slot {
        std::uint64_t hash = 0, count = 0;  ///< count 0: free
        Place place;
    };
    void addHash(std::uint64_t hash, std::uint64_t count, const Place& place);
    void addTexts(const ColumnBlock& block, const Mask& mask, Place place);
    void addOthers(const ColumnBlock& block, const Mask& mask, Place place);
    void grow();
    /// The least count that one of the `limit` most frequent values has.
    [[nodiscard]] std::uint64_t leastCount(std::size_t limit) const;

    std::string m_field;
    std::vector<Slot> m_slots;  ///< open addressing
    std::size_t m_used = 0;
    std::uint64_t m_total = 0, m_missing = 0;
};

}  // namespace pilothouse::predictions
