// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/predictions/row_sink.h"

namespace pilothouse::predictions {

/// Finds where records of a CSV end (RFC 4180: a line break within quotes does not end one), byte by byte, however the
/// bytes are cut.
class CsvRecordEnds {
public:
    /// True when this byte, a line feed, ends a record. A quote opens only at the start of a field.
    bool ends(char c) {
        switch (m_state) {
            case State::FieldStart:
                m_state = c == '"' ? State::Quoted : State::Plain;
                break;
            case State::Quoted:
                if (c == '"') m_state = State::QuoteInQuoted;
                return false;
            case State::QuoteInQuoted:
                m_state = c == '"' ? State::Quoted : State::Plain;
                break;
            case State::Plain:
                break;
        }
        if (m_state == State::Quoted) return false;
        if (c == ',' || c == '\n') m_state = State::FieldStart;
        return c == '\n';
    }
    void reset() { m_state = State::FieldStart; }

private:
    enum class State { FieldStart, Plain, Quoted, QuoteInQuoted };
    State m_state = State::FieldStart;
};

/// One field; `quoted` tells an empty text from a missing value.
struct CsvField {
    std::string_view text;
    bool quoted = false;
};
/// The fields of a record without its line break. Texts lie in the record or, where quotes had to be undone, in
/// `buffer`. False when a quote does not close or text follows one.
[[nodiscard]] bool splitCsvRecord(std::string_view record, std::vector<CsvField>& fields, std::string& buffer);

/// The names in a CSV's first record (none: it was too long to be held), 10,000 at most. Errors name the file.
[[nodiscard]] Result<std::vector<std::string>> csvHeader(const std::optional<std::string>& record,
                                                         const std::string& file);

/// Reads CSV records into a sink. A value that is a number is one, but for columns that are said to be texts.
class CsvRowReader {
public:
    CsvRowReader(RowSink& sink, const std::vector<std::string>& columns);
    void read(const RowPlace& place, std::string_view record);

private:
    RowSink& m_sink;
    std::vector<std::uint32_t> m_slots;
    std::vector<CsvField> m_fields;
    std::string m_buffer;
};

}  // namespace pilothouse::predictions
