// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pilothouse::predictions {

/// Where a row lies in its file, unpacked. Lines count from 1.
struct RowPlace {
    std::uint64_t line = 0, offset = 0;
};

/// Takes the rows of a source field by field. Thread: one at a time.
class RowSink {
public:
    static constexpr std::uint32_t kNoRoom = 0xFFFFFFFF;
    RowSink() = default;
    RowSink(const RowSink&) = delete;
    RowSink& operator=(const RowSink&) = delete;
    virtual ~RowSink() = default;

    /// The place of a source's field, by its dotted name; kNoRoom for names beyond what there is room for.
    [[nodiscard]] virtual std::uint32_t slotOf(std::string_view sourceField) = 0;
    /// The field wants to be told as text even where the source has a number.
    [[nodiscard]] virtual bool wantsText(std::uint32_t slot) const = 0;
    /// The current row's value; the last one counts. Texts must stay until finishRow().
    virtual void setNumber(std::uint32_t slot, double value) = 0;
    virtual void setBoolean(std::uint32_t slot, bool value) = 0;
    virtual void setText(std::uint32_t slot, std::string_view text) = 0;
    /// The current row cannot be used; the first reason stays.
    virtual void reject(std::string_view reason, std::string detail) = 0;
    void reject(std::string_view reason) { reject(reason, {}); }
    virtual void finishRow(const RowPlace& place, std::string_view raw) = 0;
};

}  // namespace pilothouse::predictions
