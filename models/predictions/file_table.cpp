// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/file_table.h"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "models/predictions/byte_source.h"
#include "models/predictions/chunk_cutter.h"
#include "models/predictions/ingest_guess.h"
#include "models/predictions/json_rows.h"
#include "models/predictions/text_table.h"

namespace pilothouse::predictions {

namespace {

constexpr std::uint32_t kMissing = ports::Column::kMissingCode;
constexpr std::size_t kMostBytes = std::size_t{4} << 30, kMostColumns = 10'000;
constexpr std::size_t kMostTexts = std::size_t{1} << 20, kMostTextBytes = std::size_t{256} << 20;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool missingWord(std::string_view text) {
    constexpr std::array<std::string_view, 13> kWords{"",    "NA",   "N/A",  "n/a",  "#N/A", "NaN", "nan",
                                                      "NAN", "null", "NULL", "Null", "None", "<NA>"};
    return text.size() <= 4 && std::ranges::find(kWords, text) != kWords.end();
}

std::optional<double> infinityWord(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text != "inf" && text != "Inf" && text != "Infinity") return {};
    return negative ? -kInfinity : kInfinity;
}

/// Values go straight to their columns; what a row lacks is filled in when it ends.
class TableCollector final : public RowSink {
public:
    explicit TableCollector(bool csv) : m_csv(csv) {}

    std::uint32_t slotOf(std::string_view field) override {
        const std::string name(field);
        if (const auto known = m_names.find(name); known != m_names.end()) return known->second;
        if (m_columns.size() >= kMostColumns) return kNoRoom;
        const auto slot = static_cast<std::uint32_t>(m_columns.size());
        m_columns.emplace_back().column.name = name;
        m_names.emplace(name, slot);
        return slot;
    }
    bool wantsText(std::uint32_t) const override { return false; }
    void setNumber(std::uint32_t slot, double value) override {
        if (slot == kNoRoom) return;
        Building& b = open(slot);
        b.column.numbers.back() = value;
        if (!b.column.codes.empty()) b.column.codes.back() = kMissing;
    }
    void setBoolean(std::uint32_t slot, bool value) override { addText(slot, value ? "true" : "false"); }
    void setText(std::uint32_t slot, std::string_view text) override {
        if (m_csv) {
            if (missingWord(text)) return;
            if (const auto infinity = infinityWord(text)) return setNumber(slot, *infinity);
        }
        addText(slot, text);
    }
    using RowSink::reject;
    void reject(std::string_view reason, std::string detail) override {
        if (!m_reason.empty()) return;
        m_reason = detail.empty() ? std::string(reason) : std::string(reason) + " (" + detail + ")";
    }
    void finishRow(const RowPlace& place, std::string_view) override {
        if (m_reason.empty()) {
            ++m_rows;
            m_set.clear();
            return;
        }
        unusable(place, m_reason);
        for (const std::uint32_t slot : m_set)
            undo(m_columns[slot].column);
        m_set.clear();
        m_reason.clear();
    }
    void unusable(const RowPlace& place, const std::string& reason) {
        if (m_unusable++ > 0) return;
        m_firstUnusable = (place.line == 0 ? "its end" : "line " + std::to_string(place.line)) + ": " + reason;
    }
    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (const Building& b : m_columns)
            sum += b.column.numbers.capacity() * sizeof(double) + b.column.codes.capacity() * sizeof(std::uint32_t) +
                   2 * b.textBytes;
        return sum;
    }

    FileTable finish() {
        FileTable out;
        out.rows = m_rows;
        out.unusable = m_unusable;
        out.firstUnusable = std::move(m_firstUnusable);
        for (Building& b : m_columns) {
            FileColumn& c = b.column;
            fill(c, m_rows);
            for (const double v : c.numbers)
                c.numberCount += v == v;
            for (const std::uint32_t code : c.codes) {
                c.textCount += code != kMissing;
                c.booleanCount += code < c.dictionary.size() && isBoolean(c.dictionary[code]);
            }
            out.columns.push_back(std::move(c));
        }
        return out;
    }

private:
    struct Building {
        FileColumn column;
        TextTable table;
        std::size_t textBytes = 0;
    };
    static bool isBoolean(std::string_view text) {
        return text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" ||
               text == "FALSE";
    }
    static void fill(FileColumn& c, std::uint64_t rows) {
        c.numbers.resize(rows, kNone);
        if (!c.codes.empty()) c.codes.resize(rows, kMissing);
    }
    /// The column with a place for the current row.
    Building& open(std::uint32_t slot) {
        Building& b = m_columns[slot];
        if (b.column.numbers.size() == m_rows + 1) return b;
        fill(b.column, m_rows + 1);
        m_set.push_back(slot);
        return b;
    }
    void undo(FileColumn& c) const {
        c.numbers.resize(m_rows);
        if (!c.codes.empty()) c.codes.resize(m_rows);
    }
    void addText(std::uint32_t slot, std::string_view text) {
        if (slot == kNoRoom) return;
        Building& b = open(slot);
        FileColumn& c = b.column;
        if (c.codes.empty()) c.codes.resize(m_rows + 1, kMissing);
        c.numbers.back() = kNone;
        c.codes.back() = codeOf(b, text);
    }
    std::uint32_t codeOf(Building& b, std::string_view text) {
        std::vector<std::string>& dictionary = b.column.dictionary;
        if (b.column.overflowed) {
            // Texts that are known keep their place; looking up must not add.
            return b.table.find(text, [&](std::uint32_t code) -> std::string_view { return dictionary[code]; })
                .value_or(static_cast<std::uint32_t>(dictionary.size() - 1));
        }
        const std::uint32_t code = b.table.codeOf(
            text, [&](std::uint32_t known) -> std::string_view { return dictionary[known]; },
            [&](std::string_view t) {
                dictionary.emplace_back(t);
                b.textBytes += t.size() + sizeof(std::string);
            });
        if (dictionary.size() >= kMostTexts || b.textBytes >= kMostTextBytes) {
            b.column.overflowed = true;
            dictionary.emplace_back("(other texts)");
        }
        return code;
    }

    bool m_csv;
    std::deque<Building> m_columns;
    std::unordered_map<std::string, std::uint32_t> m_names;
    std::vector<std::uint32_t> m_set;  ///< slots that the current row has a value in
    std::uint64_t m_rows = 0, m_unusable = 0;
    std::string m_reason, m_firstUnusable;
};

/// The names that the guess of a mapping takes for what tells rows apart.
std::vector<std::string> identifiersOf(RowFormat format, std::string_view sample) {
    const RowMapping guess = guessFromSample(format, sample);
    std::vector<std::string> out;
    for (const auto& [column, source] : guess.fields)
        if (column == ports::field::time || column == ports::field::requestId || column == ports::field::traceId ||
            column == ports::field::outcomeTime)
            out.push_back(source);
    return out;
}

/// A name that ends as those of CSV do: its first line need not hold a comma then.
bool namedCsv(std::string path) {
    for (const std::string_view packed : {".gz", ".zst", ".zstd"})
        if (path.ends_with(packed)) path.resize(path.size() - packed.size());
    return path.ends_with(".csv") || path.ends_with(".CSV");
}

class TableReader {
public:
    TableReader(const std::string& path, const CancellationToken& token) : m_path(path), m_token(token) {}

    Result<FileTable> read() {
        PH_ASSIGN(m_source, ByteSource::open(m_path));
        PH_ASSIGN(m_sample, readSample(*m_source, m_token));
        if (m_sample.empty()) return FileTable{m_path, RowFormat::Csv, 0, {}, 0, {}, {}};
        RowFormat format = RowFormat::Csv;
        if (auto guessed = guessFormat(m_sample, m_path))
            format = *guessed;
        else if (!namedCsv(m_path) || m_sample.find('\0') != m_sample.npos)
            return fail(std::move(guessed.error()));
        if (format == RowFormat::CloudEvents) return fail(Error::invalid("holds inference events; ingest it", m_path));
        TableCollector collector(format == RowFormat::Csv);
        PH_TRY(readRows(collector, format));
        FileTable out = collector.finish();
        out.path = m_path;
        out.format = format;
        out.identifiers = identifiersOf(format, m_sample);
        if (out.rows == 0 && out.unusable > 0)
            return fail(
                Error{ErrorKind::InvalidInput, "holds no row that can be used", out.firstUnusable, m_path, false});
        return out;
    }

private:
    Status readRows(TableCollector& collector, RowFormat format) {
        ChunkCutter cutter(format == RowFormat::Csv, RunningDigest(), {1, 0});
        JsonRowReader json;
        json.start(collector);
        std::optional<CsvRowReader> csv;
        std::size_t ahead = 0;
        for (bool end = false; !end;) {
            PH_TRY(m_token.check());
            std::size_t room = 0;
            char* const to = cutter.room(room);
            if (ahead < m_sample.size()) {
                const std::size_t step = std::min(room, m_sample.size() - ahead);
                std::copy_n(m_sample.data() + ahead, step, to);
                ahead += step;
                cutter.took(step);
            } else {
                PH_ASSIGN(const auto got, m_source->read(to, room));
                cutter.took(got.bytes);
                if (got.bytes == 0 && !got.idle) {
                    end = true;
                    if (cutter.finish()) collector.unusable({0, 0}, "the last line is not whole");
                }
            }
            if (format == RowFormat::Csv && !csv && cutter.any()) PH_TRY(startCsv(cutter, collector, csv));
            while (cutter.full() || (end && cutter.any())) {
                const auto chunk = cutter.take();
                for (const Quarantined& row : chunk->oversized)
                    collector.unusable(row.place, row.reason);
                for (const ChunkRow& row : chunk->rows) {
                    const std::string_view text(chunk->data.get() + row.from, row.bytes);
                    if (csv)
                        csv->read(row.place, text);
                    else
                        json.read(row.place, text);
                }
                if (collector.bytes() > kMostBytes)
                    return fail(ErrorKind::ResourceExhausted,
                                "holds more than 4 GiB of values; ingest it into a workspace instead", m_path);
            }
        }
        return {};
    }

    Status startCsv(ChunkCutter& cutter, TableCollector& collector, std::optional<CsvRowReader>& csv) const {
        PH_ASSIGN(const auto names, csvHeader(cutter.takeFirstRow(), m_path));
        std::unordered_set<std::string_view> known;
        for (const std::string& name : names)
            if (!known.insert(name).second)
                return fail(Error::invalid("the header names \"" + name + "\" twice", m_path + ":1"));
        csv.emplace(collector, names);
        return {};
    }

    const std::string& m_path;
    const CancellationToken& m_token;
    std::unique_ptr<ByteSource> m_source;
    std::string m_sample;
};

}  // namespace

Result<FileTable> readTable(const std::string& path, const CancellationToken& token) {
    return TableReader(path, token).read();
}

}  // namespace pilothouse::predictions
