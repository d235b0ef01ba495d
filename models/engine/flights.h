// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "models/engine/settings.h"
#include "models/ports/rows.h"
#include "models/predictions/prediction_store.h"

namespace pilothouse::engine {

/// The recorded year in memory, in the order in which it happened. Rows enter the log at their scheduled departure; an
/// outcome is known at scheduled departure + departure delay + time in the air + 25 minutes of taxi (a stated constant:
/// the source has no arrival instant). Immutable once loaded.
class Flights {
public:
    /// Reads the data with the alterations of the options. InvalidInput names file and line, or what is out of order.
    static Result<Flights> load(const ReplaySettings& settings, const CancellationToken& token);

    [[nodiscard]] std::size_t size() const { return m_times.size(); }
    /// Index of the first row that departs at t or later.
    [[nodiscard]] std::size_t rowAt(Timestamp t) const;
    /// Index, in the order of becoming known, of the first outcome known at t or later.
    [[nodiscard]] std::size_t outcomeAt(Timestamp t) const;
    [[nodiscard]] Timestamp time(std::size_t row) const { return {m_times[row]}; }

    /// Rows [first, last) as prediction rows: time, model, request_id, flight, tailnum and the features; nothing
    /// scored.
    [[nodiscard]] ports::RowSet rows(std::size_t first, std::size_t last) const;
    /// Outcomes [first, last) in the order of becoming known.
    [[nodiscard]] std::vector<predictions::Truth> outcomes(std::size_t first, std::size_t last) const;
    /// Carrier and flight number, a dash and the scheduled departure (UTC): "UA1545-201301011015".
    [[nodiscard]] std::string requestId(std::size_t row) const;

private:
    Status prepareOutcomes(const ReplaySettings& settings);
    void shuffle(std::uint64_t seed);

    std::string m_model;
    ports::RowSet m_rows;
    std::vector<std::int64_t> m_times;
    struct Outcome {
        std::int64_t known = 0;
        std::uint32_t row = 0;
        std::uint8_t late = 0;
    };
    std::vector<Outcome> m_outcomes;  ///< sorted by (known, row)
};

}  // namespace pilothouse::engine
