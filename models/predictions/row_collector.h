// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/predictions/ingest_mapping.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/row_sink.h"
#include "models/predictions/segment_writer.h"

namespace pilothouse::predictions {

/// What is kept of a row that cannot be used.
inline constexpr std::size_t kQuarantinedBytes = 65'536;

struct Quarantined {
    RowPlace place;
    std::uint64_t bytes = 0;     ///< its whole length
    std::string reason, detail;  ///< one of a few texts; field and value
    std::string raw;             ///< at most kQuarantinedBytes
};

/// The names of all features that the log may hold, so that hostile rows cannot make columns without end. Thread: any.
class FieldBudget {
public:
    static constexpr std::size_t kMaxFeatures = 1'024;
    /// `known`: what the log holds already; those stay admitted.
    explicit FieldBudget(const std::vector<std::string>& known) : m_names(known.begin(), known.end()) {}
    [[nodiscard]] bool admit(const std::string& name);

private:
    std::mutex m_mutex;
    std::unordered_set<std::string> m_names;
};

/// Rows of a part of a file, coded.
struct CollectedRows {
    EncodedSegment segment;
    std::map<std::string, std::vector<Truth>> truths;  ///< by model
    std::vector<Quarantined> quarantined;              ///< a bounded number of them …
    std::map<std::string, std::uint64_t> reasons;      ///< … and how many there were, by reason
    std::uint64_t cutRows = 0;                         ///< kept without the fields beyond the budget
};

/// Turns source rows into a segment, ground truth and quarantine.
class RowCollector final : public RowSink {
public:
    struct Settings {
        const RowMapping* mapping = nullptr;
        FieldBudget* budget = nullptr;
        std::uint64_t fileSeed = 0;  ///< tells rows without an id of different files apart
        std::string hashKey;         ///< of hashed fields; empty: a plain hash
    };
    explicit RowCollector(const Settings& settings);

    [[nodiscard]] std::uint32_t slotOf(std::string_view sourceField) override;
    [[nodiscard]] bool wantsText(std::uint32_t slot) const override { return slot != kNoRoom && m_slots[slot].text; }
    void setNumber(std::uint32_t slot, double value) override;
    void setBoolean(std::uint32_t slot, bool value) override;
    void setText(std::uint32_t slot, std::string_view text) override;
    using RowSink::reject;
    void reject(std::string_view reason, std::string detail) override;
    void finishRow(const RowPlace& place, std::string_view raw) override;
    /// A row that never got as far as its fields; `bytes` may be more than there is of `raw`.
    void quarantine(const RowPlace& place, std::string_view raw, std::uint64_t bytes, std::string_view reason,
                    std::string detail = {});
    [[nodiscard]] CollectedRows finish();

private:
    enum class Role : std::uint8_t { Feature, Time, Model, Version, Request, Outcome, OutcomeTime, Other };
    /// A column of the log; several source fields may lead to it, and the first that a row has counts.
    struct Target {
        std::array<ColumnWriter*, 3> writers{};  ///< by type, made on first use
        std::uint64_t row = 0;                   ///< number of the last row that wrote it
    };
    struct Slot {
        std::string source;
        FieldTarget target;
        Role role = Role::Feature;
        bool text = false, dropped = false;
        Target* into = nullptr;
        // The current row's value:
        std::uint64_t row = 0;  ///< number of the row that has it, from 1
        bool isText = false;
        double number = 0;
        std::string_view value;
    };
    [[nodiscard]] Slot* valueOf(Role role);
    [[nodiscard]] std::string_view textOf(Role role, std::string_view column);
    [[nodiscard]] std::string_view protectedText(const Slot& slot, std::string_view text);
    /// Null where the current row has a value there already.
    [[nodiscard]] ColumnWriter* writer(const std::string& column, Target& target, ports::ColumnType type);
    [[nodiscard]] bool fillRow(const RowPlace& place, std::string_view raw);
    void commitRow(std::int64_t time, std::string_view request);
    [[nodiscard]] bool noteTruth(std::int64_t time, std::string_view request, std::string_view model);
    void startRow();

    Settings m_settings;
    SegmentBuilder m_builder;
    CollectedRows m_out;
    std::deque<Slot> m_slots;
    std::unordered_map<std::string, std::uint32_t> m_names;
    std::array<std::uint32_t, 8> m_roles;
    struct Constant {
        std::string column, value;
        Target* into;
    };
    std::vector<Constant> m_constants;
    std::map<std::string, Target> m_targets;  ///< by column
    Target* m_request;
    std::vector<std::uint32_t> m_set;  ///< slots of the current row, in order
    std::uint64_t m_row = 1;
    std::deque<std::string> m_arena;
    std::string m_reason, m_detail, m_firstCut;
    std::size_t m_cutFields = 0, m_quarantinedBytes = 0;
};

}  // namespace pilothouse::predictions
