// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/predictions/scanner.h"

namespace pilothouse::predictions {

/// Rows by value of one field, in text form. Values are told apart by a hash of 64 bits (of ten million distinct ones,
/// two fall together once in 400,000 logs) and a place where each stands, so that memory is 48 bytes a distinct value
/// at most, however long they are. Thread: one at a time.
class ValueTally {
public:
    /// `order`: tables that are to be added up want one each, from 0. One that is read in the order of its slots would
    /// fill another of the same order in clusters.
    explicit ValueTally(std::string field, unsigned order = 0);
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
    /// A value that may be among the most frequent.
    struct Candidate {
        Place place;
        std::uint64_t count;
        /// Those of a block stand together, in the order of the log.
        [[nodiscard]] std::uint64_t block() const { return std::uint64_t{place.part} << 16 | place.block; }
    };
    class Best;
    void addHash(std::uint64_t hash, std::uint64_t count, const Place& place);
    void addTexts(const ColumnBlock& block, const Mask& mask, Place place);
    void addOthers(const ColumnBlock& block, const Mask& mask, Place place);
    void grow();
    [[nodiscard]] std::size_t home(std::uint64_t hash) const { return (hash * m_factor) >> m_shift; }
    [[nodiscard]] Status addBlock(const Scanner& scanner, std::span<const Candidate> candidates, Best& best) const;
    [[nodiscard]] std::vector<Candidate> candidates(std::uint64_t leastCount) const;
    /// The least count that one of the `limit` most frequent values has.
    [[nodiscard]] std::uint64_t leastCount(std::size_t limit) const;

    std::string m_field;
    std::uint64_t m_factor;
    unsigned m_shift = 0;       ///< 64 less the bits of a slot's number
    std::vector<Slot> m_slots;  ///< open addressing
    std::size_t m_used = 0;
    std::uint64_t m_total = 0, m_missing = 0;
};

}  // namespace pilothouse::predictions
