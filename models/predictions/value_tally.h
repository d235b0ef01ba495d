// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/predictions/scanner.h"
#include "models/predictions/value_table.h"

namespace pilothouse::predictions {

/// Rows by value of one field, in text form. Values are told apart by a hash of 64 bits (of ten million distinct ones,
/// two fall together once in 400,000 logs) and a place where each stands, so that memory is 48 bytes a distinct value
/// at most, however long they are. Thread: one at a time.
class ValueTally {
public:
    /// `order`: see ValueTable.
    explicit ValueTally(std::string field, unsigned order = 0);
    /// Of all matching rows, on several threads.
    [[nodiscard]] static Result<ValueTally> of(Scanner& scanner, const std::string& field);
    [[nodiscard]] Status add(BlockView& view, const Mask& mask);
    /// Rows without a value count as rows with an empty text.
    void missingAsEmpty();

    struct Entry {
        std::string value;
        std::uint64_t count = 0;
    };
    /// The most frequent values, at most `limit`: most first, ties by value. Reads where they stand.
    [[nodiscard]] Result<std::vector<Entry>> top(const Scanner& scanner, std::size_t limit) const;
    [[nodiscard]] std::size_t distinct() const;
    [[nodiscard]] std::uint64_t total() const { return m_total; }
    [[nodiscard]] std::uint64_t missing() const { return m_missing; }

private:
    /// By the leading bits of the hash: they are put together side by side, and one is small enough for the caches
    /// where all of them are not.
    static constexpr std::size_t kTables = 16;
    /// A value that may be among the most frequent.
    struct Candidate {
        ValuePlace place;
        std::uint64_t count;
        /// Those of a block stand together, in the order of the log.
        [[nodiscard]] std::uint64_t block() const { return place.blockKey(); }
    };
    class Best;
    [[nodiscard]] ValueTable& table(std::uint64_t hash) { return m_tables[hash >> 60]; }
    [[nodiscard]] const ValueTable& table(std::uint64_t hash) const { return m_tables[hash >> 60]; }
    void addTexts(const ColumnBlock& block, const Mask& mask, ValuePlace place);
    void addOthers(const ColumnBlock& block, const Mask& mask, ValuePlace place);
    [[nodiscard]] Status addBlock(const Scanner& scanner, std::span<const Candidate> candidates, Best& best) const;
    [[nodiscard]] Status addBlocks(const Scanner& scanner, std::span<const Candidate> candidates, Best& best) const;
    [[nodiscard]] std::vector<Candidate> candidates(std::uint64_t leastCount) const;
    /// The least count that one of the `limit` most frequent values has.
    [[nodiscard]] std::uint64_t leastCount(std::size_t limit) const;

    std::string m_field;
    std::vector<ValueTable> m_tables;
    FirstTexts m_first;  ///< of all values
    std::uint64_t m_total = 0, m_missing = 0;
};

}  // namespace pilothouse::predictions
