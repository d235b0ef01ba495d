// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "models/ports/rows.h"

/// Rows for benchmarks of the prediction log: about 700 bytes of JSON each, 20 numeric and 5 categorical features, ids,
/// latency, status and a message of words. Every row follows from its number alone.
namespace pilothouse::bench {

enum class Shape {
    Usual,    ///< arrival in order of time; most numbers are decimals
    Hostile,  ///< 17-digit doubles, shuffled times, long distinct texts, twice as many features
};

class PredictionRows {
public:
    PredictionRows(Shape shape, std::size_t total) : m_shape(shape), m_total(total) {}
    [[nodiscard]] ports::RowSet rows(std::size_t from, std::size_t count) const;
    [[nodiscard]] std::string requestId(std::size_t row) const;
    [[nodiscard]] Timestamp timeOf(std::size_t row) const;
    /// The rows span [start, start + total seconds).
    [[nodiscard]] Timestamp start() const;
    [[nodiscard]] Timestamp at(double share) const;

    /// In one message of 200,000; the first is row kRareEvery / 2.
    static constexpr const char* kRareWord = "quorumloss";
    static constexpr std::size_t kRareEvery = 200'000;
    /// In about one message of a hundred.
    static constexpr const char* kFrequentWord = "timeout";

private:
    [[nodiscard]] std::string message(std::size_t row) const;
    void addNumbers(ports::RowSet& set, std::size_t from) const;
    void addCategories(ports::RowSet& set, std::size_t from) const;
    Shape m_shape;
    std::size_t m_total;
};

/// One object a line; what is missing is left out. Returns bytes written; fatal when the file cannot be written.
std::size_t writeJsonLines(const PredictionRows& rows, std::size_t count, const std::string& path);

}  // namespace pilothouse::bench
