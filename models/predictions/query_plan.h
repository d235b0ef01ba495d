// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/ports/query.h"
#include "models/predictions/log_reader.h"
#include "models/predictions/mask.h"

namespace re2 {
class RE2;
}

namespace pilothouse::predictions {

class Disagreement;

/// One block of rows while it is evaluated and read. Columns are decoded when they are first asked for.
class BlockView {
public:
    BlockView(LogReader& reader, const Part& part, std::size_t block, Timestamp knownBefore)
        : m_reader(&reader), m_part(&part), m_block(block), m_knownBefore(knownBefore) {}

    /// Only these rows of the block, which are numbered from 0 then; for reading, not for a query.
    BlockView(LogReader& reader, const Part& part, std::size_t block, Timestamp knownBefore,
              std::vector<std::uint32_t> chosen)
        : BlockView(reader, part, block, knownBefore) {
        m_chosen = std::move(chosen);
    }

    [[nodiscard]] std::size_t rows() const { return m_chosen ? m_chosen->size() : m_part->rowsOf(m_block); }
    [[nodiscard]] const Part& part() const { return *m_part; }
    [[nodiscard]] std::size_t block() const { return m_block; }
    [[nodiscard]] LogReader& reader() const { return *m_reader; }
    [[nodiscard]] std::int64_t firstOrdinal() const {
        return m_part->firstOrdinal + static_cast<std::int64_t>(m_block * kBlockRows);
    }
    /// The field's blocks by type; "outcome" and "outcome_time" are joined.
    [[nodiscard]] Result<const TypedBlocks*> field(const std::string& name);
    /// The block of that type, or null where the field has none here.
    [[nodiscard]] Result<const ColumnBlock*> field(const std::string& name, ports::ColumnType type);
    /// So that field() finds it decoded.
    [[nodiscard]] Status decode(const std::string& name) {
        const auto decoded = field(name);
        return decoded ? Status{} : Status(fail(decoded.error()));
    }

private:
    LogReader* m_reader;
    const Part* m_part;
    std::size_t m_block;
    Timestamp m_knownBefore;
    std::optional<std::vector<std::uint32_t>> m_chosen;
    std::map<std::string, TypedBlocks, std::less<>> m_fields;
};

/// A query made ready for one log: fields checked, operands read, children in order of cost. Its form is the tree of
/// ports::QueryNode; values that are missing never match a comparison, so NOT selects them.
class QueryPlan {
public:
    /// InvalidInput names an unknown field with its nearest names, or an operand that the field's type cannot have.
    /// `version:A vs B` passes over the log for its requests here; nothing else reads rows.
    [[nodiscard]] static Result<QueryPlan> compile(const ports::Query& query, LogReader& reader,
                                                   const CancellationToken& token = {});
    /// Sets mask to 0 or 1 for every row of the block.
    [[nodiscard]] Status select(BlockView& view, Mask& mask) const;
    /// Every row matches.
    [[nodiscard]] bool selectsAll() const { return m_root.query.op == ports::QueryOp::All; }

    /// What can be said of a block without reading it.
    enum class Outlook { None, Every, Open };
    /// By the bounds of its columns, the index over ids and the filters over words. Without a block: of the whole part,
    /// by what needs no look at its columns. Thread: any.
    [[nodiscard]] Result<Outlook> foresee(LogReader& reader, const Part& part, std::optional<std::size_t> block) const;

    struct Node {
        ports::QueryNode query;  ///< without its children
        std::vector<Node> children;
        int cost = 0;
        std::optional<TimeRange> instant;     ///< operand as a time: [t, t], or the day of a bare date
        std::string folded;                   ///< operand of Contains, case folded
        std::uint64_t characters = 0;         ///< that a text needs to match
        std::vector<std::uint64_t> words;     ///< hashes of words that a text needs to match
        std::vector<std::uint16_t> trigrams;  ///< that a text needs to match
        std::string substring;                ///< of a Wildcard that is *substring*; else empty
        std::uint64_t value = 0;              ///< hash of the whole text that matches; 0: not one text
        std::shared_ptr<const re2::RE2> regex;
        std::shared_ptr<const Disagreement> disagreement;
    };

private:
    struct Version {
        double threshold = 0.5;
        std::shared_ptr<const statistics::Profile> profile;
    };
    using Versions = std::map<std::pair<std::string, std::string>, Version>;

    [[nodiscard]] static Result<Node> compileNode(const ports::QueryNode& node, std::optional<Timestamp> now,
                                                  LogReader& reader);
    [[nodiscard]] Status findDisagreements(Node& node, LogReader& reader, const CancellationToken& token) const;
    /// By the bounds of one column.
    [[nodiscard]] static Outlook foreseeColumn(const Node& node, const BlockInfo& info, std::size_t rows,
                                               ports::ColumnType type);
    /// By its filter over words as well.
    [[nodiscard]] static Result<Outlook> foreseeTexts(const Node& node, LogReader& reader, const Part& part,
                                                      const PartColumn& column, std::size_t block);
    [[nodiscard]] static Result<Outlook> foreseeNode(const Node& node, LogReader& reader, const Part& part,
                                                     std::optional<std::size_t> block);
    [[nodiscard]] static Result<Outlook> foreseeLeaf(const Node& node, LogReader& reader, const Part& part,
                                                     std::size_t block);
    [[nodiscard]] Status loadVersions(LogReader& reader, bool profiles);
    [[nodiscard]] Status evaluate(const Node& node, BlockView& view, Mask& mask) const;
    [[nodiscard]] Status leaf(const Node& node, BlockView& view, Mask& mask) const;
    [[nodiscard]] Status requestIdLeaf(const Node& node, BlockView& view, Mask& mask) const;
    [[nodiscard]] Status containsAnywhere(const Node& node, BlockView& view, Mask& mask) const;
    [[nodiscard]] Status judged(const Node& node, BlockView& view, Mask& mask) const;
    [[nodiscard]] Status againstProfile(const Node& node, BlockView& view, Mask& mask) const;
    /// The version of each row, or null where the registry does not have it.
    [[nodiscard]] Result<std::vector<const Version*>> versionsOf(BlockView& view) const;

    Node m_root;
    std::shared_ptr<const Versions> m_versions;
};

/// "temp_f" for "tmp_f": at most three names that are near, nearest first, as `"a", "b" or "c"`; empty when none is.
[[nodiscard]] std::string nearestNames(const std::string& name, const std::vector<std::string>& names);
/// The error for a field that the log does not have; nothing where it has it, or holds no rows yet.
[[nodiscard]] Status checkField(const LogReader& reader, const std::string& name,
                                std::optional<std::size_t> position = {});

/// Whole text against a pattern: `*` is any run of characters, `?` one, a backslash takes the next one as it is.
[[nodiscard]] bool matchesWildcard(std::string_view pattern, std::string_view text);
/// What a pattern such as `*words*` seeks anywhere in a text; empty for every other pattern.
[[nodiscard]] std::string soughtSubstring(std::string_view pattern);
/// Marks the texts of the pool that hold the substring, which is not empty.
void markSubstring(const TextPool& pool, std::string_view substring, std::vector<std::uint8_t>& hit);
/// Marks the texts of the pool that containsWords() says yes to.
void markWords(const TextPool& pool, std::string_view foldedWords, std::vector<std::uint8_t>& hit);
/// Ready to match whole texts; the error names the place. Memory bounded at 8 MiB; time linear in the text.
[[nodiscard]] Result<std::shared_ptr<const re2::RE2>> makeRegex(const std::string& pattern);
[[nodiscard]] bool matchesRegex(const re2::RE2& regex, std::string_view text);
/// How far "now-2h" or "now-1d+30m" lies from now. Nothing for other texts and for what does not fit.
[[nodiscard]] std::optional<Duration> relativeTime(std::string_view text);
/// Case folded (Unicode).
[[nodiscard]] std::string foldCase(std::string_view text);
/// True when the words (case folded) stand in the text (as it is), beginning and ending at the edge of a word.
[[nodiscard]] bool containsWords(std::string_view text, std::string_view foldedWords);
/// The number that the whole text is; also "inf" and "-inf".
[[nodiscard]] std::optional<double> parseNumber(std::string_view text);
/// The shortest text that reads back as the same number.
[[nodiscard]] std::string numberText(double value);

}  // namespace pilothouse::predictions
