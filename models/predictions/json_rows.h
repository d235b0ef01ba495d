// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/predictions/row_sink.h"

namespace pilothouse::predictions {

/// What must be readable behind a line's last byte.
inline constexpr std::size_t kJsonPadding = 64;

/// Reads JSON lines into a sink. Nested objects give dotted names, to a depth of 16; an array is a text. The bare words
/// NaN, Infinity and -Infinity, which JSON does not have but Python writes, are a missing value and infinities.
/// Thread: one at a time.
class JsonRowReader {
public:
    JsonRowReader();
    ~JsonRowReader();
    /// Begins with another sink, whose places for names are learned anew.
    void start(RowSink& sink);
    /// One row. kJsonPadding bytes behind `line` must be readable.
    void read(const RowPlace& place, std::string_view line);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// The leaves of one JSON object, for a guess of what they are: name, and value as text. False when it is none.
struct JsonLeaf {
    std::string name, value;
    bool number = false;
};
[[nodiscard]] bool jsonLeaves(std::string_view line, std::vector<JsonLeaf>& out);

}  // namespace pilothouse::predictions
