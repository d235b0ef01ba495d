// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <string>

#include "models/pipelines/csv_reader.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

namespace {

/// All that came out, as text.
std::string read(std::string_view text, std::size_t pieceBytes) {
    pipelines::CsvOptions options;
    options.types = {{"n", ports::ColumnType::Number}, {"t", ports::ColumnType::Time}};
    options.rowsPerPart = 3;
    options.maximumLineBytes = 4'096;
    options.maximumColumns = 50;
    std::string out;
    const std::function<Status(ports::RowSet&&)> sink = [&](ports::RowSet&& part) -> Status {
        FUZZ_REQUIRE(part.rows <= options.rowsPerPart);
        for (const ports::Column& column : part.columns) {
            FUZZ_REQUIRE(column.size() == part.rows);
            out += column.name + ':';
            for (std::size_t row = 0; row < part.rows; ++row) {
                if (column.missing(row))
                    out += '-';
                else if (column.type == ports::ColumnType::Number)
                    out += std::to_string(column.numbers[row]);
                else if (column.type == ports::ColumnType::Time)
                    out += std::to_string(column.times[row]);
                else
                    out += column.text(row);
                out += ',';
            }
        }
        out += '\n';
        return {};
    };
    pipelines::CsvParser parser("input", options, sink);
    Status status;
    for (std::size_t at = 0; at < text.size() && status; at += pieceBytes)
        status = parser.feed(text.substr(at, pieceBytes));
    if (status) status = parser.finish();
    if (!status) out += status.error().text();
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    const std::string whole = read(text, std::max<std::size_t>(1, size));
    for (const std::size_t piece : {1, 7})
        FUZZ_REQUIRE(read(text, piece) == whole);
    return 0;
}
