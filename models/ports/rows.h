// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/timestamp.h"

/// Rows travel as columns.
namespace pilothouse::ports {

enum class ColumnType : std::uint8_t { Number, Text, Time };

/// One column. Number: `numbers`, NaN is missing. Text: `codes` into `dictionary`, kMissingCode is missing.
/// Time: `times` in ns, kTimestampMin is missing. Exactly one of the three vectors is as long as the rows.
struct Column {
    static constexpr std::uint32_t kMissingCode = 0xFFFFFFFFu;

    std::string name;
    ColumnType type = ColumnType::Number;
    std::vector<double> numbers;
    std::vector<std::uint32_t> codes;
    std::vector<std::string> dictionary;
    std::vector<std::int64_t> times;

    [[nodiscard]] std::size_t size() const {
        return type == ColumnType::Number ? numbers.size() : type == ColumnType::Text ? codes.size() : times.size();
    }
    [[nodiscard]] bool missing(std::size_t row) const {
        switch (type) {
            case ColumnType::Number:
                return std::isnan(numbers[row]);
            case ColumnType::Text:
                return codes[row] == kMissingCode;
            case ColumnType::Time:
                return times[row] == kTimestampMin.ns;
        }
        return true;
    }
    [[nodiscard]] std::string_view text(std::size_t row) const {
        return codes[row] == kMissingCode ? std::string_view{} : std::string_view(dictionary[codes[row]]);
    }
};

/// Reserved column names of a prediction row; every other column is a feature.
namespace field {
inline constexpr std::string_view time = "time";             ///< event time, Time
inline constexpr std::string_view model = "model";           ///< Text
inline constexpr std::string_view version = "version";       ///< Text; missing: not scored (history)
inline constexpr std::string_view requestId = "request_id";  ///< Text
inline constexpr std::string_view traceId = "trace_id";      ///< Text
inline constexpr std::string_view score = "score";           ///< Number, probability of the positive class
inline constexpr std::string_view latencyMs = "latency_ms";  ///< Number, wall time of the request
inline constexpr std::string_view status = "status";         ///< Text: "ok" or the error's name
inline constexpr std::string_view message = "message";       ///< Text
inline constexpr std::string_view outcome = "outcome";  ///< Number, joined from ground truth by (model, request id)
inline constexpr std::string_view outcomeTime = "outcome_time";  ///< Time at which the outcome became known
}  // namespace field
[[nodiscard]] bool isReservedField(std::string_view name);

struct RowSet {
    std::size_t rows = 0;
    std::vector<Column> columns;  ///< each of size `rows`

    [[nodiscard]] const Column* find(std::string_view name) const {
        for (const Column& c : columns)
            if (c.name == name) return &c;
        return nullptr;
    }
    [[nodiscard]] Column* find(std::string_view name) {
        return const_cast<Column*>(static_cast<const RowSet*>(this)->find(name));
    }
};

}  // namespace pilothouse::ports
